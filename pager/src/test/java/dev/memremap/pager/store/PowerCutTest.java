// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager.store;

import dev.memremap.Seeds;
import dev.memremap.pager.store.Histories.Crashes;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is left of a store after a crash at any moment. */
class PowerCutTest {
  @ParameterizedTest(name = "{0}, {1} histories")
  @CsvSource({"POWER_CUTS, 1500", "KILLS, 1500", "BOTH, 1500"})
  @DisplayName(
      "each page is whole: as new as at the last flush after a power cut, as last written after a kill")
  void promisesAreKept(Crashes crashes, int histories) {
    Seeds.check(histories, random -> Histories.check(random, crashes, SimulatedFile::new));
  }
}
