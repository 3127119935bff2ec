// SPDX-License-Identifier: Apache-2.0
package dev.memremap;

import static dev.memremap.plan.MemremapFlag.DEC;
import static dev.memremap.plan.MemremapFlag.WB;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.memremap.cache.CacheMode;
import dev.memremap.internal.crypt.XtsCipher;
import dev.memremap.internal.sim.SparseMemory;
import dev.memremap.resource.PhysRange;
import dev.memremap.rule.Errno;
import dev.memremap.rule.MemremapException;
import dev.memremap.rule.Rule;
import dev.memremap.spi.AccessPath;
import dev.memremap.spi.Backing;
import dev.memremap.spi.MappedBytes;
import dev.memremap.spi.PhysicalMemory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A view that cannot be written back when it is closed: nothing is left half done. */
class ViewCloseTest {
  private static final byte[] KEY =
      "0123456789abcdef0123456789ABCDEF".getBytes(StandardCharsets.US_ASCII);
  private static final PhysRange CODE = PhysRange.of(0x1000000, 4096);
  private static final long STORED = 0x1122334455667788L;

  @TempDir Path directory;
  private FileChannel file;

  @BeforeEach
  void open() throws IOException {
    file =
        FileChannel.open(
            directory.resolve("code"),
            StandardOpenOption.CREATE,
            StandardOpenOption.READ,
            StandardOpenOption.WRITE);
  }

  @AfterEach
  void close() throws IOException {
    file.close();
  }

  /** Simulated memory, but for {@link #CODE}, which lies in a file that can be cut short. */
  private record FileMemory(SparseMemory memory, FileChannel file, Errno lost)
      implements PhysicalMemory, Backing {
    @Override
    public AccessPath accessPath(PhysRange range, CacheMode asked, CacheMode effective) {
      return memory.accessPath(range, asked, effective);
    }

    @Override
    public MappedBytes map(PhysRange range, AccessPath.Open path, Arena arena) {
      if (!range.equals(CODE)) {
        return memory.map(range, path, arena);
      }
      try {
        MemorySegment mapped =
            file.map(FileChannel.MapMode.READ_WRITE, 0, range.sizeBytes(), arena);
        return new MappedBytes(mapped, path.mode(), this);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    @Override
    public OptionalLong mappingLimit() {
      return memory.mappingLimit();
    }

    @Override
    public String mappingLimitSource() {
      return memory.mappingLimitSource();
    }

    @Override
    public void close() {
      memory.close();
    }

    @Override
    public String name() {
      return "a file";
    }

    @Override
    public void persist(MemorySegment mapped, long offset, long length) {}

    @Override
    public void drain() {}

    @Override
    public MemremapException lost(InternalError error) {
      return new MemremapException(lost, Rule.LIB_8, "the file was cut short");
    }
  }

  private Machine machine(Errno lost) {
    return Machine.builder(Machines.qemu().with("mem-encrypt", "sme"))
        .memory(new FileMemory(SparseMemory.open(), file, lost))
        .encryptionKey(KEY)
        .build();
  }

  /** A view with something stored, whose memory is cut short then. */
  private Mapping cutShort(Mapping view) throws IOException {
    assertThat(view.isTransformedView()).isTrue();
    view.store(0, 64, STORED);
    file.truncate(0);
    return view;
  }

  private void makeRoom() throws IOException {
    file.write(ByteBuffer.allocate((int) CODE.sizeBytes()), 0);
  }

  /** What is in memory, seen through the other attribute. */
  private long written() throws IOException {
    ByteBuffer raw = ByteBuffer.allocate((int) CODE.sizeBytes());
    file.read(raw, 0);
    byte[] seen = XtsCipher.withKey(KEY).encrypt(CODE.start(), raw.array());
    return MemorySegment.ofArray(seen).get(ValueLayout.JAVA_LONG_UNALIGNED, 0);
  }

  private static MemremapException refusal(Runnable close) {
    return catchThrowableOfType(MemremapException.class, close::run);
  }

  @Test
  @DisplayName(
      "LIB-2 without room the view stays open with what was stored, and can be closed again")
  void withoutRoom() throws IOException {
    try (Machine machine = machine(Errno.ENOSPC)) {
      Mapping view = cutShort(machine.memremap(CODE, WB, DEC));
      long mapped = Machines.mappings(machine);
      for (int again = 0; again < 2; again++) {
        assertThat(refusal(view::close).errno()).isEqualTo(Errno.ENOSPC);
        assertThat(view.isOpen()).isTrue();
        assertThat(view.load(0, 64)).isEqualTo(STORED);
        assertThat(machine.liveMappings()).containsExactly(view);
        assertThat(Machines.mappings(machine)).isEqualTo(mapped);
      }
      makeRoom();
      view.close();
      assertThat(written()).isEqualTo(STORED);
      assertClosed(machine, view);
    }
  }

  @Test
  @DisplayName("LIB-8 where the memory went away the view is closed, and says once what is lost")
  void goneForGood() throws IOException {
    try (Machine machine = machine(Errno.EIO)) {
      Mapping view = cutShort(machine.memremap(CODE, WB, DEC));
      MemremapException lost = refusal(view::close);
      assertThat(lost.errno()).isEqualTo(Errno.EIO);
      assertThat(lost.sentence())
          .contains(view + " is closed, and what was stored through it since its last force()")
          .endsWith("the file was cut short");
      assertClosed(machine, view);
      view.close();
    }
  }

  /** What ends a view that a device has mapped. */
  enum End {
    RELEASE {
      @Override
      void run(Machine machine, Device device) {
        device.release();
      }
    },
    CLOSE {
      @Override
      void run(Machine machine, Device device) {
        machine.close();
      }
    };

    abstract void run(Machine machine, Device device);
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("DR-1 the release of its device, or the machine's close, goes to its end and again")
  void byItsDevice(End end) throws IOException {
    for (Errno lost : List.of(Errno.ENOSPC, Errno.EIO)) {
      file.truncate(0);
      Machine machine = machine(lost);
      Device device = machine.newDevice("d");
      List<String> ran = new ArrayList<>();
      device.devres().addAction(() -> ran.add("older"));
      Mapping view = cutShort(device.memremap(CODE, WB, DEC));
      assertThat(refusal(() -> end.run(machine, device)).errno()).isEqualTo(lost);
      assertThat(ran).containsExactly("older");
      assertThat(view.isOpen()).isEqualTo(lost == Errno.ENOSPC);
      makeRoom();
      end.run(machine, device);
      assertClosed(machine, view);
      assertThat(device.devres().size()).isZero();
      assertThat(written() == STORED).isEqualTo(lost == Errno.ENOSPC);
      machine.close();
    }
  }

  private static void assertClosed(Machine machine, Mapping view) {
    assertThat(view.isOpen()).isFalse();
    assertThatIllegalStateException().isThrownBy(() -> view.load(0, 64));
    assertThat(machine.liveMappings()).isEmpty();
    assertThat(Machines.mappings(machine)).isZero();
  }
}
