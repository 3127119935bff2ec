// SPDX-License-Identifier: Apache-2.0
package dev.memremap.internal.sim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.memremap.cache.CacheMode;
import dev.memremap.internal.crypt.TransformedView;
import dev.memremap.internal.crypt.XtsCipher;
import dev.memremap.resource.PhysRange;
import dev.memremap.rule.Errno;
import dev.memremap.rule.MemremapException;
import dev.memremap.rule.Rule;
import dev.memremap.spi.MappedBytes;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a file system without room does to simulated memory, on one that is really full. */
class FullFileSystemTest {
  private static final long BYTES = 1L << 40;

  @TempDir Path parent;

  @Test
  @DisplayName(
      "LIB-2 a load, a store and a copy without room are ENOSPC, and succeed after room is made")
  void everyAccess() throws Exception {
    try (SmallTmpfs tmpfs = SmallTmpfs.mount(parent, "");
        SparseMemory memory = SparseMemory.open(tmpfs.directory());
        Arena arena = Arena.ofShared()) {
      MemorySegment segment = map(memory, 0, arena);
      Path filler = tmpfs.fill();
      byte[] bytes = {1, 2, 3, 4, 5, 6, 7, 8};
      MemorySegment heap = MemorySegment.ofArray(bytes);
      assertNoSpace(() -> SimulatedAccess.store(segment, 0x5000, 64, 1));
      assertNoSpace(() -> SimulatedAccess.load(segment, 0x6000, 8));
      assertNoSpace(() -> SimulatedAccess.copy(heap, 0, segment, 0x7000, 8));
      assertNoSpace(() -> SimulatedAccess.copy(segment, 0x8000, heap, 0, 8));

      Files.delete(filler);
      SimulatedAccess.store(segment, 0x5000, 64, 0x55);
      SimulatedAccess.copy(MemorySegment.ofArray(new byte[] {9}), 0, segment, 0x7000, 1);
      assertThat(SimulatedAccess.load(segment, 0x5000, 64)).isEqualTo(0x55);
      assertThat(SimulatedAccess.load(segment, 0x6000, 8)).isZero();
      assertThat(SimulatedAccess.load(segment, 0x7000, 8)).isEqualTo(9);
    }
  }

  @Test
  @DisplayName("LIB-2 a view of memory without room is ENOSPC")
  void viewWithoutRoom() throws Exception {
    try (SmallTmpfs tmpfs = SmallTmpfs.mount(parent, "");
        SparseMemory memory = SparseMemory.open(tmpfs.directory());
        Arena arena = Arena.ofShared()) {
      PhysRange range = new PhysRange(0x1000, 0x2fff);
      MemorySegment raw = memory.map(range, arena);
      tmpfs.fill();
      assertNoSpace(
          () ->
              TransformedView.open(
                  new MappedBytes(raw, CacheMode.WB, SimulatedBacking.INSTANCE),
                  range,
                  TransformedView.Direction.PLAIN_MEMORY_SEEN_ENCRYPTED,
                  address -> true,
                  XtsCipher.withRandomKey(),
                  arena));
    }
  }

  @Test
  @DisplayName("LIB-2 no room for another area's file is ENOSPC, and the first area stays usable")
  void noRoomForAFile() throws Exception {
    // The root directory and one file are all the inodes there are; an unlinked file keeps its own.
    try (SmallTmpfs tmpfs = SmallTmpfs.mount(parent, "nr_inodes=2");
        SparseMemory memory = SparseMemory.open(tmpfs.directory(), 1 << 20);
        Arena arena = Arena.ofShared()) {
      assertNoSpace(() -> memory.map(new PhysRange(1 << 20, (1 << 20) + 1), arena));
      MemorySegment segment = memory.map(new PhysRange(0, 7), arena);
      SimulatedAccess.store(segment, 0, 64, 3);
      assertThat(SimulatedAccess.load(segment, 0, 64)).isEqualTo(3);
    }
  }

  @Test
  @DisplayName("a /dev/shm without 1 GiB free is not chosen")
  void smallSharedMemory() throws Exception {
    try (SmallTmpfs tmpfs = SmallTmpfs.mount(parent, "")) {
      assertThat(MemoryDirectory.choose(null, tmpfs.directory(), "/elsewhere"))
          .isEqualTo(Path.of("/elsewhere"));
    }
  }

  private static MemorySegment map(SparseMemory memory, long start, Arena arena) {
    return memory.map(PhysRange.of(start, BYTES), arena);
  }

  private static void assertNoSpace(ThrowingCallable access) {
    assertThatThrownBy(access)
        .isInstanceOfSatisfying(
            MemremapException.class,
            e -> {
              assertThat(e.errno()).isEqualTo(Errno.ENOSPC);
              assertThat(e.rule()).isEqualTo(Rule.LIB_2);
              assertThat(e).hasMessageContaining("-Ddev.memremap.dir");
            });
  }
}
