// SPDX-License-Identifier: Apache-2.0
package dev.memremap;

import static dev.memremap.plan.MemremapFlag.DEC;
import static dev.memremap.plan.MemremapFlag.WB;
import static dev.memremap.plan.MemremapFlag.WC;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.memremap.plan.MemremapFlag;
import dev.memremap.resource.PhysRange;
import dev.memremap.rule.Errno;
import dev.memremap.rule.MemremapException;
import dev.memremap.rule.Rule;
import dev.memremap.spi.RecordingBacking;
import dev.memremap.spi.RecordingSource;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.function.Consumer;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Every operation of a mapping, on every kind of mapping. */
class MappingKindsTest {
  private static final int SIZE = 200;

  private final RecordingBacking backing = new RecordingBacking();
  private final RecordingSource source = new RecordingSource(8192, backing);
  private Machine machine;
  private Device device;
  private PhysRange range;
  private MappingKind kind;

  @AfterEach
  void close() {
    machine.close();
  }

  private Mapping make(MappingKind which) {
    kind = which;
    MachineBuilder builder =
        Machine.builder(
            Machines.qemu().with("kernel", "6.18").with("mem-encrypt", kind.encryption()));
    machine = (kind.isStrict() ? builder.strict() : builder).build();
    device = machine.newDevice("d");
    long start = kind.start();
    if (kind.isAttached()) {
      source.readOnly(kind.isReadOnly());
      start += machine.attach("pool", source).range().start();
    }
    range = PhysRange.of(start, SIZE);
    return mapping();
  }

  private Mapping mapping() {
    MemremapFlag[] flags =
        switch (kind.place()) {
          case BAR -> new MemremapFlag[] {WC};
          case KERNEL -> new MemremapFlag[] {WB, DEC};
          default -> new MemremapFlag[] {WB};
        };
    return kind.isManaged() ? device.memremap(range, flags) : machine.memremap(range, flags);
  }

  private static byte[] bytes(MemorySegment segment) {
    return segment.toArray(ValueLayout.JAVA_BYTE);
  }

  private static byte[] pattern(int seed) {
    byte[] pattern = new byte[SIZE];
    for (int i = 0; i < SIZE; i++) {
      pattern[i] = (byte) (seed + 31 * i);
    }
    return pattern;
  }

