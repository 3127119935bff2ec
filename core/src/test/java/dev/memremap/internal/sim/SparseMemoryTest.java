// SPDX-License-Identifier: Apache-2.0
package dev.memremap.internal.sim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.memremap.Seeds;
import dev.memremap.resource.PhysRange;
import dev.memremap.rule.Errno;
import dev.memremap.rule.MemremapException;
import dev.memremap.rule.Rule;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SparseMemoryTest {
  private static final long TIB = 1L << 40;
  private static final long AREA = 1L << 16;

  @TempDir Path directory;
  private final Arena arena = Arena.ofShared();
  private SparseMemory memory;

  @BeforeEach
  void open() {
    memory = SparseMemory.open(directory);
  }

  @AfterEach
  void close() {
    arena.close();
    memory.close();
  }

  private MemorySegment map(long start, long bytes) {
    return memory.map(PhysRange.of(start, bytes), arena);
  }

  @Test
  @DisplayName("two mappings of one range share their bytes, whatever their modes")
  void aliases() {
    MemorySegment one = map(0x10_0000, 0x2000);
    MemorySegment other = memory.map(new PhysRange(0x10_0000, 0x10_1fff), arena);
    assertThat(other.address()).isNotEqualTo(one.address());
    SimulatedAccess.store(one, 0x1ff8, 64, 0x1122334455667788L);
    assertThat(SimulatedAccess.load(other, 0x1ff8, 64)).isEqualTo(0x1122334455667788L);
    SimulatedAccess.store(other, 0, 8, 0x5a);
    assertThat(SimulatedAccess.load(one, 0, 8)).isEqualTo(0x5a);
  }

  @Test
  @DisplayName(
      "a mapping over earlier ones that lay far apart is contiguous and shares their bytes")
  void spansEarlierMappings() {
    MemorySegment high = map(5L << 30, 16);
    MemorySegment low = map(1L << 30, 16);
    SimulatedAccess.store(high, 0, 64, 5);
    SimulatedAccess.store(low, 0, 64, 1);
    MemorySegment both = map((1L << 30) - 4096, 6L << 30);
    assertThat(SimulatedAccess.load(both, 4096, 64)).isEqualTo(1);
    assertThat(SimulatedAccess.load(both, 4096 + (4L << 30), 64)).isEqualTo(5);
    assertThat(SimulatedAccess.load(both, 4096 + (2L << 30), 64)).isZero();
  }

  @Test
  @DisplayName("neither end need be aligned, and the segment has exactly the range's bytes")
  void unaligned() {
    MemorySegment whole = map(0x7000, 0x3000);
    for (long start : new long[] {0x7001, 0x7fff, 0x8000, 0x8ff9}) {
      for (long bytes : new long[] {1, 7, 0x1001}) {
        MemorySegment part = map(start, bytes);
        assertThat(part.byteSize()).isEqualTo(bytes);
        assertThat(part.address() & 4095).isEqualTo(start & 4095);
        part.fill((byte) start);
        assertThat(part.mismatch(whole.asSlice(start - 0x7000, bytes))).isEqualTo(-1);
      }
    }
  }

  @Test
  @DisplayName("mappings of random ranges read what was last stored at each address")
  void randomMappings() {
    long seed = Seeds.fresh();
    RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
    long[] places = {0, 0x1000, 0x1_0000_0000L, 3 * TIB, (1L << 42) - 0x3000};
    Map<Long, Byte> model = new HashMap<>();
    for (int round = 0; round < 400; round++) {
      long start = places[random.nextInt(places.length)] + random.nextInt(0x1800);
      int bytes = 1 + random.nextInt(0x1800);
      try (Arena brief = Arena.ofConfined()) {
        MemorySegment segment = memory.map(PhysRange.of(start, bytes), brief);
        for (int i = 0; i < 40; i++) {
          int at = random.nextInt(bytes);
          assertThat(segment.get(ValueLayout.JAVA_BYTE, at))
              .as("%s, round %d, address 0x%x", Seeds.option(seed), round, start + at)
              .isEqualTo(model.getOrDefault(start + at, (byte) 0));
          byte value = (byte) random.nextInt();
          segment.set(ValueLayout.JAVA_BYTE, at, value);
          model.put(start + at, value);
        }
      }
    }
  }

  @Test
  @DisplayName("16 TiB are mapped at once and take no room until they are touched")
  void manyTerabytes() throws Exception {
    assumeTrue(OpenFiles.known(), "skipped: this system has no /proc to find the files in");
    List<Path> others = OpenFiles.descriptors(MemoryDirectory.ofThisSystem());
    try (SparseMemory roomy = SparseMemory.open()) {
      long bytes = Math.min(16 * TIB, roomy.areaBytes());
      MemorySegment segment = roomy.map(PhysRange.of(0, bytes), arena);
      assertThat(segment.byteSize()).isEqualTo(bytes);
      for (long at = 0; at < bytes; at += bytes / 64) {
        SimulatedAccess.store(segment, at, 64, at + 1);
      }
      for (long at = 0; at < bytes; at += bytes / 64) {
        assertThat(SimulatedAccess.load(segment, at, 64)).isEqualTo(at + 1);
        assertThat(SimulatedAccess.load(segment, at + 8, 64)).isZero();
      }
      List<Path> own = new ArrayList<>(OpenFiles.descriptors(roomy.directory()));
      own.removeAll(others);
      assertThat(own).isNotEmpty();
      for (Path file : own) {
        // a page of each touch, or a huge one where the file system has such
        assertThat(OpenFiles.allocatedBytes(file)).isBetween(64L << 12, 64L << 21);
      }
    }
  }

  @Test
  @DisplayName("the last byte of every address width can be mapped, that of 2^64 included")
  void topOfTheAddressSpace() {
    for (int bits : new int[] {32, 40, 46, 52, 63, 64}) {
      long end = bits == 64 ? -1L : (1L << bits) - 1;
      MemorySegment segment = memory.map(new PhysRange(end - 15, end), arena);
      assertThat(segment.byteSize()).isEqualTo(16);
      SimulatedAccess.store(segment, 8, 64, bits);
      assertThat(SimulatedAccess.load(map(end - 7, 8), 0, 64)).isEqualTo(bits);
    }
  }

  @Test
  @DisplayName("LIB-2 a range that crosses from one file into the next is EFBIG, and says where")
  void crossesAreas() throws IOException {
    try (SparseMemory small = SparseMemory.open(directory, AREA)) {
      PhysRange crossing = new PhysRange(2 * AREA - 1, 2 * AREA);
      assertThatThrownBy(() -> small.map(crossing, arena))
          .isInstanceOfSatisfying(
              MemremapException.class,
              e -> {
                assertThat(e.errno()).isEqualTo(Errno.EFBIG);
                assertThat(e.rule()).isEqualTo(Rule.LIB_2);
              })
          .hasMessageStartingWith(
              "range 0x1ffff-0x20000 crosses 0x20000: a file in "
                  + directory
                  + " holds 64 KiB of simulated memory, no more; set -Ddev.memremap.dir to a"
                  + " directory on a tmpfs with room, such as /dev/shm");
      for (PhysRange range :
          new PhysRange[] {new PhysRange(0, -1L), new PhysRange(-AREA - 1, -1L)}) {
        assertThatThrownBy(() -> small.map(range, arena))
            .isInstanceOfSatisfying(
                MemremapException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EFBIG));
      }
    }
  }

  @Test
  @DisplayName("each area has bytes of its own, up to its last one")
  void areas() {
    try (SparseMemory small = SparseMemory.open(directory, AREA)) {
      for (int area = 0; area < 4; area++) {
        PhysRange whole = PhysRange.of(area * AREA, AREA);
        MemorySegment segment = small.map(whole, arena);
        assertThat(SimulatedAccess.load(segment, AREA - 8, 64)).isZero();
        SimulatedAccess.store(segment, AREA - 8, 64, area + 1);
      }
      for (int area = 0; area < 4; area++) {
        long end = area * AREA + AREA - 1;
        MemorySegment segment = small.map(new PhysRange(end - 7, end), arena);
        assertThat(SimulatedAccess.load(segment, 0, 64)).isEqualTo(area + 1);
      }
    }
  }

  @Test
  @DisplayName("a span that is not a power of two of whole pages is refused")
  void oddSpans() {
    for (long span : new long[] {0, 2048, AREA + 4096, -AREA, Long.MIN_VALUE}) {
      assertThatThrownBy(() -> SparseMemory.open(directory, span))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("power of two");
    }
  }

  @Test
  @DisplayName("mappings outlive their memory, and a closed memory maps nothing")
  void closing() {
    MemorySegment segment = map(0x1000, 0x1000);
    SimulatedAccess.store(segment, 0, 64, 7);
    memory.close();
    memory.close();
    assertThat(SimulatedAccess.load(segment, 0, 64)).isEqualTo(7);
    SimulatedAccess.store(segment, 0xff8, 64, 8);
    assertThatThrownBy(() -> map(0x1000, 0x1000))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("this simulated memory is closed");
  }

  @Test
  @DisplayName("a thread that maps while the memory is closed is told so, and nothing else")
  void closingBesideMapping() throws InterruptedException {
    for (int round = 0; round < 50; round++) {
      SparseMemory closing = SparseMemory.open(directory);
      AtomicReference<@Nullable Throwable> end = new AtomicReference<>();
      CountDownLatch started = new CountDownLatch(1);
      Thread mapper =
          Thread.ofPlatform()
              .start(
                  () -> {
                    try {
                      while (true) {
                        try (Arena brief = Arena.ofConfined()) {
                          closing.map(PhysRange.of(0, 8), brief);
                        }
                        started.countDown();
                      }
                    } catch (Throwable e) {
                      end.set(e);
                      started.countDown();
                    }
                  });
      started.await();
      closing.close();
      mapper.join();
      assertThat(end.get())
          .isExactlyInstanceOf(IllegalStateException.class)
          .hasMessage("this simulated memory is closed");
    }
  }

  @Test
  @DisplayName("memory of two machines is not shared")
  void machinesAreApart() {
    try (SparseMemory other = SparseMemory.open(directory)) {
      SimulatedAccess.store(map(0, 8), 0, 64, 1);
      MemorySegment segment = other.map(new PhysRange(0, 7), arena);
      assertThat(SimulatedAccess.load(segment, 0, 64)).isZero();
    }
  }
}
