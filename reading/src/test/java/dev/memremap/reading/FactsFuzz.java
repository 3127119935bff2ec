// SPDX-License-Identifier: Apache-2.0
package dev.memremap.reading;

import dev.memremap.machine.MachineDescription;
import java.util.Optional;

/**
 * Jazzer's target for the files that state facts: cpuinfo, mtrr, memory type list, lspci. The first
 * byte chooses which of them the others are.
 */
public final class FactsFuzz {
  private static final MachineDescription MACHINE =
      MachineDescription.parse("00001000-0009ffff : System RAM\n00100000-7fffffff : System RAM\n");

  private FactsFuzz() {}

  /** Reads the bytes as such a file; a refusal is an answer. */
  public static void fuzzerTestOneInput(byte[] input) {
    if (input.length == 0) {
      return;
    }
    FactFile[] kinds = FactFile.values();
    FactFile kind = kinds[(input[0] & 0xff) % kinds.length];
    byte[] rest = java.util.Arrays.copyOfRange(input, 1, input.length);
    FileText file = FileText.of("fuzz", rest);
    try {
      switch (kind) {
        case LSPCI -> LspciList.bars(file).forEach(Object::toString);
        case DMESG -> E820Log.in(file).ifPresent(E820Log::memory);
        case CPUINFO, MTRR, PAT ->
            MACHINE
                .withTables(
                    path ->
                        path.equals(kind.path())
                            ? Optional.of(TableText.of(kind, file.text()))
                            : Optional.empty())
                .toText();
      }
    } catch (IllegalArgumentException refused) {
      if (String.valueOf(refused.getMessage()).isBlank()) {
        throw new AssertionError("a refusal without a sentence", refused);
      }
    }
  }
}
