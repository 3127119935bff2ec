// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli;

import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What reading and writing share: where, how wide, and through which mapping. */
final class AccessOptions {
  @Mixin MachineOption machine = new MachineOption();

  @Option(
      names = {"-w", "--width"},
      paramLabel = "BITS",
      defaultValue = "32",
      description = "8, 16, 32 or 64; numbers are little-endian. Default: ${DEFAULT-VALUE}.")
  private int width = 32;

  @Option(
      names = "--mode",
      paramLabel = "FLAGS",
      defaultValue = "WB|WT|WC",
      converter = Words.Flags.class,
      description =
          "The mapping types that may serve, tried in the order WB, WT, WC. Default: ${DEFAULT-VALUE}.")
  long flags = 7;

  int widthBits() {
    if (width != 8 && width != 16 && width != 32 && width != 64) {
      throw new IllegalArgumentException(
          "--width %d: a word has 8, 16, 32 or 64 bits".formatted(width));
    }
    return width;
  }

  int widthBytes() {
    return widthBits() / Byte.SIZE;
  }
}
