// SPDX-License-Identifier: Apache-2.0

/** The memremap command. */
module dev.memremap.cli {
  requires dev.memremap;
  requires java.logging;
  requires static org.jspecify;
  requires dev.memremap.conformance;
  requires dev.memremap.drawing;
  requires dev.memremap.linux;
  requires dev.memremap.pager;
  requires dev.memremap.reading;
  requires dev.memremap.scenario;
  requires dev.memremap.serve;
  requires info.picocli;
  requires me.tongfei.progressbar;
  requires tools.jackson.databind;

  exports dev.memremap.cli.json;
  exports dev.memremap.cli.terminal;

  opens dev.memremap.cli to
      info.picocli;
  opens dev.memremap.cli.terminal to
      info.picocli;
}
