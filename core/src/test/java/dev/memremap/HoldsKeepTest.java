// SPDX-License-Identifier: Apache-2.0
package dev.memremap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.memremap.machine.MachineDescription;
import dev.memremap.page.DevPagemap;
import dev.memremap.page.MemoryType;
import dev.memremap.page.Page;
import dev.memremap.ref.PercpuRef;
import dev.memremap.resource.PhysRange;
import dev.memremap.testing.LoggedLines;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What a hold keeps, whatever is put, killed or closed meanwhile. */
class HoldsKeepTest extends HeldPool {
  static Stream<Arguments> livesAndPuts() {
    List<Arguments> cases = new ArrayList<>();
    for (Reference kind : Reference.values()) {
      for (MemoryType type : List.of(MemoryType.GENERIC, MemoryType.FS_DAX, MemoryType.COHERENT)) {
        cases.add(Arguments.of(kind, type));
      }
    }
    return cases.stream();
  }

  @ParameterizedTest
  @MethodSource("livesAndPuts")
  @DisplayName("D-4 A holds, B puts three times, the device is released: A reads until A closes")
  void heldAgainstPuts(Reference kind, MemoryType type) throws InterruptedException {
    PercpuRef ref = reference(kind);
    DevPagemap map = map(type, ref);
    Device device = machine.newDevice("device");
    device.memremapPages(map);
    map.segment().set(ValueLayout.JAVA_LONG, 0, 4711);
    AtomicReference<Throwable> thrown = new AtomicReference<>();
    try (LoggedLines log = new LoggedLines("dev.memremap")) {
      Lookup held = lookup();
      MemorySegment bytes = held.page().segment();
      int granted = putTooMany(map::put);
      Thread release =
          Thread.ofPlatform()
              .start(
                  () -> {
                    try {
                      device.release();
                    } catch (RuntimeException | Error e) {
                      thrown.set(e);
                    }
                  });
      while (map.state() != DevPagemap.State.DRAINING) {
        assertThat(thrown.get()).isNull();
        Thread.onSpinWait();
      }
      assertThat(machine.lookup(PFN)).isNull();
      assertThat(bytes.get(ValueLayout.JAVA_LONG, 0)).isEqualTo(4711);
      assertThat(map.state()).isEqualTo(DevPagemap.State.DRAINING);
      // C-14: in atomic mode the last put of a reference releases it, whatever lives by it
      int early = kind == Reference.CALLERS_ATOMIC && map.ownReferences() == 0 ? 1 : 0;
      assertThat(released).as("released before the hold is closed").hasValue(early);
      held.close();
      release.join();
      assertThat(thrown.get()).isNull();
      assertThat(map.state()).isEqualTo(DevPagemap.State.UNMAPPED);
      assertThatIllegalStateException().isThrownBy(() -> bytes.get(ValueLayout.JAVA_LONG, 0));
      if (ref != null) {
        assertThat(ref.references()).isZero();
        assertThat(ref.isZero()).isTrue();
        assertThat(released).hasValue(early + 1);
      }
      assertThat(log.lines().stream().filter(line -> line.contains("too many")).toList())
          .as("of %d puts too many", granted)
          .hasSize(granted > 0 ? 1 : 0)
          .allMatch(line -> line.contains("pool") && line.contains("although " + granted + " put"));
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = MemoryType.class,
      names = {"FS_DAX", "GENERIC", "PCI_P2PDMA", "COHERENT"})
  @DisplayName("D-4 a page is not freed under a hold, whatever is put; the close frees it once")
  void pageHeldAgainstPuts(MemoryType type) {
    DevPagemap map = mapped(type);
    Page page = machine.pfnToPage(PFN);
    if (type.isHandedOut()) {
      page.zoneDeviceInit();
    }
    PageHold held = machine.hold(PFN);
    held.segment().set(ValueLayout.JAVA_LONG, 0, 5);
    assertThat(putTooMany(page::put)).as("one reference was left to put").isOne();
    assertThat(page.refCount()).isOne();
    assertThat(freed).hasValue(0);
    assertThat(page.tryGet()).as("only the hold is left").isFalse();
    assertThat(machine.hold(PFN)).isNull();
    assertThatIllegalStateException().isThrownBy(page::zoneDeviceInit);
    assertThat(held.segment().get(ValueLayout.JAVA_LONG, 0)).isEqualTo(5);
    held.close();
    assertThat(freed).hasValue(type == MemoryType.FS_DAX ? 0 : 1);
    assertThat(page.refCount())
        .isEqualTo(type == MemoryType.GENERIC || type == MemoryType.PCI_P2PDMA ? 1 : 0);
    assertThat(map.outsideReferences()).isZero();
    machine.memunmapPages(map, Duration.ZERO);
    assertThat(map.state()).isEqualTo(DevPagemap.State.UNMAPPED);
  }

  @Test
  @DisplayName("W-8 a caller's reference drains when the last hold is closed, and is exited then")
  void callersReference() throws InterruptedException {
    PercpuRef ref = PercpuRef.init(released::incrementAndGet, PercpuRef.Flag.ALLOW_REINIT);
    // a map without references of its own: only the initial one keeps it
    DevPagemap map = map(MemoryType.PRIVATE, ref);
    machine.memremapPages(map);
    Lookup held = lookup();
    Lookup second = lookup();
    ref.kill();
    assertThat(ref.isZero()).isFalse();
    assertThat(map.outsideReferences()).isEqualTo(2);
    machine.memunmapPages(map);
    assertThat(ref.awaitZero(Duration.ZERO)).isFalse();
    held.close();
    assertThat(released).hasValue(0);
    assertThat(map.state()).isEqualTo(DevPagemap.State.DRAINING);
    second.close();
    assertThat(ref.awaitZero(Duration.ZERO)).isTrue();
    assertThat(released).hasValue(1);
    assertThat(map.state()).isEqualTo(DevPagemap.State.UNMAPPED);
    ref.reinit();
    assertThat(ref.references()).isOne();
  }

  @Test
  @DisplayName("C-15 a map whose reference lives again is held again, beside older holds")
  void revived() {
    PercpuRef ref = PercpuRef.init(released::incrementAndGet, PercpuRef.Flag.ALLOW_REINIT);
    DevPagemap map = map(MemoryType.GENERIC, ref);
    machine.memremapPages(map);
    Lookup old = lookup();
    for (int life = 0; life < 3; life++) {
      ref.kill();
      assertThat(machine.lookup(PFN)).isNull();
      assertThat(ref.references()).as("512 pages, and the initial one is kept").isEqualTo(513);
      ref.resurrect();
      assertThat(ref.references()).isEqualTo(513);
      assertThat(map.outsideReferences()).isOne();
      lookup().close();
    }
    old.close();
    ref.kill();
    assertThat(ref.references()).isEqualTo(512);
    machine.memunmapPages(map);
    assertThat(map.state()).isEqualTo(DevPagemap.State.UNMAPPED);
    assertThat(released).hasValue(1);
  }

  @Test
  @DisplayName("C-15 a map counts nothing of a hold of another one in its reference's last life")
  void heldInTheLastLife() {
    PercpuRef ref = PercpuRef.init(released::incrementAndGet, PercpuRef.Flag.ALLOW_REINIT);
    DevPagemap first = map(MemoryType.GENERIC, ref);
    machine.memremapPages(first);
    Lookup old = lookup();
    ref.kill();
    machine.memunmapPages(first);
    ref.resurrect();
    PhysRange next = PhysRange.of(RANGE.endInclusive() + 1, 2L << 20);
    DevPagemap second = DevPagemap.over(next).type(MemoryType.GENERIC).ref(ref).build();
    machine.memremapPages(second);
    assertThat(second.outsideReferences()).isZero();
    try (Lookup held = machine.lookup(next.firstPfn(4096))) {
      assertThat(held).isNotNull();
      assertThat(second.outsideReferences()).isOne();
    }
    old.close();
    assertThat(second.outsideReferences()).isZero();
    ref.kill();
    machine.memunmapPages(second);
    assertThat(first.state()).isEqualTo(DevPagemap.State.UNMAPPED);
    assertThat(second.state()).isEqualTo(DevPagemap.State.UNMAPPED);
    assertThat(released).hasValue(1);
  }

  @Test
  @DisplayName("C-14 a kill that is refused leaves the map found and held")
  void refusedKill() {
    PercpuRef ref = PercpuRef.init();
    DevPagemap map = map(MemoryType.GENERIC, ref);
    machine.memremapPages(map);
    try (Lookup before = lookup()) {
      ref.put();
      assertThatIllegalStateException().isThrownBy(ref::kill).withMessageContaining("D-5");
      assertFoundAlike(true);
      assertThat(before.map()).isSameAs(map);
    }
    ref.get();
    ref.kill();
    machine.memunmapPages(map, Duration.ZERO);
    assertThat(map.state()).isEqualTo(DevPagemap.State.UNMAPPED);
  }

  @Test
  @DisplayName("a hold outlives its machine, and its close gives the memory back")
  void closedMachine() {
    Machine other =
        Machine.simulated(
            MachineDescription.parse("# phys-bits=46\n00001000-3fffffff : System RAM\n"));
    DevPagemap map = map(MemoryType.GENERIC, null);
    other.memremapPages(map);
    Lookup held = other.lookup(PFN);
    PageHold page = other.hold(PFN + 1);
    other.close();
    page.segment().set(ValueLayout.JAVA_LONG, 0, 9);
    assertThat(map.state()).isEqualTo(DevPagemap.State.DRAINING);
    held.close();
    assertThat(page.segment().get(ValueLayout.JAVA_LONG, 0)).isEqualTo(9);
    page.close();
    assertThat(map.state()).isEqualTo(DevPagemap.State.UNMAPPED);
  }
}