  /** The bytes that a second mapping of the range shows. */
  private byte[] seenBySecond() {
    try (Mapping second = mapping()) {
      byte[] seen = new byte[SIZE];
      second.copyTo(0, MemorySegment.ofArray(seen));
      assertThat(bytes(second.segment())).isEqualTo(seen);
      return seen;
    }
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("what a mapping says of itself, while it is open and after")
  void itself(MappingKind kind) {
    Mapping mapping = make(kind);
    for (int round = 0; round < 2; round++) {
      boolean open = round == 0;
      assertThat(mapping.isOpen()).isEqualTo(open);
      assertThat(mapping.range()).isEqualTo(range);
      assertThat(mapping.isDirectMap()).isEqualTo(kind.isDirect());
      assertThat(mapping.isEncrypted()).isEqualTo(kind.isEncrypted());
      assertThat(mapping.isTransformedView()).isEqualTo(kind.isTransformed());
      assertThat(mapping.isReadOnly()).isEqualTo(kind.isReadOnly());
      assertThat(mapping.cacheMode()).isEqualTo(kind.mode());
      assertThat(mapping.backing())
          .isEqualTo(kind.isAttached() ? "recorded bytes" : "simulated memory");
      assertThat(mapping.plan().isGranted()).isTrue();
      assertThat(mapping.plan().offset()).isEqualTo(range.start());
      assertThat(mapping.plan().grant().mode()).isEqualTo(kind.mode());
      assertThat(mapping.madeAt().isPresent()).isEqualTo(kind.isStrict());
      assertThat(mapping)
          .hasToString(
              "mapping %s %s%s"
                  .formatted(range, kind.mode(), kind.isDirect() ? " (direct map)" : ""));
      if (open) {
        assertThat(machine.liveMappings()).containsExactly(mapping);
        assertThat(mapping.segment().byteSize()).isEqualTo(SIZE);
        assertThat(mapping.segment()).isSameAs(mapping.segment());
        assertThat(mapping.segment().address() & 0xfff)
            .as("the place in its page is kept")
            .isEqualTo(0x123);
        mapping.close();
      }
    }
    assertThat(machine.liveMappings()).isEmpty();
    assertThat(machine.memtypes().isEmpty()).isTrue();
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("each width is loaded and stored at the first byte and the last, and not beyond")
  void loadAndStore(MappingKind kind) {
    try (Mapping mapping = make(kind)) {
      for (int width : new int[] {8, 16, 32, 64}) {
        int bytes = width / 8;
        long mask = -1L >>> (64 - width);
        for (long offset : new long[] {0, 1, SIZE - bytes - 1, SIZE - bytes}) {
          long value = 0x8877665544332211L * (offset + 1);
          if (kind.isReadOnly()) {
            assertThatExceptionOfType(MemremapException.class)
                .isThrownBy(() -> mapping.store(offset, width, value))
                .satisfies(e -> assertThat(e.errno()).isEqualTo(Errno.EACCES));
            mapping.load(offset, width);
          } else {
            mapping.store(offset, width, value);
            assertThat(mapping.load(offset, width)).isEqualTo(value & mask);
            byte[] stored = bytes(mapping.segment());
            for (int i = 0; i < bytes; i++) {
              assertThat(stored[(int) offset + i])
                  .as("lowest byte first")
                  .isEqualTo((byte) (value >>> (8 * i)));
            }
          }
        }
        for (long offset :
            new long[] {-1, -bytes, SIZE - bytes + 1, SIZE, SIZE + 1, Long.MAX_VALUE}) {
          assertThatThrownBy(() -> mapping.load(offset, width))
              .isInstanceOf(IndexOutOfBoundsException.class);
          if (!kind.isReadOnly()) {
            assertThatThrownBy(() -> mapping.store(offset, width, 1))
                .isInstanceOf(IndexOutOfBoundsException.class);
          }
        }
      }
      assertThatThrownBy(() -> mapping.load(0, 24)).isInstanceOf(IllegalArgumentException.class);
    }
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("copies go in and out whole, up to the last byte and not beyond")
  void copies(MappingKind kind) {
    try (Mapping mapping = make(kind)) {
      byte[] whole = pattern(1);
      if (kind.isReadOnly()) {
        assertThatThrownBy(() -> mapping.copyFrom(0, MemorySegment.ofArray(whole)))
            .isInstanceOf(MemremapException.class);
        return;
      }
      mapping.copyFrom(0, MemorySegment.ofArray(whole));
      assertThat(bytes(mapping.segment())).isEqualTo(whole);
      mapping.copyFrom(SIZE - 1, MemorySegment.ofArray(new byte[] {77}));
      whole[SIZE - 1] = 77;
      mapping.copyFrom(SIZE, MemorySegment.ofArray(new byte[0]));
      byte[] out = new byte[SIZE - 3];
      mapping.copyTo(3, MemorySegment.ofArray(out));
      assertThat(out).isEqualTo(java.util.Arrays.copyOfRange(whole, 3, SIZE));
      for (long[] beyond :
          new long[][] {{-1, 1}, {0, SIZE + 1}, {1, SIZE}, {SIZE, 1}, {SIZE + 1, 0}}) {
        MemorySegment other = MemorySegment.ofArray(new byte[(int) beyond[1]]);
        assertThatThrownBy(() -> mapping.copyTo(beyond[0], other))
            .isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> mapping.copyFrom(beyond[0], other))
            .isInstanceOf(IndexOutOfBoundsException.class);
      }
      assertThat(bytes(mapping.segment())).as("nothing of those was copied").isEqualTo(whole);
    }
  }

  /** What makes stored bytes those of memory, where the mapping is a copy. */
  private enum WritesBack {
    FORCE(Mapping::force),
    PERSIST(mapping -> mapping.persist(0, SIZE)),
    PERSIST_ONE_BYTE(mapping -> mapping.persist(SIZE - 1, 1)),
    CLOSE(Mapping::close);

    private final Consumer<Mapping> step;

    WritesBack(Consumer<Mapping> step) {
      this.step = step;
    }
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName(
      "LIB-3 what is stored is seen by a second mapping: of a view after force, persist or close")
  void seenByASecond(MappingKind kind) {
    for (WritesBack way : WritesBack.values()) {
      try (Mapping mapping = make(kind)) {
        byte[] before = seenBySecond();
        if (kind.isReadOnly()) {
          way.step.accept(mapping);
          assertThat(seenBySecond()).isEqualTo(before);
          continue;
        }
        byte[] stored = pattern(way.ordinal());
        mapping.copyFrom(0, MemorySegment.ofArray(stored));
        assertThat(seenBySecond())
            .as("%s, before", way)
            .isEqualTo(kind.isTransformed() ? before : stored);
        way.step.accept(mapping);
        assertThat(seenBySecond()).as("%s, after", way).isEqualTo(stored);
        assertThat(mapping.isOpen()).isEqualTo(way != WritesBack.CLOSE);
      } finally {
        machine.close();
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName(
      "persist takes a range of the mapping, and the backing is told where memory itself is")
  void persist(MappingKind kind) {
    try (Mapping mapping = make(kind)) {
      for (long[] beyond :
          new long[][] {
            {-1, 1},
            {0, SIZE + 1},
            {1, SIZE},
            {SIZE, 1},
            {SIZE + 1, 0},
            {0, -1},
            {5, Long.MAX_VALUE}
          }) {
        assertThatThrownBy(() -> mapping.persist(beyond[0], beyond[1]))
            .as("%d+%d", beyond[0], beyond[1])
            .isInstanceOf(IndexOutOfBoundsException.class);
      }
      mapping.persist(0, 0);
      mapping.persist(SIZE, 0);
      assertThat(backing.persisted()).isEmpty();
      for (long[] part : new long[][] {{0, SIZE}, {0, 1}, {SIZE - 1, 1}, {1, SIZE - 1}, {16, 16}}) {
        backing.forget();
        mapping.persist(part[0], part[1]);
        if (!kind.isAttached()) {
          assertThat(backing.persisted()).isEmpty();
          continue;
        }
        // a view stores whole blocks of 16 bytes
        long from = 0x123 + part[0];
        long to = from + part[1];
        if (kind.isTransformed()) {
          from &= -16;
          to = (to + 15) & -16;
        }
        assertThat(backing.persisted())
            .containsExactly("0x%x+%d".formatted(source.segment().address() + from, to - from));
      }
      mapping.drain();
      assertThat(backing.drains()).isEqualTo(kind.isAttached() ? 1 : 0);
    }
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("LIB-8 media that fail are said by persist, of a view as of memory itself")
  void failingMedia(MappingKind kind) {
    try (Mapping mapping = make(kind)) {
      backing.failing(true);
      if (kind.isAttached()) {
        assertThatExceptionOfType(MemremapException.class)
            .isThrownBy(() -> mapping.persist(0, SIZE))
            .satisfies(e -> assertThat(e.rule()).isEqualTo(Rule.LIB_8));
      } else {
        mapping.persist(0, SIZE);
      }
      assertThat(mapping.isOpen()).isTrue();
      backing.failing(false);
      mapping.persist(0, SIZE);
    }
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName(
      "LIB-5 a closed mapping answers nothing, closing again does nothing, and it leaves nothing")
  void closed(MappingKind kind) {
    Mapping mapping = make(kind);
    MemorySegment handedOut = mapping.segment();
    if (!kind.isReadOnly()) {
      mapping.store(0, 8, 0x5a);
    }
    if (kind.isManaged()) {
      device.memunmap(mapping);
      assertThatExceptionOfType(MemremapException.class)
          .isThrownBy(() -> device.memunmap(mapping))
          .satisfies(e -> assertThat(e.rule()).isEqualTo(Rule.MU_3));
    } else {
      machine.memunmap(mapping);
    }
    mapping.close();
    machine.memunmap(mapping);
    assertThat(mapping.isOpen()).isFalse();
    MemorySegment one = MemorySegment.ofArray(new byte[1]);
    ThrowingCallable[] operations = {
      mapping::segment,
      () -> mapping.load(0, 8),
      () -> mapping.store(0, 8, 1),
      () -> mapping.copyTo(0, one),
      () -> mapping.copyFrom(0, one),
      () -> mapping.persist(0, 1),
      () -> mapping.persist(0, 0),
      mapping::drain,
      mapping::force
    };
    for (int i = 0; i < operations.length; i++) {
      ThrowingCallable operation = operations[i];
      assertThatIllegalStateException()
          .as("operation %d", i)
          .isThrownBy(operation::call)
          .withMessageContaining("is closed")
          .withMessageContaining("LIB-5");
    }
    // what was attached is memory of this test, which stays mapped
    boolean unmappable = !kind.isAttached() || kind.isTransformed();
    if (kind.staysReadable()) {
      assertThat(handedOut.get(ValueLayout.JAVA_BYTE, 0)).isEqualTo((byte) 0x5a);
    } else if (unmappable) {
      assertThatIllegalStateException().isThrownBy(() -> handedOut.get(ValueLayout.JAVA_BYTE, 0));
    }
    assertThat(machine.memtypes().isEmpty()).isTrue();
    assertThat(machine.liveMappings()).isEmpty();
    assertThat(backing.persisted()).as("closing promises nothing of media").isEmpty();
    if (kind.isManaged()) {
      device.release();
      if (unmappable && (!kind.isDirect() || kind.isStrict())) {
        assertThatIllegalStateException().isThrownBy(() -> handedOut.get(ValueLayout.JAVA_BYTE, 0));
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("a mapping that its device or its machine closes is closed, and a view written back")
  void closedByOthers(MappingKind kind) {
    Mapping mapping = make(kind);
    byte[] stored = pattern(9);
    if (!kind.isReadOnly()) {
      mapping.copyFrom(0, MemorySegment.ofArray(stored));
    }
    if (kind.isManaged()) {
      device.release();
      assertThat(mapping.isOpen()).isFalse();
      device = machine.newDevice("another");
      assertThat(seenBySecond()).isEqualTo(stored);
    }
    if (kind.isStrict() && !kind.isManaged()) {
      assertThatThrownBy(machine::close).isInstanceOf(LeakException.class);
    } else {
      machine.close();
    }
    assertThat(mapping.isOpen()).isFalse();
    assertThatIllegalStateException().isThrownBy(mapping::segment);
    if (kind == MappingKind.ATTACHED) {
      assertThat(bytes(source.segment().asSlice(0x123, SIZE))).isEqualTo(stored);
    }
    if (kind == MappingKind.ATTACHED_SEEN_ENCRYPTED) {
      assertThat(bytes(source.segment().asSlice(0x123, SIZE)))
          .as("the source holds the other attribute's bytes")
          .isNotEqualTo(stored)
          .isNotEqualTo(new byte[SIZE]);
    }
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("force twice, and after a store of what is there already, changes nothing")
  void forceTwice(MappingKind kind) {
    try (Mapping mapping = make(kind)) {
      mapping.force();
      byte[] before = seenBySecond();
      if (!kind.isReadOnly()) {
        mapping.store(0, 8, mapping.load(0, 8));
      }
      mapping.force();
      mapping.force();
      assertThat(seenBySecond()).isEqualTo(before);
    }
  }
}
