// SPDX-License-Identifier: Apache-2.0

/** Pages of a remote memory in Valkey or Redis. */
module dev.memremap.valkey {
  requires transitive dev.memremap.pager;
  requires java.logging;
  requires io.netty.buffer;
  requires io.netty.common;
  requires io.netty.handler;
  requires io.netty.transport;
  requires lettuce.core;
  requires static org.jspecify;

  exports dev.memremap.valkey;

  provides dev.memremap.pager.store.StoreScheme with
      dev.memremap.valkey.ValkeyScheme;
}
