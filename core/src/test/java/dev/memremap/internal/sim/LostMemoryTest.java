// SPDX-License-Identifier: Apache-2.0
package dev.memremap.internal.sim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memremap.rule.Errno;
import dev.memremap.rule.MemremapException;
import dev.memremap.spi.SegmentAccess;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * Accesses to memory that went away under its mapping, often enough for C2 to compile and inline
 * them, and to replace the loops while they run. Without the poll in {@link SegmentAccess} an
 * InternalError leaves these tests from somewhere after some thousand rounds.
 */
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "a mapped file cannot be cut short there")
class LostMemoryTest {
  private static final int PAGES = 1024;
  private static final int ROUNDS = 60_000;

  @TempDir Path directory;
  private final Arena arena = Arena.ofShared();
  private final MemorySegment kept = arena.allocate(PAGES);
  private MemorySegment lost;

  @BeforeEach
  void cutTheFileShort() throws IOException {
    try (FileChannel file =
        FileChannel.open(
            directory.resolve("raw"),
            StandardOpenOption.CREATE_NEW,
            StandardOpenOption.READ,
            StandardOpenOption.WRITE)) {
      lost = file.map(MapMode.READ_WRITE, 0, PAGES * 4096L, arena);
      file.truncate(0);
    }
  }

  @AfterEach
  void closeArena() {
    arena.close();
  }

  @Test
  @DisplayName("LIB-2 every load and store of lost memory is ENOSPC, before it returns")
  void scalars() {
    int faults = 0;
    for (int i = 0; i < ROUNDS; i++) {
      SimulatedAccess.store(kept, i % PAGES, 8, i);
      long page = 4096L * (i % PAGES);
      faults += (i & 1) == 0 ? storeFaults(lost, page, 8 << (i & 3)) : loadFaults(lost, page);
    }
    assertThat(faults).isEqualTo(ROUNDS);
  }

  private static int storeFaults(MemorySegment segment, long offset, int width) {
    try {
      SimulatedAccess.store(segment, offset, width, 1);
      return 0;
    } catch (MemremapException e) {
      return e.errno() == Errno.ENOSPC ? 1 : 0;
    }
  }

  private static int loadFaults(MemorySegment segment, long offset) {
    try {
      return SimulatedAccess.load(segment, offset, 64) == 0 ? 0 : -1;
    } catch (MemremapException e) {
      return e.errno() == Errno.ENOSPC ? 1 : 0;
    }
  }

  @Test
  @DisplayName("LIB-2 every copy from or to lost memory is ENOSPC, before it returns")
  void copies() {
    MemorySegment heap = MemorySegment.ofArray(new byte[PAGES]);
    int faults = 0;
    for (int i = 0; i < ROUNDS; i++) {
      MemorySegment other = (i & 2) == 0 ? heap : kept;
      long page = 4096L * (i % PAGES);
      int bytes = 1 + i % PAGES;
      faults +=
          (i & 1) == 0
              ? copyFaults(other, 0, lost, page, bytes)
              : copyFaults(lost, page, other, 0, bytes);
    }
    assertThat(faults).isEqualTo(ROUNDS);
  }

  private static int copyFaults(
      MemorySegment from, long fromOffset, MemorySegment to, long toOffset, long bytes) {
    try {
      SimulatedAccess.copy(from, fromOffset, to, toOffset, bytes);
      return 0;
    } catch (MemremapException e) {
      return e.errno() == Errno.ENOSPC ? 1 : 0;
    }
  }
}
