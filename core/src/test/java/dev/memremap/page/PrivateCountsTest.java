// SPDX-License-Identifier: Apache-2.0
package dev.memremap.page;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.memremap.Machine;
import dev.memremap.PageHold;
import dev.memremap.machine.MachineDescription;
import dev.memremap.ref.PercpuRef;
import dev.memremap.rule.Fact;
import dev.memremap.rule.MemremapException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/**
 * Row 29 of {@code docs/kernels.md}: PRIVATE pages as Linux 5.10 counts them, from 1; and what its
 * unmapping does to them (row 31).
 */
class PrivateCountsTest {
  private static final long START = 0x40000000;
  private static final long FIRST = START >>> 12;
  private static final long PAGES = 1024;

  private final Machine machine =
      Machine.builder(
              MachineDescription.parse(
                  "00100000-3fffffff : System RAM\n40000000-7fffffff : device\n"))
          .kernel("5.10")
          .build();
  private final List<Long> freed = new ArrayList<>();

  @AfterEach
  void close() {
    machine.close();
  }

  private DevPagemap.Builder builder(Consumer<Page> pageFree) {
    return DevPagemap.over()
        .range(START, PAGES << 12)
        .type(MemoryType.PRIVATE)
        .owner("owner")
        .ops(
            PagemapOps.none()
                .withPageFree(pageFree::accept)
                .withMigrateToRam(page -> PagemapOps.MigrateToRam.Outcome.MIGRATED));
  }

  private DevPagemap mapped() {
    DevPagemap map = builder(page -> freed.add(page.pfn() - FIRST)).build();
    machine.memremapPages(map);
    return map;
  }

  private Page page(long number) {
    return Objects.requireNonNull(machine.page(FIRST + number));
  }

  private void unmapInUse(DevPagemap map) {
    assertThatExceptionOfType(MemremapException.class)
        .isThrownBy(() -> machine.memunmapPages(map, Duration.ZERO));
    assertThat(map.state()).isEqualTo(DevPagemap.State.DRAINING);
  }

  @Test
  @DisplayName("row 29 C-5 a free page counts 1, of which the map holds a reference from the start")
  void fresh() {
    DevPagemap map = mapped();
    assertThat(map.ownReferences()).isEqualTo(PAGES);
    assertThat(map.outsideReferences()).isZero();
    assertThat(page(0).refCount()).isOne();
  }

  @Test
  @DisplayName("row 29 a plan says how many references the map would hold, and names the kernel")
  void planned() {
    DevPagemap map = builder(page -> {}).build();
    assertThat(machine.explainPages(map).references()).isEqualTo(PAGES);
    try (Machine unknown =
        Machine.simulated(MachineDescription.parse("00100000-3fffffff : System RAM\n"))) {
      assertThat(unknown.explainPages(map).references()).isZero();
      assertThat(unknown.explainPages(map).assumptions())
          .extracting(Fact.Known::fact)
          .contains(Fact.KERNEL);
    }
  }

  @Test
  @DisplayName("row 29 zoneDeviceInit is a get, and page_free is called when the count falls to 1")
  void handedOut() {
    DevPagemap map = mapped();
    Page page = page(7);
    for (int i = 1; i <= 3; i++) {
      page.zoneDeviceInit();
      assertThat(page.refCount()).isEqualTo(2);
      assertThat(map.outsideReferences()).isOne();
      assertThatIllegalStateException().isThrownBy(page::zoneDeviceInit);
      page.get();
      page.put();
      assertThat(freed).hasSize(i - 1);
      page.put();
      assertThat(freed).hasSize(i).containsOnly(7L);
      assertThat(page.refCount()).isOne();
    }
    assertThat(map.outsideReferences()).isZero();
    machine.memunmapPages(map);
    assertThat(map.state()).isEqualTo(DevPagemap.State.UNMAPPED);
    assertThat(freed).hasSize(3);
  }

  @Test
  @DisplayName("row 29 a driver can hand a free page out by a get itself")
  void got() {
    DevPagemap map = mapped();
    assertThat(page(0).tryGet()).isTrue();
    Page page = page(0);
    page.get();
    assertThat(page.refCount()).isEqualTo(3);
    assertThat(map.outsideReferences()).isEqualTo(2);
    page.put();
    page.put();
    assertThat(freed).containsExactly(0L);
  }

