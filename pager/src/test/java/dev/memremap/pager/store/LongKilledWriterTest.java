// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager.store;

import dev.memremap.Seeds;
import java.nio.file.Path;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@link KilledWriterTest} and {@link PowerCutTest} do, at length. */
@Tag("thorough")
class LongKilledWriterTest {
  private static final int ROUNDS = 200;
  private static final int HISTORIES = 30_000;

  @TempDir private Path folder;

  @Test
  @DisplayName(
      "two hundred processes are killed at any moment: each page is the last that was written")
  void nothingIsLost() {
    Seeds.checkFresh(
        random -> {
          Kills kills = new Kills(folder.resolve("store"), random);
          for (int round = 0; round < ROUNDS; round++) {
            kills.round();
          }
        });
  }

  @Test
  @DisplayName("thirty thousand histories of crashes, other ones in each run: each promise is kept")
  void histories() {
    long first = Seeds.fresh();
    for (long seed = first; seed < first + HISTORIES; seed++) {
      Seeds.check(
          seed, random -> Histories.check(random, Histories.Crashes.BOTH, SimulatedFile::new));
    }
  }
}
