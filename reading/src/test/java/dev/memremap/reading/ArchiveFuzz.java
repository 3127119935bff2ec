// SPDX-License-Identifier: Apache-2.0
package dev.memremap.reading;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Jazzer's target for what packs a map: gzip, xz and tar. */
public final class ArchiveFuzz {
  private ArchiveFuzz() {}

  /** Reads the bytes as a file that {@code -m} names; a refusal is an answer. */
  public static void fuzzerTestOneInput(byte[] input) throws IOException {
    Path file = Files.createTempFile("memremap-fuzz", "");
    try {
      Files.write(file, input);
      MachineReader.of(file).read();
    } catch (IllegalArgumentException | UncheckedIOException refused) {
      if (String.valueOf(refused.getMessage()).isBlank()) {
        throw new AssertionError("a refusal without a sentence", refused);
      }
    } finally {
      Files.delete(file);
    }
  }
}
