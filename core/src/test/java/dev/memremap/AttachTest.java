// SPDX-License-Identifier: Apache-2.0
package dev.memremap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.memremap.cache.CacheMode;
import dev.memremap.plan.MemremapFlag;
import dev.memremap.resource.PhysRange;
import dev.memremap.resource.Resource;
import dev.memremap.rule.Errno;
import dev.memremap.rule.MemremapException;
import dev.memremap.rule.Rule;
import dev.memremap.spi.Backing;
import dev.memremap.spi.MappedBytes;
import dev.memremap.spi.MemorySource;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Memory without an address, attached to a simulated machine; and a computer without a module. */
class AttachTest {

  /** Promises nothing. */
  private record Forgetful() implements Backing {
    @Override
    public String name() {
      return "bytes";
    }

    @Override
    public void persist(MemorySegment mapped, long offset, long length) {
      throw new UnsupportedOperationException("bytes of a test");
    }

    @Override
    public void drain() {
      throw new UnsupportedOperationException("bytes of a test");
    }

    @Override
    public MemremapException lost(InternalError error) {
      return new MemremapException(Errno.EIO, Rule.LIB_8, "bytes went away");
    }
  }

  /** Memory of this process. */
  private static final class Bytes implements MemorySource {
    private final MemorySegment segment;
    private boolean failing;
    private int closed;
    private Runnable mapping = () -> {};

    Bytes(int size) {
      segment = Arena.ofAuto().allocate(size, 4096);
    }

    @Override
    public String name() {
      return "bytes";
    }

    @Override
    public long sizeBytes() {
      return segment.byteSize();
    }

    @Override
    public MappedBytes map(long offset, long length, Arena arena) {
      mapping.run();
      if (failing) {
        throw new MemremapException(Errno.EIO, Rule.LIB_6, "bytes: broken");
      }
      MemorySegment part = segment.asSlice(offset, length);
      return new MappedBytes(part, CacheMode.WB, new Forgetful());
    }

    @Override
    public void close() {
      closed++;
      if (failing) {
        throw new IllegalStateException("bytes: not closed");
      }
    }
  }

  @Test
  @DisplayName("a source that cannot be closed keeps no other from being closed")
  void oneThatCannotBeClosed() {
    Bytes broken = new Bytes(4096);
    Bytes sound = new Bytes(4096);
    Machine machine = Machine.simulated(Machines.qemu());
    machine.attach("broken", broken);
    machine.attach("sound", sound);
    broken.failing = true;
    assertThatThrownBy(machine::close)
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("bytes: not closed");
    assertThat(sound.closed).isEqualTo(1);
    broken.failing = false;
    machine.close();
    assertThat(broken.closed).isEqualTo(2);
  }

  @Test
  @DisplayName("LIB-5 what the address space would not close any more is not attached")
  void attachedWhileTheMachineCloses() {
    Bytes late = new Bytes(4096);
    Machine machine = Machine.simulated(Machines.qemu());
    // the last thing that a close does; an attach that asked before may come now
    machine.space().close();
    assertThatThrownBy(() -> machine.space().attach("late", late, (1L << 46) - 1))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("late was not attached");
    assertThat(machine.space().resources().root().children())
        .noneMatch(resource -> "late".equals(resource.name()));
    machine.close();
  }

  @Test
  @DisplayName(
      "RES-11 attached memory lies where nothing else does, and its bytes are its source's")
  void attached() {
    Bytes first = new Bytes(8192);
    Bytes second = new Bytes(8192);
    try (Machine machine = Machine.simulated(Machines.qemu())) {
      Resource one = machine.attach("one", first);
      Resource two = machine.attach("two", second);
      assertThat(one.range().overlaps(two.range())).isFalse();
      assertThat(one.range().sizeBytes()).isEqualTo(8192);
      try (Mapping mapping =
          machine.memremap(PhysRange.of(one.range().start() + 4096, 16), MemremapFlag.WB)) {
        mapping.store(8, 8, 0x5a);
      }
      assertThat(first.segment.get(java.lang.foreign.ValueLayout.JAVA_BYTE, 4104))
          .isEqualTo((byte) 0x5a);
      assertThat(second.segment.mismatch(MemorySegment.ofArray(new long[1024]))).isEqualTo(-1);
      assertThat(first.closed).isZero();
    }
    assertThat(first.closed).as("the machine closes what was attached").isEqualTo(1);
    assertThat(second.closed).isEqualTo(1);
  }

