// SPDX-License-Identifier: Apache-2.0
package dev.memremap.internal.crypt;

import static dev.memremap.internal.crypt.TransformedView.Direction.ENCRYPTED_MEMORY_SEEN_PLAIN;
import static dev.memremap.internal.crypt.TransformedView.Direction.PLAIN_MEMORY_SEEN_ENCRYPTED;
import static org.assertj.core.api.Assertions.assertThat;

import dev.memremap.Seeds;
import dev.memremap.cache.CacheMode;
import dev.memremap.internal.crypt.TransformedView.Direction;
import dev.memremap.internal.sim.SimulatedBacking;
import dev.memremap.resource.PhysRange;
import dev.memremap.spi.MappedBytes;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.function.LongPredicate;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A view against a model that transforms block by block. */
class TransformedViewTest {
  private static final long START = 0x1_2345_6780L;
  private static final long SEED = Seeds.fresh();

  private final Arena arena = Arena.ofShared();
  private RandomGenerator random;
  private XtsCipher cipher;
  private byte[] memory;
  private MemorySegment raw;

  /** Three pages and more of random memory, its blocks whole. */
  @BeforeEach
  void fillMemory() {
    random = RandomGeneratorFactory.of("L64X128MixRandom").create(SEED);
    byte[] key = new byte[32];
    random.nextBytes(key);
    cipher = XtsCipher.withKey(key);
    memory = new byte[3 * 4096 + 64];
    random.nextBytes(memory);
    raw = MemorySegment.ofArray(memory);
  }

  @AfterEach
  void closeArena() {
    arena.close();
  }

  private static MappedBytes mapped(MemorySegment raw) {
    return new MappedBytes(raw, CacheMode.WB, SimulatedBacking.INSTANCE);
  }

  private PhysRange all() {
    return PhysRange.of(START, memory.length);
  }

  private TransformedView view(Direction direction) {
    return view(direction, address -> true);
  }

  private TransformedView view(Direction direction, LongPredicate transformed) {
    return TransformedView.open(mapped(raw), all(), direction, transformed, cipher, arena);
  }

  private byte[] seen(Direction direction, long address, byte[] bytes) {
    return direction == ENCRYPTED_MEMORY_SEEN_PLAIN
        ? cipher.encrypt(address, bytes)
        : cipher.decrypt(address, bytes);
  }

