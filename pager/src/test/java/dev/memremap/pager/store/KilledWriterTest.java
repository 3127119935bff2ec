// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memremap.Seeds;
import java.nio.file.Path;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Processes that are killed while they write to a real file. */
class KilledWriterTest {
  private static final int ROUNDS = 10;

  @TempDir private Path folder;

  @Test
  @DisplayName("ten processes are killed at any moment: each page is the last that was written")
  void nothingIsLost() {
    Seeds.checkFresh(
        random -> {
          Kills kills = new Kills(folder.resolve("store"), random);
          int writes = 0;
          for (int round = 0; round < ROUNDS; round++) {
            writes += kills.round();
          }
          assertThat(writes).isPositive();
        });
  }
}
