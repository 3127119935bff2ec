// SPDX-License-Identifier: Apache-2.0
package dev.memremap;

import java.nio.file.Path;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Calls of a device at the end of the heap. */
@Tag("thorough")
class EndOfHeapOfDevicesTest {
  @ParameterizedTest
  @EnumSource
  @DisplayName("a call that finds no room has changed nothing, or can be ended by another")
  void nothingHalfDone(HalfDoneDeviceCall call, @TempDir Path folder) throws Exception {
    EndOfHeap.checkWhole(call, folder);
  }
}
