// SPDX-License-Identifier: Apache-2.0
package dev.memremap;

import java.nio.file.Path;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Calls of a machine at the end of the heap. */
@Tag("thorough")
class EndOfHeapTest {
  @ParameterizedTest
  @EnumSource(
      mode = EnumSource.Mode.EXCLUDE,
      names = {"GET", "LOOKUP", "LAST_PUT", "HOLD_CLOSE", "LAST_HOLD_CLOSE", "MIGRATE_TO_RAM"})
  @DisplayName("a call that finds no room has changed nothing, or can be ended by another")
  void nothingHalfDone(HalfDoneMachineCall call, @TempDir Path folder) throws Exception {
    EndOfHeap.checkWhole(call, folder);
  }

  @ParameterizedTest
  @EnumSource(
      names = {"GET", "LOOKUP", "LAST_PUT", "HOLD_CLOSE", "LAST_HOLD_CLOSE", "MIGRATE_TO_RAM"})
  @DisplayName("references are taken and put without room in the heap")
  void needsNoRoom(HalfDoneMachineCall call, @TempDir Path folder) throws Exception {
    EndOfHeap.checkNeedsNoRoom(call, folder);
  }
}
