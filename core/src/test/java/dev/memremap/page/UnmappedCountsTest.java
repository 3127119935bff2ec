// SPDX-License-Identifier: Apache-2.0
package dev.memremap.page;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.memremap.Machine;
import dev.memremap.MachineBuilder.KernelRow;
import dev.memremap.PageHold;
import dev.memremap.machine.MachineDescription;
import dev.memremap.ref.PercpuRef;
import dev.memremap.resource.PhysRange;
import dev.memremap.rule.MemremapException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

/**
 * Row 31 of {@code docs/kernels.md}: the unmapping of Linux 5.10 puts each page. What that does to
 * PRIVATE pages is in {@link PrivateCountsTest}.
 */
class UnmappedCountsTest {
  private static final long START = 0x40000000;
  private static final long FIRST = START >>> 12;
  private static final long PAGES = 1024;

  private final List<Machine> machines = new ArrayList<>();
  private final List<Long> freed = new ArrayList<>();
  private final Machine machine = machine(KernelRow.of("5.10"));

  @AfterEach
  void close() {
    machines.forEach(Machine::close);
  }

  private Machine machine(Set<KernelRow> rows) {
    Machine made =
        Machine.builder(
                MachineDescription.parse(
                    "00100000-3fffffff : System RAM\n40000000-7fffffff : device\n"))
            .kernel("5.10")
            .kernelRows(rows)
            .build();
    machines.add(made);
    return made;
  }

  /** The rows of 5.10, with others more. */
  private static Set<KernelRow> rowsAnd(List<Integer> more) {
    Set<KernelRow> rows = new HashSet<>(KernelRow.of("7.3"));
    rows.removeIf(row -> !more.contains(row.number()));
    assertThat(rows).hasSameSizeAs(more);
    rows.addAll(KernelRow.of("5.10"));
    return rows;
  }

  private DevPagemap.Builder builder(MemoryType type) {
    return DevPagemap.over()
        .range(START, PAGES << 12)
        .type(type)
        .owner("owner")
        .ops(
            PagemapOps.none()
                .withPageFree(page -> freed.add(page.pfn() - FIRST))
                .withMigrateToRam(page -> PagemapOps.MigrateToRam.Outcome.MIGRATED));
  }

  private DevPagemap mapped(MemoryType type) {
    DevPagemap map = builder(type).build();
    machine.memremapPages(map);
    return map;
  }

  private static Page page(Machine of, long number) {
    return Objects.requireNonNull(of.page(FIRST + number));
  }

  private Page page(long number) {
    return page(machine, number);
  }

  private static void unmapInUse(Machine of, DevPagemap map) {
    assertThatExceptionOfType(MemremapException.class)
        .isThrownBy(() -> of.memunmapPages(map, Duration.ZERO));
    assertThat(map.state()).isEqualTo(DevPagemap.State.DRAINING);
  }

  private static void assertGone(Page page) {
    assertThat(page.refCount()).isZero();
    assertThat(page.tryGet()).isFalse();
    assertThatIllegalStateException().isThrownBy(page::put);
    assertThatIllegalStateException().isThrownBy(page::zoneDeviceInit);
    assertThat(page.refCount()).isZero();
  }

  @ParameterizedTest
  @EnumSource(
      mode = Mode.EXCLUDE,
      names = {"PRIVATE", "COHERENT"})
  @DisplayName("row 31 a free page counts 0 and is gone, one in use counts one less, until its put")
  void unmapped(MemoryType type) {
    DevPagemap map = mapped(type);
    Page once = page(3);
    Page twice = page(600);
    once.get();
    twice.get();
    twice.get();
    unmapInUse(machine, map);
    assertThat(map.outsideReferences()).isEqualTo(3);
    assertThat(once.refCount()).isOne();
    assertThat(twice.refCount()).isEqualTo(2);
    assertGone(page(4));
    once.get();
    assertThat(once.refCount()).isEqualTo(2);
    once.put();
    once.put();
    assertGone(once);
    assertThat(map.outsideReferences()).isEqualTo(2);
    twice.put();
    assertThat(map.state()).isEqualTo(DevPagemap.State.DRAINING);
    twice.put();
    assertThat(map.state()).isEqualTo(DevPagemap.State.UNMAPPED);
    assertThat(freed).as("row 23: no callback").isEmpty();
    machine.memremapPages(map);
    assertThat(page(3).refCount()).as("in the next life").isOne();
    assertThat(page(4).tryGet()).isTrue();
    page(4).put();
  }

