// SPDX-License-Identifier: Apache-2.0
package dev.memremap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import com.sun.management.HotSpotDiagnosticMXBean;
import com.sun.management.ThreadMXBean;
import dev.memremap.machine.MachineDescription;
import dev.memremap.page.DevPagemap;
import dev.memremap.page.MemoryType;
import dev.memremap.page.Page;
import dev.memremap.page.PagemapOps;
import dev.memremap.ref.Holder;
import dev.memremap.ref.PercpuRef;
import dev.memremap.resource.PhysRange;
import dev.memremap.testing.LoggedLines;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Holds of page maps and pages: what they keep, whatever is put, and when they are granted. */
class HoldsTest {
  private static final PhysRange RANGE = PhysRange.of(1L << 40, 2L << 20);
  private static final long PFN = RANGE.firstPfn(4096);
  private static final int PUTS_TOO_MANY = 3;

  private final Machine machine =
      Machine.simulated(
          MachineDescription.parse("# phys-bits=46\n00001000-3fffffff : System RAM\n"));
  private final AtomicInteger freed = new AtomicInteger();
  private final AtomicInteger released = new AtomicInteger();

  @AfterEach
  void close() {
    machine.close();
  }

  /** Whose reference a map lives by, and how that counts. */
  enum Reference {
    OWN,
    CALLERS,
    CALLERS_ATOMIC,
    CALLERS_TRACED
  }

  private @Nullable PercpuRef reference(Reference kind) {
    PercpuRef ref =
        switch (kind) {
          case OWN -> null;
          case CALLERS, CALLERS_TRACED -> PercpuRef.init(released::incrementAndGet);
          case CALLERS_ATOMIC ->
              PercpuRef.init(released::incrementAndGet, PercpuRef.Flag.INIT_ATOMIC);
        };
    if (kind == Reference.CALLERS_TRACED) {
      ref.trace(true);
    }
    return ref;
  }

  private DevPagemap map(MemoryType type, @Nullable PercpuRef ref) {
    DevPagemap.Builder builder =
        DevPagemap.over(RANGE)
            .type(type)
            .name("pool")
            .owner("device")
            .ops(
                PagemapOps.none()
                    .withPageFree(page -> freed.incrementAndGet())
                    .withMigrateToRam(page -> PagemapOps.MigrateToRam.Outcome.SIGBUS)
                    .withMemoryFailure((map, pfn, count, flags) -> Optional.empty()));
    return (ref == null ? builder : builder.ref(ref)).build();
  }

  private DevPagemap mapped(MemoryType type) {
    DevPagemap map = map(type, null);
    machine.memremapPages(map);
    return map;
  }

  private Lookup lookup() {
    Lookup held = machine.lookup(PFN);
    assertThat(held).isNotNull();
    return held;
  }

  /** Puts more than was taken, wherever that is not refused at once. */
  private static int putTooMany(Runnable put) {
    int granted = 0;
    for (int i = 0; i < PUTS_TOO_MANY; i++) {
      try {
        put.run();
        granted++;
      } catch (IllegalStateException refused) {
        assertThat(refused).hasMessageContaining("D-5");
      }
    }
    return granted;
  }

  // ---- closing -----------------------------------------------------------------------------

  @Test
  @DisplayName("D-5 a hold is closed once, by any thread; a second close does nothing")
  void closedOnce() throws InterruptedException {
    DevPagemap map = mapped(MemoryType.GENERIC);
    List<Supplier<PagemapHold>> holds = List.of(() -> machine.lookup(PFN), () -> machine.hold(PFN));
    for (Supplier<PagemapHold> hold : holds) {
      PagemapHold held = hold.get();
      Lookup other = lookup();
      assertThat(map.outsideReferences()).isEqualTo(2);
      Thread.ofVirtual().start(held::close).join();
      held.close();
      held.close();
      assertThat(map.outsideReferences()).as("the other hold is left").isOne();
      assertThat(held).hasToString("closed hold of page 0x%x".formatted(PFN));
      assertThatIllegalStateException().isThrownBy(held::page).withMessageContaining("D-5");
      assertThatIllegalStateException().isThrownBy(held::map).withMessageContaining("D-5");
      other.close();
    }
    assertThat(map.outsideReferences()).isZero();
    machine.memunmapPages(map, Duration.ZERO);
  }