  @Test
  @DisplayName("attached memory gives its own mode; another, and a range beyond it, are refused")
  void refused() {
    try (Machine machine = Machine.simulated(Machines.qemu())) {
      Resource pool = machine.attach("pool", new Bytes(8192));
      PhysRange beyond = PhysRange.of(pool.range().start() + 4096, 8192);
      for (MemremapException e :
          new MemremapException[] {
            catchThrowableOfType(
                MemremapException.class, () -> machine.memremap(pool.range(), MemremapFlag.WC)),
            catchThrowableOfType(
                MemremapException.class, () -> machine.memremap(beyond, MemremapFlag.WB))
          }) {
        assertThat(e).isNotNull();
        assertThat(e.sentence()).contains("bytes");
      }
      assertThat(machine.memtypes().isEmpty()).isTrue();
    }
  }

  @Test
  @DisplayName(
      "a source that fails to map, and a name that is taken, leave the tables as they were")
  void nothingLeft() {
    Bytes source = new Bytes(8192);
    Bytes another = new Bytes(8192);
    try (Machine machine = Machine.simulated(Machines.qemu())) {
      PhysRange range = machine.attach("pool", source).range();
      assertThatThrownBy(() -> machine.attach("pool", another))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("the name pool is taken");
      source.failing = true;
      assertThat(
              catchThrowableOfType(
                  MemremapException.class, () -> machine.memremap(range, MemremapFlag.WB)))
          .extracting(MemremapException::errno)
          .isEqualTo(Errno.EIO);
      assertThat(machine.memtypes().isEmpty()).isTrue();
      assertThat(machine.liveMappings()).isEmpty();
      source.failing = false;
      machine.memremap(range, MemremapFlag.WB).close();
    }
    assertThat(another.closed).as("what was not attached stays the caller's").isZero();
  }

  @Test
  @DisplayName("without the module for real memory, Machine.host says what to add")
  void noProvider() {
    assertThatThrownBy(() -> HostMachine.builder(Set.of(), null))
        .isInstanceOf(UnsupportedOperationException.class)
        .hasMessageContaining("add dev.memremap:memremap-linux to the path");
  }

  @Test
  @DisplayName("DR-3 the machine knows of a device before the device acquires something")
  void knownBefore() {
    try (Machine machine = Machines.machine()) {
      Bytes bytes = new Bytes(8192);
      PhysRange range = machine.attach("bytes", bytes).range();
      Device device = machine.newDevice("fresh");
      device.release();
      AtomicReference<Device> known = new AtomicReference<>();
      bytes.mapping = () -> known.set(machine.device("fresh"));
      device.memremap(range, MemremapFlag.WB);
      assertThat(known.get()).isSameAs(device);
    }
  }

  @Test
  @DisplayName("DR-3 a device that acquired nothing after its release leaves the machine again")
  void unknownAfterwards() {
    try (Machine machine = Machines.machine()) {
      Bytes bytes = new Bytes(8192);
      PhysRange range = machine.attach("bytes", bytes).range();
      Device released = machine.newDevice("released");
      Device made = machine.newDevice("made");
      released.release();
      bytes.failing = true;
      for (Device device : List.of(released, made)) {
        assertThatThrownBy(() -> device.memremap(range, MemremapFlag.WB))
            .hasMessageContaining("bytes: broken");
      }
      bytes.failing = false;
      assertThatThrownBy(() -> machine.device("released"))
          .hasMessageStartingWith("no device is named 'released'");
      assertThat(machine.device("made")).isSameAs(made);
    }
  }
}