  @ParameterizedTest
  @EnumSource(
      mode = Mode.EXCLUDE,
      names = {"PRIVATE", "COHERENT"})
  @DisplayName("row 31 a page whose structure nothing has touched counts 0, too, also once it is")
  void untouched(MemoryType type) {
    DevPagemap map = mapped(type);
    page(0).get();
    unmapInUse(machine, map);
    Page other = page(700);
    assertThat(other.refCount()).isZero();
    other.poisoned(true);
    assertThat(other.isPoisoned()).isTrue();
    assertGone(other);
    assertGone(page(701));
    page(0).put();
    assertThat(map.state()).isEqualTo(DevPagemap.State.UNMAPPED);
  }

  @Test
  @DisplayName("row 31 pages far apart, and of several ranges, are all put")
  void farApart() {
    DevPagemap map =
        DevPagemap.over()
            .range(START, 0x8000000)
            .range(START + 0x10000000, 0x20000000)
            .type(MemoryType.GENERIC)
            .build();
    machine.memremapPages(map);
    List<Page> used =
        LongStream.of(5, 0x7e00, 0x7fff, 0x10000, 0x18000, 0x2ffff).mapToObj(this::page).toList();
    used.forEach(Page::get);
    unmapInUse(machine, map);
    assertThat(used).allSatisfy(page -> assertThat(page.refCount()).isOne());
    assertThat(page(4).refCount()).isZero();
    assertThat(page(0x2fffe).refCount()).isZero();
    used.forEach(Page::put);
    assertThat(map.state()).isEqualTo(DevPagemap.State.UNMAPPED);
  }

  @Test
  @DisplayName("row 31 of a page whose own reference somebody put, the unmapping takes nothing off")
  void putBefore() {
    DevPagemap map = mapped(MemoryType.GENERIC);
    page(0).put();
    page(1).get();
    page(2).put();
    page(2).zoneDeviceInit();
    page(2).get();
    unmapInUse(machine, map);
    assertThat(page(0).refCount()).isZero();
    assertThat(page(2).refCount()).as("brought back by zoneDeviceInit").isOne();
    assertThat(map.outsideReferences()).isEqualTo(2);
    page(1).put();
    page(2).put();
    assertThat(map.state()).isEqualTo(DevPagemap.State.UNMAPPED);
  }

  @Test
  @DisplayName("row 31 D-4 a held page counts its holds alone, and no put drops one")
  void held() {
    DevPagemap map = mapped(MemoryType.FS_DAX);
    PageHold alone = Objects.requireNonNull(machine.hold(FIRST));
    PageHold both = Objects.requireNonNull(machine.hold(FIRST + 1));
    page(1).get();
    unmapInUse(machine, map);
    assertThat(page(0).refCount()).isOne();
    assertThatIllegalStateException().isThrownBy(() -> page(0).put());
    assertThat(page(0).tryGet()).isFalse();
    assertThat(page(1).refCount()).isEqualTo(2);
    page(1).put();
    assertThat(page(1).refCount()).isOne();
    assertThatIllegalStateException().isThrownBy(() -> page(1).put());
    both.close();
    assertThat(page(1).refCount()).isZero();
    assertThat(map.state()).isEqualTo(DevPagemap.State.DRAINING);
    alone.close();
    assertThat(map.state()).isEqualTo(DevPagemap.State.UNMAPPED);
    assertThat(freed).isEmpty();
  }

  @Test
  @DisplayName("row 31 C-2 with a caller's reference, too, and by the close of the machine")
  void callersReference() {
    PercpuRef ref = PercpuRef.init();
    machine.memremapPages(builder(MemoryType.PCI_P2PDMA).ref(ref).build());
    Page page = page(5);
    Page other = page(6);
    page.get();
    machine.close();
    assertThat(page.refCount()).isOne();
    assertThat(other.refCount()).isZero();
    page.put();
    assertThat(ref.isZero()).isTrue();
  }

