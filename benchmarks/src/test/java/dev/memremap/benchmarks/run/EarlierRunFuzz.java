// SPDX-License-Identifier: Apache-2.0
package dev.memremap.benchmarks.run;

import dev.memremap.benchmarks.Comparison;
import dev.memremap.benchmarks.Goals;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Jazzer's target for the JSON of an earlier bench. */
public final class EarlierRunFuzz {
  private EarlierRunFuzz() {}

  /** Reads the bytes as {@code bench --from} does; a refusal is an answer. */
  public static void fuzzerTestOneInput(byte[] input) throws IOException {
    Path file = Files.createTempFile("memremap-fuzz", ".json");
    try {
      Files.write(file, input);
      List<Comparison> all = Goals.all();
      EarlierRun.read(all, all, List.of(file));
    } catch (IllegalArgumentException | UncheckedIOException refused) {
      if (String.valueOf(refused.getMessage()).isBlank()) {
        throw new AssertionError("a refusal without a sentence", refused);
      }
    } finally {
      Files.delete(file);
    }
  }
}