  @Test
  @DisplayName("row 29 a page is as free in its page_free as a fresh one, and may be handed out")
  void again() {
    List<Integer> counts = new ArrayList<>();
    DevPagemap map =
        builder(
                page -> {
                  counts.add(page.refCount());
                  if (counts.size() < 3) {
                    page.zoneDeviceInit();
                  }
                })
            .build();
    machine.memremapPages(map);
    page(0).zoneDeviceInit();
    page(0).put();
    page(0).put();
    assertThat(page(0).refCount()).isEqualTo(2);
    page(0).put();
    assertThat(counts).containsExactly(1, 1, 1);
    machine.memunmapPages(map);
    assertThat(counts).hasSize(3);
  }

  @Test
  @DisplayName(
      "row 29 a put below 1 takes the map's own reference, calls nothing, and is not undone")
  void below() {
    DevPagemap map = mapped();
    page(0).put();
    assertThat(page(0).refCount()).isZero();
    assertThatIllegalStateException().isThrownBy(() -> page(0).put());
    assertThat(page(0).tryGet()).isFalse();
    assertThatIllegalStateException().isThrownBy(() -> page(0).zoneDeviceInit());
    assertThat(machine.hold(FIRST)).isNull();
    assertThat(map.outsideReferences()).isZero();
    machine.memunmapPages(map);
    assertThat(map.state()).isEqualTo(DevPagemap.State.UNMAPPED);
    assertThat(freed).isEmpty();
  }

  @Test
  @DisplayName("row 29 D-4 a free page is not held, and the close of the last hold frees a page")
  void held() {
    mapped();
    assertThat(machine.hold(FIRST)).isNull();
    page(0).zoneDeviceInit();
    try (PageHold hold = Objects.requireNonNull(machine.hold(FIRST))) {
      assertThat(page(0).refCount()).isEqualTo(3);
      page(0).put();
      assertThat(page(0).refCount()).isEqualTo(2);
      assertThatIllegalStateException().isThrownBy(() -> page(0).zoneDeviceInit());
      assertThat(machine.hold(FIRST)).as("only a hold is left").isNull();
      assertThat(hold.page().pfn()).isEqualTo(FIRST);
      assertThat(freed).isEmpty();
    }
    assertThat(freed).containsExactly(0L);
    assertThat(page(0).refCount()).isOne();
  }

  @Test
  @DisplayName("row 29 D-4 puts too many do not free a page that is held: its last hold does, once")
  void heldAndPutTooOften() {
    DevPagemap map = mapped();
    page(0).zoneDeviceInit();
    try (PageHold hold = Objects.requireNonNull(machine.hold(FIRST))) {
      page(0).put();
      page(0).put();
      assertThatIllegalStateException().isThrownBy(() -> page(0).put());
      assertThat(hold.page().refCount()).isOne();
      assertThatIllegalStateException().isThrownBy(() -> page(0).zoneDeviceInit());
      assertThat(freed).isEmpty();
    }
    assertThat(freed).containsExactly(0L);
    assertThat(page(0).refCount()).isZero();
    machine.memunmapPages(map);
    assertThat(freed).hasSize(1);
  }

  @Test
  @DisplayName(
      "rows 29 and 31 unmapping frees a page with one reference, whose put then calls nothing")
  void unmapped() {
    DevPagemap map = mapped();
    page(3).zoneDeviceInit();
    page(600).zoneDeviceInit();
    page(600).get();
    unmapInUse(map);
    assertThat(freed).containsExactly(3L);
    assertThat(page(3).refCount()).isOne();
    assertThat(page(600).refCount()).isEqualTo(2);
    assertThat(page(4).refCount()).as("free, touched").isZero();
    assertThat(page(4).tryGet()).isFalse();
    page(600).put();
    assertThat(freed).containsExactly(3L, 600L);
    page(3).put();
    assertThat(page(3).refCount()).isZero();
    assertThatIllegalStateException().isThrownBy(() -> page(3).put());
    assertThat(map.outsideReferences()).isOne();
    assertThat(map.state()).isEqualTo(DevPagemap.State.DRAINING);
    page(600).put();
    assertThat(map.state()).isEqualTo(DevPagemap.State.UNMAPPED);
    assertThat(freed).hasSize(2);
  }