  @Test
  @DisplayName("row 31 AM-3 pages with structures in the device are put, those set aside are not")
  void altmap() {
    DevPagemap map =
        DevPagemap.over(PhysRange.of(START, PAGES << 12))
            .type(MemoryType.FS_DAX)
            .altmap(8, 24, 4096)
            .build();
    machine.memremapPages(map);
    page(40).get();
    unmapInUse(machine, map);
    assertThat(page(40).refCount()).isOne();
    assertThat(page(39).refCount()).isZero();
    assertThat(page(32).refCount()).as("the first one that is not set aside").isZero();
    assertThat(page(31).refCount()).as("set aside").isOne();
    assertThat(page(900).refCount()).isZero();
    page(40).put();
    assertThat(map.state()).isEqualTo(DevPagemap.State.UNMAPPED);
    machine.memremapPages(map);
    page(40).get();
    page(40).put();
    machine.memunmapPages(map);
    assertThat(map.state()).as("put before the memory goes").isEqualTo(DevPagemap.State.UNMAPPED);
    machine.memremapPages(map);
    page(520).get();
    unmapInUse(machine, map);
    assertThat(page(520).refCount()).as("behind a block that nothing has touched").isOne();
    page(520).put();
    assertThat(map.state()).isEqualTo(DevPagemap.State.UNMAPPED);
  }

  @Test
  @DisplayName("rows 21 and 31 a compound page is put at its head")
  void compound() {
    Machine compounds = machine(rowsAnd(List.of(21)));
    DevPagemap map = builder(MemoryType.GENERIC).vmemmapShift(4).build();
    compounds.memremapPages(map);
    page(compounds, 19).get();
    unmapInUse(compounds, map);
    assertThat(page(compounds, 16).refCount()).isOne();
    assertThat(page(compounds, 19).refCount()).isZero();
    assertThat(page(compounds, 32).refCount()).isZero();
    page(compounds, 17).put();
    assertThat(map.state()).isEqualTo(DevPagemap.State.UNMAPPED);
  }

  @ParameterizedTest(name = "row {0}")
  @CsvSource({"3, false", "23, true"})
  @DisplayName("row 31 with later rows, too, the last put brings no page back")
  void laterRows(int row, boolean calls) {
    Machine later = machine(rowsAnd(List.of(row)));
    DevPagemap map = builder(MemoryType.GENERIC).build();
    later.memremapPages(map);
    page(later, 0).get();
    page(later, 1).get();
    unmapInUse(later, map);
    assertThat(freed).as("no driver is told of free pages").isEmpty();
    page(later, 0).put();
    assertThat(freed).isEqualTo(calls ? List.of(0L) : List.of());
    assertGone(page(later, 0));
    page(later, 1).put();
    assertThat(map.state()).isEqualTo(DevPagemap.State.UNMAPPED);
  }

  @Test
  @DisplayName("row 31 without row 29, the put after the unmapping tells a PRIVATE page's driver")
  void privateLeft() {
    Machine later = machine(rowsAnd(List.of(31)));
    DevPagemap map = builder(MemoryType.PRIVATE).build();
    later.memremapPages(map);
    page(later, 0).zoneDeviceInit();
    unmapInUse(later, map);
    assertThat(page(later, 0).refCount()).isEqualTo(2);
    assertThat(page(later, 1).refCount()).isOne();
    assertThat(freed).isEmpty();
    page(later, 0).put();
    assertThat(freed).containsExactly(0L);
    assertThat(map.state()).isEqualTo(DevPagemap.State.UNMAPPED);
  }

  @Test
  @DisplayName("row 31 the map's own is put once by an unmapping and puts at once, and all drains")
  void atOnce() throws InterruptedException {
    int rounds = 2_000;
    DevPagemap map = builder(MemoryType.GENERIC).build();
    for (int round = 1; round <= rounds; round++) {
      machine.memremapPages(map);
      Page page = page(round % PAGES);
      page.get();
      page.get();
      Page keeping = page((round + 1) % PAGES);
      keeping.get();
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
      unmapInUse(machine, map);
      for (Thread put : puts) {
        put.join();
      }
      assertThat(page.refCount()).as("round %d", round).isZero();
      assertThat(keeping.refCount()).as("round %d", round).isOne();
      assertThat(map.outsideReferences()).as("round %d", round).isOne();
      keeping.put();
      assertThat(map.state()).isEqualTo(DevPagemap.State.UNMAPPED);
    }
    assertThat(freed).isEmpty();
  }
}
