// SPDX-License-Identifier: Apache-2.0

/** The memremap command. */
module dev.memremap.cli {
  requires dev.memremap;
  requires static org.jspecify;
  requires dev.memremap.linux;
  requires dev.memremap.scenario;
  requires info.picocli;
  requires tools.jackson.databind;

  opens dev.memremap.cli to
      info.picocli;
}