  private static byte[] bytes(MemorySegment segment) {
    return segment.toArray(ValueLayout.JAVA_BYTE);
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("the reader sees the transformed bytes, and memory stays as it was")
  void reads(Direction direction) {
    byte[] before = memory.clone();
    TransformedView view = view(direction);
    assertThat(bytes(view.segment())).isEqualTo(seen(direction, START, before));
    view.force();
    assertThat(memory).isEqualTo(before);
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("what is stored through the view is read back through another view after force")
  void writes(Direction direction) {
    TransformedView view = view(direction);
    byte[] expected = bytes(view.segment());
    for (int at : new int[] {0, 17, 4095 - 0x780, 4096 - 0x780, 8000, memory.length - 1}) {
      view.segment().set(ValueLayout.JAVA_BYTE, at, (byte) (expected[at] + 1));
      expected[at]++;
    }
    byte[] before = memory.clone();
    assertThat(bytes(view(direction).segment())).isNotEqualTo(expected);
    assertThat(memory).as("nothing is written before force").isEqualTo(before);
    view.force();
    assertThat(bytes(view(direction).segment())).isEqualTo(expected);
    assertThat(seen(direction, START, memory)).isEqualTo(expected);
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("only changed blocks are written: a change of another block meanwhile survives")
  void writesOnlyChangedBlocks(Direction direction) {
    TransformedView view = view(direction);
    MemorySegment segment = view.segment();
    // The first block is changed in both, the next in memory alone, on both sides of it.
    segment.set(ValueLayout.JAVA_BYTE, 37, (byte) ~segment.get(ValueLayout.JAVA_BYTE, 37));
    byte unchanged = segment.get(ValueLayout.JAVA_BYTE, 100);
    segment.set(ValueLayout.JAVA_BYTE, 100, (byte) ~unchanged);
    segment.set(ValueLayout.JAVA_BYTE, 100, unchanged);
    for (int at : new int[] {31, 48, 100, 5000}) {
      memory[at] = (byte) ~memory[at];
    }
    byte[] expected = memory.clone();
    byte[] block = Arrays.copyOfRange(bytes(segment), 32, 48);
    byte[] written =
        direction == ENCRYPTED_MEMORY_SEEN_PLAIN
            ? cipher.decrypt(START + 32, block)
            : cipher.encrypt(START + 32, block);
    System.arraycopy(written, 0, expected, 32, 16);
    view.force();
    assertThat(memory).isEqualTo(expected);
  }

  @Test
  @DisplayName("a block once written is not written again until it changes again")
  void snapshotIsRefreshed() {
    TransformedView view = view(ENCRYPTED_MEMORY_SEEN_PLAIN);
    view.segment().set(ValueLayout.JAVA_LONG_UNALIGNED, 64, 1);
    view.force();
    Arrays.fill(memory, 64, 80, (byte) 9);
    view.force();
    assertThat(Arrays.copyOfRange(memory, 64, 80)).containsOnly(9);
    view.segment().set(ValueLayout.JAVA_LONG_UNALIGNED, 64, 2);
    view.force();
    byte[] block = cipher.encrypt(START + 64, Arrays.copyOfRange(memory, 64, 80));
    assertThat(MemorySegment.ofArray(block).get(ValueLayout.JAVA_LONG_UNALIGNED, 0)).isEqualTo(2);
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("pages of the mapping's own attribute are left alone, both ways")
  void perPage(Direction direction) {
    long pfn = START >>> 12;
    TransformedView view =
        view(direction, address -> address >>> 12 == pfn + 1 || address >>> 12 == pfn + 3);
    int firstPage = 4096 - (int) (START & 4095);
    byte[] expected = memory.clone();
    byte[] all = seen(direction, START, memory);
    System.arraycopy(all, firstPage, expected, firstPage, 4096);
    System.arraycopy(
        all, firstPage + 8192, expected, firstPage + 8192, memory.length - firstPage - 8192);
    assertThat(bytes(view.segment())).isEqualTo(expected);

    view.segment().set(ValueLayout.JAVA_BYTE, 5, (byte) 0x77);
    view.segment().set(ValueLayout.JAVA_BYTE, firstPage + 5, (byte) 0x78);
    view.segment().set(ValueLayout.JAVA_BYTE, firstPage + 4096, (byte) 0x79);
    view.force();
    assertThat(memory[5]).isEqualTo((byte) 0x77);
    assertThat(memory[firstPage + 4096]).isEqualTo((byte) 0x79);
    assertThat(seen(direction, START, memory)[firstPage + 5]).isEqualTo((byte) 0x78);
  }

  @Test
  @DisplayName(
      "a range inside blocks is viewed in whole ones, and the segment is the slice asked for")
  void unaligned() {
    for (int from : new int[] {0, 1, 15, 16, 2175, 2176}) {
      for (int size : new int[] {1, 2, 16, 17, 4097}) {
        PhysRange range = PhysRange.of(START + from, size);
        PhysRange blocks = TransformedView.blocksOf(range);
        assertThat(blocks.start() % 16).isZero();
        assertThat((blocks.endInclusive() + 1) % 16).isZero();
        assertThat(blocks.start()).isBetween(range.start() - 15, range.start());
        assertThat(blocks.endInclusive())
            .isBetween(range.endInclusive(), range.endInclusive() + 15);

        MemorySegment part = raw.asSlice(blocks.start() - START, blocks.sizeBytes());
        TransformedView view =
            TransformedView.open(
                mapped(part), range, ENCRYPTED_MEMORY_SEEN_PLAIN, address -> true, cipher, arena);
        assertThat(view.segment().address() & 4095).isEqualTo(range.start() & 4095);
        assertThat(bytes(view.segment()))
            .isEqualTo(Arrays.copyOfRange(cipher.encrypt(START, memory), from, from + size));
        view.segment().fill((byte) 0x33);
        view.force();
        byte[] after = cipher.encrypt(START, memory);
        assertThat(Arrays.copyOfRange(after, from, from + size)).containsOnly(0x33);
      }
    }
  }

  @Test
  @DisplayName("the last bytes of the address space can be viewed")
  void topOfTheAddressSpace() {
    PhysRange range = new PhysRange(-20L, -1L);
    assertThat(TransformedView.blocksOf(range)).isEqualTo(new PhysRange(-32L, -1L));
    byte[] top = new byte[32];
    TransformedView view =
        TransformedView.open(
            mapped(MemorySegment.ofArray(top)),
            range,
            PLAIN_MEMORY_SEEN_ENCRYPTED,
            address -> address >>> 12 == -1L >>> 12,
            cipher,
            arena);
    assertThat(bytes(view.segment()))
        .isEqualTo(Arrays.copyOfRange(cipher.decrypt(-32, new byte[32]), 12, 32));
    view.segment().fill((byte) 1);
    view.force();
    assertThat(Arrays.copyOfRange(cipher.decrypt(-32, top), 12, 32)).containsOnly(1);
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("random stores and forces leave memory as the model has it")
  void randomStores(Direction direction) {
    TransformedView view = view(direction);
    byte[] model = bytes(view.segment());
    for (int round = 0; round < 200; round++) {
      for (int i = random.nextInt(8); i > 0; i--) {
        int at = random.nextInt(model.length);
        int end = Math.min(model.length, at + 1 + random.nextInt(80));
        byte value = (byte) random.nextInt();
        Arrays.fill(model, at, end, value);
        view.segment().asSlice(at, end - at).fill(value);
      }
      view.force();
      assertThat(seen(direction, START, memory))
          .as("%s, round %d", Seeds.option(SEED), round)
          .isEqualTo(model);
    }
  }

  @Test
  @DisplayName("a store beside forces of several threads is written by one of them or by the next")
  void concurrentStores() throws InterruptedException {
    TransformedView view = view(ENCRYPTED_MEMORY_SEEN_PLAIN);
    MemorySegment segment = view.segment();
    Runnable forcing =
        () -> {
          for (int i = 0; i < 3000; i++) {
            view.force();
          }
        };
    Thread one = Thread.ofPlatform().start(forcing);
    Thread other = Thread.ofPlatform().start(forcing);
    for (int i = 0; one.isAlive() || other.isAlive(); i++) {
      segment.set(ValueLayout.JAVA_INT_UNALIGNED, (i % 230) * 52L, i);
    }
    one.join();
    other.join();
    view.force();
    assertThat(cipher.encrypt(START, memory)).isEqualTo(bytes(segment));
  }
}
