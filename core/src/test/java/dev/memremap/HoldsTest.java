// SPDX-License-Identifier: Apache-2.0
package dev.memremap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import com.sun.management.HotSpotDiagnosticMXBean;
import com.sun.management.ThreadMXBean;
import dev.memremap.page.DevPagemap;
import dev.memremap.page.MemoryType;
import dev.memremap.page.Page;
import dev.memremap.ref.Holder;
import dev.memremap.ref.PercpuRef;
import java.lang.foreign.ValueLayout;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Holds of page maps and pages: when they are granted, and how they are closed. */
class HoldsTest extends HeldPool {
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

  // ---- where nothing can be held -----------------------------------------------------------

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
        .allSatisfy(frames -> assertThat(frames.getFirst()).contains("HeldPool.lookup"));
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
