// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli;

import java.nio.charset.StandardCharsets;
import picocli.CommandLine.ParameterException;

/** Jazzer's target for the command's arguments: the bytes, one word a line. Nothing is run. */
public final class ArgumentsFuzz {
  private ArgumentsFuzz() {}

  /** Reads the words as the command does; a refusal is an answer. */
  public static void fuzzerTestOneInput(byte[] input) {
    String[] words = new String(input, StandardCharsets.UTF_8).split("\n", -1);
    try {
      MemremapCommand.commandLine(words).parseArgs(words);
    } catch (ParameterException refused) {
      if (String.valueOf(refused.getMessage()).isBlank()) {
        throw new AssertionError("a refusal without a sentence", refused);
      }
    }
  }
}
