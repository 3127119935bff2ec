// SPDX-License-Identifier: Apache-2.0
package dev.memremap.internal.sim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.memremap.resource.PhysRange;
import dev.memremap.rule.Errno;
import dev.memremap.rule.MemremapException;
import dev.memremap.rule.Rule;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What simulated memory leaves in the file system and in the process: nothing. */
class SparseMemoryLeakTest {
  private static final PhysRange PAGE = new PhysRange(0x1000, 0x1fff);

  @TempDir Path directory;

  @BeforeEach
  void needProc() {
    Assumptions.assumeTrue(
        OpenFiles.known(), "skipped: this system has no /proc to count open files and mappings in");
  }

  @Test
  @DisplayName("the files have no name, and their owner alone may read them")
  void unlinked() throws IOException {
    try (SparseMemory memory = SparseMemory.open(directory, 1 << 16);
        Arena arena = Arena.ofShared()) {
      memory.map(PAGE, arena);
      memory.map(new PhysRange(1 << 20, (1 << 20) + 1), arena);
      assertThat(directory).isEmptyDirectory();
      assertThat(OpenFiles.descriptors(directory))
          .isNotEmpty()
          .allSatisfy(
              file ->
                  assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                      .isEqualTo("rw-------"));
    }
    assertThat(OpenFiles.descriptors(directory)).isEmpty();
    assertThat(OpenFiles.mappings(directory)).isZero();
  }

  @Test
  @DisplayName("mappings opened and closed leave no descriptor and no mapping")
  void manyMappings() throws IOException {
    try (SparseMemory memory = SparseMemory.open(directory)) {
      int before = OpenFiles.descriptors(directory).size();
      for (int i = 0; i < 1000; i++) {
        try (Arena arena = Arena.ofConfined()) {
          memory.map(PAGE, arena);
          if (i % 250 == 0) {
            assertThat(OpenFiles.mappings(directory)).isEqualTo(1);
          }
        }
      }
      assertThat(OpenFiles.descriptors(directory)).hasSize(before);
      assertThat(OpenFiles.mappings(directory)).isZero();
    }
    assertThat(OpenFiles.descriptors(directory)).isEmpty();
  }

  @Test
  @DisplayName("LIB-2 a mapping without address space is ENOMEM, and leaves nothing")
  void noAddressSpace() throws IOException {
    try (SparseMemory memory = SparseMemory.open(directory);
        Arena arena = Arena.ofShared()) {
      List<MemorySegment> filled = new ArrayList<>();
      // Half of the largest user address space in each step, or as much as a file can hold.
      PhysRange large = new PhysRange(0, Math.min(1L << 47, memory.areaBytes()) - 1);
      assertThatThrownBy(
              () -> {
                while (true) {
                  filled.add(memory.map(large, arena));
                }
              })
          .isInstanceOfSatisfying(
              MemremapException.class,
              e -> {
                assertThat(e.errno()).isEqualTo(Errno.ENOMEM);
                assertThat(e.rule()).isEqualTo(Rule.LIB_2);
              })
          .hasMessageContaining("TiB) cannot be mapped")
          .hasMessageContaining("vm.max_map_count")
          .hasMessageContaining("unmap something, or map less");
      if (filled.isEmpty()) {
        assertThat(OpenFiles.mappings(directory)).isZero();
      } else {
        // Neighbours in the address space that continue each other's file would be one mapping.
        assertThat(OpenFiles.mappings(directory)).isEqualTo(filled.size());
      }
    }
    assertThat(OpenFiles.mappings(directory)).isZero();
  }

  @Test
  @DisplayName("a map into a closed arena, or across files, leaves nothing")
  void failedMaps() throws IOException {
    try (SparseMemory memory = SparseMemory.open(directory, 1 << 16)) {
      Arena arena = Arena.ofShared();
      assertThatThrownBy(() -> memory.map(new PhysRange(0, 1 << 16), arena))
          .isInstanceOf(MemremapException.class);
      arena.close();
      assertThatThrownBy(() -> memory.map(PAGE, arena)).isInstanceOf(IllegalStateException.class);
      assertThat(OpenFiles.mappings(directory)).isZero();
    }
  }

  @Test
  @DisplayName("LIB-2 a directory that went away stops new areas, in a sentence, and no old one")
  void removedDirectory() throws IOException {
    Path removed = Files.createDirectory(directory.resolve("removed"));
    try (SparseMemory memory = SparseMemory.open(removed, 1 << 16);
        Arena arena = Arena.ofShared()) {
      Files.delete(removed);
      assertThatThrownBy(() -> memory.map(new PhysRange(1 << 16, 1 << 16), arena))
          .isInstanceOfSatisfying(
              MemremapException.class, e -> assertThat(e.errno()).isEqualTo(Errno.ENOENT))
          .hasMessageStartingWith(
              "no file for simulated memory can be made in "
                  + removed
                  + ": no such file or folder; set -Ddev.memremap.dir");
      SimulatedAccess.store(memory.map(PAGE, arena), 0, 64, 4);
      assertThat(SimulatedAccess.load(memory.map(PAGE, arena), 0, 64)).isEqualTo(4);
    }
  }

  @Test
  @DisplayName("an interrupted thread maps, stays interrupted, and loses no byte of anyone")
  void interrupted() throws IOException {
    try (SparseMemory memory = SparseMemory.open(directory);
        Arena arena = Arena.ofShared()) {
      SimulatedAccess.store(memory.map(PAGE, arena), 0, 64, 21);
      Thread.currentThread().interrupt();
      MemorySegment segment = memory.map(PAGE, arena);
      assertThat(Thread.interrupted()).isTrue();
      assertThat(SimulatedAccess.load(segment, 0, 64)).isEqualTo(21);
    }
  }

  @Test
  @DisplayName("interrupts in the midst of mapping lose no byte and leak no descriptor")
  void interruptStorm() throws Exception {
    try (SparseMemory memory = SparseMemory.open(directory);
        Arena arena = Arena.ofShared()) {
      SimulatedAccess.store(memory.map(PAGE, arena), 0, 64, 42);
      AtomicInteger good = new AtomicInteger();
      int rounds = 2000;
      Runnable mapper =
          () -> {
            for (int i = 0; i < rounds; i++) {
              try (Arena brief = Arena.ofConfined()) {
                if (SimulatedAccess.load(memory.map(PAGE, brief), 0, 64) == 42) {
                  good.incrementAndGet();
                }
              }
              var unused = Thread.interrupted();
            }
          };
      Thread one = Thread.ofPlatform().start(mapper);
      Thread two = Thread.ofPlatform().start(mapper);
      while (one.isAlive() || two.isAlive()) {
        one.interrupt();
        two.interrupt();
        Thread.sleep(0, 50_000);
      }
      assertThat(good).hasValue(2 * rounds);
      // The anchor, and the mapper unless the last interrupt closed it.
      assertThat(OpenFiles.descriptors(directory)).hasSizeBetween(1, 2);
    }
    assertThat(OpenFiles.descriptors(directory)).isEmpty();
  }
}
