// SPDX-License-Identifier: Apache-2.0
package dev.memremap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.memremap.page.DevPagemap;
import dev.memremap.page.MemoryType;
import dev.memremap.page.Page;
import dev.memremap.ref.PercpuRef;
import dev.memremap.resource.PhysRange;
import dev.memremap.rule.Errno;
import dev.memremap.rule.MemremapException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** The code of USERS.md, items 4 and 5: a device that is pulled, and a reference of one's own. */
class UnplugTest {
  private static final PhysRange RANGE = PhysRange.of(Machines.PMEM, 16 << 20);
  private static final long PFN = RANGE.firstPfn(4096);
  private static final int READERS = 200;

  @Test
  @DisplayName("C-2 a pulled device: lookups turn null, readers finish, the memory goes after them")
  void pulledWhileManyRead() throws InterruptedException {
    try (Machine machine = Machines.machine()) {
      Device device = machine.newDevice("cxl");
      DevPagemap pool = DevPagemap.over(RANGE).type(MemoryType.GENERIC).build();
      MemorySegment memory = device.memremapPages(pool);
      CountDownLatch running = new CountDownLatch(READERS);
      AtomicInteger wrong = new AtomicInteger();
      List<Thread> readers = new ArrayList<>();
      for (int i = 0; i < READERS; i++) {
        long pfn = PFN + i;
        readers.add(
            Thread.ofVirtual()
                .start(
                    () -> {
                      running.countDown();
                      DevPagemap map = machine.getDevPagemap(pfn, null);
                      while (map != null) {
                        try {
                          Page page = machine.page(pfn);
                          page.segment().set(ValueLayout.JAVA_LONG, 0, pfn);
                          if (page.segment().get(ValueLayout.JAVA_LONG, 0) != pfn) {
                            wrong.incrementAndGet();
                          }
                        } catch (RuntimeException e) {
                          wrong.incrementAndGet();
                        } finally {
                          map.put();
                        }
                        Thread.yield();
                        map = machine.getDevPagemap(pfn, null);
                      }
                    }));
      }
      running.await();
      device.release();
      assertThat(pool.state()).isEqualTo(DevPagemap.State.UNMAPPED);
      assertThat(machine.pagemaps().size()).isZero();
      assertThat(machine.memtypes().isEmpty()).isTrue();
      assertThatThrownBy(() -> memory.get(ValueLayout.JAVA_BYTE, 0))
          .as("C-17")
          .isInstanceOf(IllegalStateException.class);
      for (Thread reader : readers) {
        reader.join();
      }
      assertThat(wrong).hasValue(0);
    }
  }

  @Test
  @DisplayName("TD-5 a limited wait names the remaining holders, and the map drains by itself")
  void whoIsTheLast() {
    try (Machine machine = Machines.machine()) {
      DevPagemap pool = DevPagemap.over(RANGE).type(MemoryType.GENERIC).name("pool").build();
      pool.traceHolders(true);
      machine.memremapPages(pool);
      DevPagemap held = machine.getDevPagemap(PFN, null);
      Page page = machine.pfnToPage(PFN + 1);
      page.get();
      assertThat(pool.holders()).hasSize(2);
      assertThat(pool.holders().getFirst().frames().getFirst()).contains("UnplugTest.whoIsTheLast");
      assertThat(pool.outsideReferences()).isEqualTo(2);
      assertThatThrownBy(() -> machine.memunmapPages(pool, Duration.ofMillis(5)))
          .isInstanceOfSatisfying(
              MemremapException.class,
              e -> {
                assertThat(e.errno()).isEqualTo(Errno.EBUSY);
                assertThat(e.sentence())
                    .contains(" was killed, and after 0.005 s 2 references are held: ")
                    .contains("UnplugTest.whoIsTheLast");
              });
      assertThat(machine.getDevPagemap(PFN, null)).isNull();
      held.put();
      assertThat(pool.state()).isEqualTo(DevPagemap.State.DRAINING);
      assertThat(page.segment().get(ValueLayout.JAVA_LONG, 0)).isZero();
      page.put();
      assertThat(pool.state()).isEqualTo(DevPagemap.State.UNMAPPED);
      assertThatThrownBy(page::get).isInstanceOf(IllegalStateException.class);
      assertThatThrownBy(page::put).isInstanceOf(IllegalStateException.class);
    }
  }

  @Test
  @DisplayName("W-8, DR-7 exit, map, kill, registered in that order, are released backwards")
  void ownReference() {
    List<String> order = new ArrayList<>();
    try (Machine machine = Machines.machine()) {
      Device device = machine.newDevice("driver");
      PercpuRef ref = PercpuRef.init(() -> order.add("drained"));
      DevPagemap map = DevPagemap.over(RANGE).type(MemoryType.GENERIC).ref(ref).build();
      device
          .devres()
          .addAction(
              () -> {
                order.add("unmapped: " + (map.state() == DevPagemap.State.DRAINING));
                holdersPut(machine, map);
                order.add("zero: " + ref.isZero());
                ref.exit();
                order.add("exit");
              });
      device.memremapPages(map);
      device
          .devres()
          .addAction(
              () -> {
                order.add("kill");
                ref.kill();
              });
      assertThat(machine.getDevPagemap(PFN, null)).isSameAs(map);
      device.release();
      assertThat(order).containsExactly("kill", "unmapped: true", "drained", "zero: true", "exit");
      assertThat(machine.pagemaps().size()).isZero();
    }
  }

  /** A reader that is still there when the map is released. */
  private static void holdersPut(Machine machine, DevPagemap map) {
    assertThat(machine.getDevPagemap(PFN, null)).isNull();
    assertThat(map.segment().get(ValueLayout.JAVA_BYTE, 0)).isZero();
    map.put();
  }

  @Test
  @DisplayName("C-18 a hint of another machine is refused, and nothing is put")
  void foreignHint() {
    try (Machine machine = Machines.machine();
        Machine other = Machines.machine()) {
      DevPagemap map = DevPagemap.over(RANGE).type(MemoryType.GENERIC).build();
      machine.memremapPages(map);
      DevPagemap held = machine.getDevPagemap(PFN, null);
      for (long pfn : new long[] {PFN, 0}) {
        assertThatThrownBy(() -> other.getDevPagemap(pfn, held))
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessageContaining("C-18");
      }
      assertThat(map.outsideReferences()).isEqualTo(1);
      held.put();
      DevPagemap never = DevPagemap.over(RANGE).type(MemoryType.GENERIC).build();
      assertThatThrownBy(() -> machine.getDevPagemap(PFN, never))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  @DisplayName("D-4 a closed machine takes nothing away from the holder of a page")
  void closedUnderAHolder() {
    DevPagemap map = DevPagemap.over(RANGE).type(MemoryType.GENERIC).build();
    Page page;
    try (Machine machine = Machines.machine()) {
      machine.newDevice("d").memremapPages(map);
      page = machine.pfnToPage(PFN);
      page.get();
    }
    page.segment().set(ValueLayout.JAVA_LONG, 8, 42);
    assertThat(page.segment().get(ValueLayout.JAVA_LONG, 8)).isEqualTo(42);
    assertThat(page.refCount()).isEqualTo(2);
    page.put();
    assertThat(map.state()).isEqualTo(DevPagemap.State.UNMAPPED);
  }
}
