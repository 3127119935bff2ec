// SPDX-License-Identifier: Apache-2.0
package dev.memremap.linux;

import static dev.memremap.plan.MemremapFlag.WB;
import static dev.memremap.plan.MemremapFlag.WC;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.memremap.Device;
import dev.memremap.Machine;
import dev.memremap.Mapping;
import dev.memremap.cache.CacheMode;
import dev.memremap.plan.MemremapFlag;
import dev.memremap.resource.PhysRange;
import dev.memremap.spi.HostMemory.Permission;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Every operation of a mapping, on a mapping by each route to real memory. */
class MappingKindsOfHostTest {
  private static final int SIZE = 200;
  private static final String BAR = "sys/bus/pci/devices/0000:03:00.0/resource1";

  /** A route: where the mapping begins, and which byte of which file that is. */
  private enum Kind {
    BAR_UNCACHED(Computer.WINDOW.start() + 0x1123, WB, CacheMode.UC_MINUS, BAR, 0x1123),
    BAR_COMBINING(Computer.WINDOW.start() + 0x1123, WC, CacheMode.WC, BAR + "_wc", 0x1123),
    BAR_OF_A_DEVICE(Computer.WINDOW.start() + 0x1123, WC, CacheMode.WC, BAR + "_wc", 0x1123),
    DEVICE_DAX(0x100200123L, WB, CacheMode.WB, "dev/dax0.0", 0x200123),
    DEVICE_DAX_OF_A_DEVICE(0x100200123L, WB, CacheMode.WB, "dev/dax0.0", 0x200123),
    DIRECT_MAP(0x200123, WB, CacheMode.WB, "dev/mem", 0x200123),
    DIRECT_MAP_OF_A_DEVICE(0x200123, WB, CacheMode.WB, "dev/mem", 0x200123),
    DEV_MEM(0xe0000123L, WB, null, "dev/mem", 0xe0000123L);

    private final long start;
    private final MemremapFlag flag;
    private final CacheMode mode;
    private final String file;
    private final long offset;

    Kind(long start, MemremapFlag flag, CacheMode mode, String file, long offset) {
      this.start = start;
      this.flag = flag;
      this.mode = mode;
      this.file = file;
      this.offset = offset;
    }

    boolean isManaged() {
      return name().endsWith("_OF_A_DEVICE");
    }

    boolean isDirect() {
      return name().startsWith("DIRECT_MAP");
    }

    boolean isPersistent() {
      return name().startsWith("DEVICE_DAX");
    }

    boolean staysReadable() {
      return isManaged() || isDirect();
    }
  }

  /** Sees what libpmem is called with. */
  private static final class Recorder implements Libpmem.Functions {
    final List<String> calls = new ArrayList<>();

    @Override
    public void persist(long address, long length) {
      calls.add("persist 0x%x+%d".formatted(address, length));
    }

    @Override
    public void drain() {
      calls.add("drain");
    }
  }

  @TempDir Path root;
  private final Recorder recorder = new Recorder();
  private Computer computer;
  private Machine machine;
  private Device device;
  private Kind kind;

  @AfterEach
  void close() {
    machine.close();
    assertThat(computer.calls.mappedAddresses()).as("all was unmapped").isEmpty();
    assertThat(computer.calls.openDescriptors()).isEmpty();
  }

  private Mapping make(Kind which) {
    kind = which;
    computer = Computer.withEverything(root).libpmem(new Libpmem(recorder));
    machine = computer.machine(Permission.values());
    device = machine.newDevice("ours");
    return mapping();
  }

  private Mapping mapping() {
    PhysRange range = PhysRange.of(kind.start, SIZE);
    return kind.isManaged()
        ? device.memremap(range, kind.flag)
        : machine.memremap(range, kind.flag);
  }