  @Test
  @DisplayName(
      "rows 29 and 31 a page that was never touched has lost the map's own by the unmapping, too")
  void untouched() {
    DevPagemap map = mapped();
    page(0).zoneDeviceInit();
    Page other = page(700);
    unmapInUse(map);
    assertThat(other.refCount()).isZero();
    assertThat(other.tryGet()).isFalse();
    assertThatIllegalStateException().isThrownBy(other::put);
    assertThat(other.refCount()).isZero();
    page(0).put();
    assertThat(map.state()).isEqualTo(DevPagemap.State.UNMAPPED);
    machine.memremapPages(map);
    assertThat(page(700).refCount()).as("in the next life").isOne();
  }

  @Test
  @DisplayName(
      "rows 29 and 31 D-4 a held page is freed by its last hold, after the unmapping, once")
  void unmappedWhileHeld() {
    DevPagemap map = mapped();
    page(0).zoneDeviceInit();
    page(1).zoneDeviceInit();
    PageHold both = Objects.requireNonNull(machine.hold(FIRST));
    PageHold alone = Objects.requireNonNull(machine.hold(FIRST + 1));
    page(1).put();
    unmapInUse(map);
    assertThat(freed).isEmpty();
    alone.close();
    assertThat(freed).containsExactly(1L);
    page(0).put();
    assertThat(freed).hasSize(1);
    both.close();
    assertThat(freed).containsExactly(1L, 0L);
    assertThat(map.state()).isEqualTo(DevPagemap.State.UNMAPPED);
  }

  @Test
  @DisplayName(
      "rows 29 and 31 what a page_free throws at the unmapping is thrown, and all pages are put")
  void throwing() {
    IllegalArgumentException failure = new IllegalArgumentException("planted");
    AtomicInteger calls = new AtomicInteger();
    DevPagemap map =
        builder(
                page -> {
                  calls.incrementAndGet();
                  throw failure;
                })
            .build();
    machine.memremapPages(map);
    page(0).zoneDeviceInit();
    page(900).zoneDeviceInit();
    assertThatThrownBy(() -> machine.memunmapPages(map, Duration.ZERO)).isSameAs(failure);
    assertThat(calls).hasValue(2);
    assertThat(map.state()).isEqualTo(DevPagemap.State.DRAINING);
    page(0).put();
    page(900).put();
    assertThat(calls).hasValue(2);
    assertThat(map.state()).isEqualTo(DevPagemap.State.UNMAPPED);
  }

  @Test
  @DisplayName("rows 29 and 31 C-2 with a caller's reference, too, and by the close of the machine")
  void callersReference() {
    PercpuRef ref = PercpuRef.init();
    DevPagemap map = builder(page -> freed.add(page.pfn() - FIRST)).ref(ref).build();
    machine.memremapPages(map);
    page(5).zoneDeviceInit();
    Page page = page(5);
    machine.close();
    assertThat(freed).containsExactly(5L);
    assertThat(page.refCount()).isOne();
    page.put();
    assertThat(ref.isZero()).isTrue();
    assertThat(freed).hasSize(1);
  }

  @Test
  @DisplayName(
      "rows 29 and 31 of two puts and the unmapping at once, one frees the page, and all drains")
  void atOnce() throws InterruptedException {
    int rounds = 2_000;
    AtomicInteger calls = new AtomicInteger();
    DevPagemap map = builder(page -> calls.incrementAndGet()).build();
    for (int round = 1; round <= rounds; round++) {
      machine.memremapPages(map);
      Page page = page(round % PAGES);
      page.zoneDeviceInit();
      page.get();
      CountDownLatch go = new CountDownLatch(1);
      List<Thread> puts = new ArrayList<>();
      for (int i = 0; i < 2; i++) {
        puts.add(
            Thread.ofVirtual()
                .start(
                    () -> {
                      try {
                        go.await();
                      } catch (InterruptedException e) {
                        throw new AssertionError(e);
                      }
                      page.put();
                    }));
      }
      go.countDown();
      machine.memunmapPages(map);
      for (Thread put : puts) {
        put.join();
      }
      assertThat(calls).as("round %d", round).hasValue(round);
      assertThat(map.state()).isEqualTo(DevPagemap.State.UNMAPPED);
    }
  }

  @Test
  @DisplayName("row 29 migrate_to_ram is called with the count as it is")
  void migrated() {
    mapped();
    page(0).zoneDeviceInit();
    assertThat(page(0).migrateToRam()).contains(PagemapOps.MigrateToRam.Outcome.MIGRATED);
    assertThat(page(0).refCount()).isEqualTo(2);
    assertThat(freed).isEmpty();
    page(0).put();
    assertThat(freed).containsExactly(0L);
  }
}