  @Test
  @DisplayName("a hold says which page and map it is of")
  void views() {
    DevPagemap map = mapped(MemoryType.GENERIC);
    try (Lookup held = machine.lookup(PFN + 7);
        PageHold page = machine.hold(PFN + 8)) {
      assertThat(held.map()).isSameAs(map);
      assertThat(held.pfn()).isEqualTo(PFN + 7);
      assertThat(held.page()).isEqualTo(machine.pfnToPage(PFN + 7));
      assertThat(held.page().refCount()).as("the map is held, not the page").isOne();
      assertThat(page.map()).isSameAs(map);
      assertThat(page.page().refCount()).as("the page is held").isEqualTo(2);
      assertThat(page).hasToString("hold of page 0x%x of page map pool".formatted(PFN + 8));
      page.segment().set(ValueLayout.JAVA_LONG, 0, 77);
      assertThat(map.segment().get(ValueLayout.JAVA_LONG, 8 * 4096)).isEqualTo(77);
    }
    assertThat(machine.pfnToPage(PFN + 8).refCount()).isOne();
  }

  // ---- where there is none -----------------------------------------------------------------

  private void assertFoundAlike(boolean found) {
    DevPagemap map = machine.getDevPagemap(PFN, null);
    Lookup held = machine.lookup(PFN);
    PageHold page = machine.hold(PFN);
    assertThat(List.of(map != null, held != null, page != null))
        .containsExactly(found, found, found);
    if (map != null && held != null && page != null) {
      page.close();
      held.close();
      map.put();
    }
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("GP-3 a hold is null where getDevPagemap is null, and nowhere else")
  void whereTheLookupIs(Reference kind) {
    assertFoundAlike(false);
    assertThat(machine.lookup(-1)).as("D-12").isNull();
    PercpuRef ref = reference(kind);
    DevPagemap map = map(MemoryType.GENERIC, ref);
    machine.memremapPages(map);
    assertFoundAlike(true);
    Lookup held = lookup();
    if (ref == null) {
      Thread unmapping = Thread.ofVirtual().start(() -> machine.memunmapPages(map));
      while (map.state() != DevPagemap.State.DRAINING) {
        Thread.onSpinWait();
      }
      assertThat(unmapping.isAlive()).isTrue();
    } else {
      ref.kill();
      assertFoundAlike(false);
      machine.memunmapPages(map);
    }
    assertThat(map.state()).isEqualTo(DevPagemap.State.DRAINING);
    assertFoundAlike(false);
    held.close();
    while (map.state() != DevPagemap.State.UNMAPPED) {
      Thread.onSpinWait();
    }
    assertFoundAlike(false);
  }

  @Test
  @DisplayName("GP-3 a map whose reference was put down to zero early is not found, nor held")
  void atZero() {
    PercpuRef ref = PercpuRef.init(PercpuRef.Flag.INIT_ATOMIC);
    DevPagemap map = map(MemoryType.PRIVATE, ref);
    machine.memremapPages(map);
    ref.put();
    assertThat(machine.getDevPagemap(PFN, null)).isNull();
    assertThat(machine.lookup(PFN)).isNull();
    assertThat(map.outsideReferences()).as("nothing is left held").isEqualTo(-1);
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("TY-4 a free page is not held, one that was handed out is")
  void freePages(MemoryType type) {
    DevPagemap map = mapped(type);
    Page page = machine.pfnToPage(PFN);
    if (type.isHandedOut()) {
      assertThat(machine.hold(PFN)).isNull();
      page.zoneDeviceInit();
    }
    int before = page.refCount();
    try (PageHold held = machine.hold(PFN)) {
      assertThat(held).isNotNull();
      assertThat(page.refCount()).isEqualTo(before + 1);
    }
    assertThat(page.refCount()).isEqualTo(before);
    if (type.isHandedOut()) {
      page.put();
      assertThat(machine.hold(PFN)).isNull();
    }
    assertThat(map.outsideReferences()).isZero();
  }

  @Test
  @DisplayName("PG-5 a page that an altmap sets aside is found, and cannot be held itself")
  void altmap() {
    DevPagemap map = DevPagemap.over(RANGE).type(MemoryType.GENERIC).altmap(2, 2, 4096).build();
    machine.memremapPages(map);
    try (Lookup held = machine.lookup(PFN)) {
      assertThat(held.page().isUsable()).isFalse();
    }
    assertThat(machine.hold(PFN)).isNull();
    try (PageHold held = machine.hold(PFN + 4)) {
      assertThat(held.page().refCount()).isEqualTo(2);
    }
    assertThat(map.outsideReferences()).isZero();
    machine.memunmapPages(map, Duration.ZERO);
  }

  @Test
  @DisplayName("CG-2 a hold of a compound page counts at its head")
  void compound() {
    DevPagemap map = DevPagemap.over(RANGE).type(MemoryType.GENERIC).vmemmapShift(9).build();
    machine.memremapPages(map);
    try (PageHold held = machine.hold(PFN + 5)) {
      assertThat(held.page().isTail()).isTrue();
      assertThat(machine.pfnToPage(PFN).refCount()).isEqualTo(2);
      assertThat(putTooMany(held.page()::put)).as("the map's own count is put").isOne();
      assertThat(machine.pfnToPage(PFN).refCount()).isOne();
    }
  }

  // ---- D-4 ---------------------------------------------------------------------------------

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

  // ---- tracing -----------------------------------------------------------------------------

  @Test
  @DisplayName("a hold is named until it is closed, and no put takes it off")
  void traced() {
    DevPagemap map = map(MemoryType.GENERIC, null);
    map.traceHolders(true);
    machine.memremapPages(map);
    Lookup held = lookup();
    machine.getDevPagemap(PFN, null);
    assertThat(map.holders()).hasSize(2);
    map.put();
    assertThat(map.holders()).hasSize(1);
    assertThatIllegalStateException().isThrownBy(map::put).withMessageContaining("one too many");
    assertThat(map.holders())
        .extracting(Holder::frames)
        .allSatisfy(frames -> assertThat(frames.getFirst()).contains("HoldsTest.lookup"));
    assertThat(map.outsideReferences()).isOne();
    held.close();
    assertThat(map.holders()).isEmpty();
  }

  // ---- cost --------------------------------------------------------------------------------

  /** What a hold is: a reference and a number. */
  private static final class Pair {
    final Object life;
    final long pfn;

    Pair(Object life, long pfn) {
      this.life = life;
      this.pfn = pfn;
    }
  }

  private static long allocatedBytes(Runnable once) {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    int times = 20_000;
    once.run();
    long before = threads.getCurrentThreadAllocatedBytes();
    for (int i = 0; i < times; i++) {
      once.run();
    }
    long after = threads.getCurrentThreadAllocatedBytes();
    // what the loop and the measurement allocate once does not make a byte a round
    return Math.round((double) (after - before) / times);
  }

  private Pair kept = new Pair(this, 0);

  @Test
  @DisplayName(
      "a hold allocates a reference and a number: 24 bytes where references are compressed")
  void allocation() {
    mapped(MemoryType.GENERIC);
    long pair = allocatedBytes(() -> kept = new Pair(machine, kept.pfn + 1));
    assertThat(allocatedBytes(() -> machine.lookup(PFN).close())).isLessThanOrEqualTo(pair);
    assertThat(allocatedBytes(() -> machine.hold(PFN).close())).isLessThanOrEqualTo(pair);
    if (areReferencesCompressed()) {
      assertThat(pair).isEqualTo(24);
    }
  }

  private static boolean areReferencesCompressed() {
    return Boolean.parseBoolean(
        ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class)
            .getVMOption("UseCompressedOops")
            .getValue());
  }
}