  /** The bytes of the file that stands for the memory. */
  private byte[] inFile() {
    byte[] bytes = new byte[SIZE];
    try (RandomAccessFile file = new RandomAccessFile(computer.path(kind.file).toFile(), "r")) {
      file.seek(kind.offset);
      file.readFully(bytes);
      return bytes;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static byte[] pattern() {
    byte[] pattern = new byte[SIZE];
    for (int i = 0; i < SIZE; i++) {
      pattern[i] = (byte) (1 + 31 * i);
    }
    return pattern;
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("LIB-6 what a mapping says of itself, and where its bytes are")
  void itself(Kind kind) {
    try (Mapping mapping = make(kind)) {
      assertThat(mapping.isOpen()).isTrue();
      assertThat(mapping.range()).isEqualTo(PhysRange.of(kind.start, SIZE));
      assertThat(mapping.isDirectMap()).isEqualTo(kind.isDirect());
      assertThat(mapping.isEncrypted()).isFalse();
      assertThat(mapping.isTransformedView()).isFalse();
      assertThat(mapping.isReadOnly()).isFalse();
      assertThat(mapping.backing()).isEqualTo("/" + kind.file);
      if (kind.mode != null) {
        assertThat(mapping.cacheMode()).isEqualTo(kind.mode);
      }
      assertThat(mapping.plan().grant().mode()).isEqualTo(mapping.cacheMode());
      assertThat(mapping.segment().byteSize()).isEqualTo(SIZE);
      assertThat(mapping.segment().address() & 0xfff).isEqualTo(0x123);
    }
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("what is stored is in the file, seen by a second mapping, and not beside the range")
  void bytes(Kind kind) {
    try (Mapping mapping = make(kind)) {
      mapping.copyFrom(0, MemorySegment.ofArray(pattern()));
      assertThat(inFile()).isEqualTo(pattern());
      try (Mapping second = mapping()) {
        byte[] seen = new byte[SIZE];
        second.copyTo(0, MemorySegment.ofArray(seen));
        assertThat(seen).isEqualTo(pattern());
        second.store(SIZE - 8, 64, 0x1122334455667788L);
      }
      assertThat(mapping.load(SIZE - 8, 64)).isEqualTo(0x1122334455667788L);
      assertThat(inFile()[SIZE - 1]).isEqualTo((byte) 0x11);
      mapping.force();
      for (int width : new int[] {8, 16, 32, 64}) {
        mapping.store(SIZE - width / 8, width, 7);
        assertThat(mapping.load(SIZE - width / 8, width)).isEqualTo(7);
        assertThatThrownBy(() -> mapping.load(SIZE - width / 8 + 1, width))
            .isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> mapping.store(-1, width, 7))
            .isInstanceOf(IndexOutOfBoundsException.class);
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("persist flushes exactly its range where media keep bytes, and is refused elsewhere")
  void persist(Kind kind) {
    try (Mapping mapping = make(kind)) {
      long address = mapping.segment().address();
      for (long[] part : new long[][] {{0, SIZE}, {0, 1}, {SIZE - 1, 1}, {1, SIZE - 1}}) {
        recorder.calls.clear();
        if (kind.isPersistent()) {
          mapping.persist(part[0], part[1]);
          assertThat(recorder.calls)
              .containsExactly("persist 0x%x+%d".formatted(address + part[0], part[1]));
        } else {
          assertThatExceptionOfType(UnsupportedOperationException.class)
              .isThrownBy(() -> mapping.persist(part[0], part[1]))
              .withMessageContaining("/" + kind.file);
          assertThat(recorder.calls).isEmpty();
        }
      }
      recorder.calls.clear();
      for (long[] beyond : new long[][] {{-1, 1}, {0, SIZE + 1}, {1, SIZE}, {SIZE, 1}, {0, -1}}) {
        assertThatThrownBy(() -> mapping.persist(beyond[0], beyond[1]))
            .isInstanceOf(IndexOutOfBoundsException.class);
      }
      mapping.persist(0, 0);
      mapping.persist(SIZE, 0);
      assertThat(recorder.calls).isEmpty();
      if (kind.isPersistent()) {
        mapping.drain();
        assertThat(recorder.calls).containsExactly("drain");
      } else {
        assertThatThrownBy(mapping::drain).isInstanceOf(UnsupportedOperationException.class);
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName(
      "LIB-5 a closed mapping answers nothing, closing again does nothing, and it leaves nothing")
  void closed(Kind kind) {
    Mapping mapping = make(kind);
    MemorySegment handedOut = mapping.segment();
    mapping.store(0, 8, 0x5a);
    mapping.close();
    mapping.close();
    assertThat(mapping.isOpen()).isFalse();
    assertThat(inFile()[0]).isEqualTo((byte) 0x5a);
    MemorySegment one = MemorySegment.ofArray(new byte[1]);
    for (ThrowingCallable operation :
        new ThrowingCallable[] {
          mapping::segment,
          () -> mapping.load(0, 8),
          () -> mapping.store(0, 8, 1),
          () -> mapping.copyTo(0, one),
          () -> mapping.copyFrom(0, one),
          () -> mapping.persist(0, 1),
          mapping::drain,
          mapping::force
        }) {
      assertThatIllegalStateException()
          .isThrownBy(operation::call)
          .withMessageContaining("is closed");
    }
    if (kind.staysReadable()) {
      assertThat(handedOut.get(ValueLayout.JAVA_BYTE, 0)).isEqualTo((byte) 0x5a);
    } else {
      assertThatIllegalStateException().isThrownBy(() -> handedOut.get(ValueLayout.JAVA_BYTE, 0));
      assertThat(computer.calls.mappedAddresses()).isEmpty();
    }
    assertThat(machine.memtypes().isEmpty()).isTrue();
    assertThat(machine.liveMappings()).isEmpty();
    assertThat(recorder.calls).as("closing promises nothing of media").isEmpty();
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName(
      "a mapping that its device or its machine closes is closed, and nothing stays mapped")
  void closedByOthers(Kind kind) {
    Mapping mapping = make(kind);
    MemorySegment handedOut = mapping.segment();
    mapping.store(0, 8, 0x77);
    if (kind.isManaged()) {
      device.release();
    } else {
      machine.close();
    }
    assertThat(mapping.isOpen()).isFalse();
    assertThatIllegalStateException().isThrownBy(mapping::segment);
    assertThat(inFile()[0]).isEqualTo((byte) 0x77);
    machine.close();
    assertThatIllegalStateException().isThrownBy(() -> handedOut.get(ValueLayout.JAVA_BYTE, 0));
  }
}
