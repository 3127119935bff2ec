// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is asked of this computer's files. */
class NativeFileTest {
  private static final int PAGE = 4096;
  @TempDir private Path folder;

  @Test
  @DisplayName("It tells what is in memory from what was never read, and brings that there")
  void inMemory() throws Exception {
    StoreFile file = NativeFile.FILES.open(folder.resolve("file"), StoreFiles.Mode.CREATE);
    try (Arena arena = Arena.ofConfined()) {
      file.resize(64 * PAGE);
      file.write(0, arena.allocate(32 * PAGE, PAGE).fill((byte) 1));
      MemorySegment all = file.map(64 * PAGE, arena);
      assertThat(NativeFile.isInMemory(all.asSlice(0, 32 * PAGE))).isTrue();
      assertThat(NativeFile.isInMemory(all)).isFalse();
      assertThat(NativeFile.isInMemory(all.asSlice(32 * PAGE))).isFalse();
      assertThat(file.populate(all)).isTrue();
      assertThat(NativeFile.isInMemory(all)).isTrue();
    } finally {
      file.close();
    }
  }
}
