// SPDX-License-Identifier: Apache-2.0

/** What each thing costs, beside its peers; and the table of it. */
module dev.memremap.benchmarks {
  requires dev.memremap;
  requires dev.memremap.cli;
  requires dev.memremap.conformance;
  requires dev.memremap.linux;
  requires dev.memremap.pager;
  requires dev.memremap.valkey;
  requires info.picocli;
  requires io.netty.common;
  requires jmh.core;
  requires lettuce.core;
  requires tools.jackson.databind;
  requires static org.jspecify;

  exports dev.memremap.benchmarks;
  exports dev.memremap.benchmarks.run;
  exports dev.memremap.benchmarks.version;

  opens dev.memremap.benchmarks.command to
      info.picocli;
}
