// SPDX-License-Identifier: Apache-2.0

/** Memory larger than this computer, whose pages live in a store. */
@SuppressWarnings("module") // the command's is built after this one
module dev.memremap.pager {
  requires transitive dev.memremap;
  requires jdk.jfr;
  requires static HdrHistogram;
  requires static micrometer.core;
  requires static org.jspecify;

  exports dev.memremap.pager;
  exports dev.memremap.pager.store;

  // for stores that call the C library
  exports dev.memremap.pager.internal.libc to
      dev.memremap.valkey;

  // for the command, which looks at memories of other processes, and for what is measured beside
  exports dev.memremap.pager.internal.link to
      dev.memremap.cli;
  exports dev.memremap.pager.internal.process to
      dev.memremap.benchmarks,
      dev.memremap.cli;
  exports dev.memremap.pager.internal.state to
      dev.memremap.benchmarks,
      dev.memremap.cli;
  exports dev.memremap.pager.internal.sys to
      dev.memremap.benchmarks,
      dev.memremap.cli;

  uses dev.memremap.pager.store.StoreScheme;

  provides dev.memremap.pager.store.StoreScheme with
      dev.memremap.pager.store.FileScheme;
}
