// SPDX-License-Identifier: Apache-2.0
package dev.memremap.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Path;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PeerFileTest {
  @TempDir private Path folder;

  @Test
  @DisplayName("a peer's file has no name while it is open, and is mapped as any other")
  void nameless() throws IOException {
    try (Arena arena = Arena.ofConfined();
        FileChannel file = PeerFile.open(folder)) {
      assertThat(folder).isEmptyDirectory();
      MemorySegment written = file.map(MapMode.READ_WRITE, 0, 4096, arena);
      MemorySegment read = file.map(MapMode.READ_WRITE, 0, 4096, arena);
      written.set(ValueLayout.JAVA_LONG, 8, 42);
      assertThat(read.get(ValueLayout.JAVA_LONG, 8)).isEqualTo(42);
    }
    assertThat(folder).isEmptyDirectory();
  }
}
