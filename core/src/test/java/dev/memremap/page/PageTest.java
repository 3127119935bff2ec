// SPDX-License-Identifier: Apache-2.0
package dev.memremap.page;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.memremap.Machine;
import dev.memremap.Mapping;
import dev.memremap.machine.MachineDescription;
import dev.memremap.plan.MemremapFlag;
import dev.memremap.resource.PhysRange;
import dev.memremap.rule.Errno;
import dev.memremap.rule.MemremapException;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class PageTest {
  private static final long START = 0x40000000L;
  private static final long PFN = START >>> 12;

  private final Machine machine =
      Machine.simulated(
          MachineDescription.parse(
              "00001000-3fffffff : System RAM\n40000000-4fffffff : Persistent Memory\n"));
  private final List<Long> freed = new ArrayList<>();

  @AfterEach
  void close() {
    machine.close();
  }

  private DevPagemap.Builder map(MemoryType type) {
    return DevPagemap.over(PhysRange.of(START, 4 << 20))
        .type(type)
        .owner(this)
        .ops(
            PagemapOps.none()
                .withPageFree(page -> freed.add(page.pfn()))
                .withMigrateToRam(page -> PagemapOps.MigrateToRam.Outcome.MIGRATED));
  }

  private Page page(long pfn) {
    return Objects.requireNonNull(machine.page(pfn));
  }

  @ParameterizedTest
  @EnumSource(MemoryType.class)
  @DisplayName("C-5, TY-4 a page begins, is held, is freed and is free again as its type says")
  void life(MemoryType type) {
    DevPagemap map = map(type).build();
    machine.memremapPages(map);
    Page page = page(PFN + 7);
    int fresh = fresh(type);
    assertThat(page.refCount()).isEqualTo(fresh);
    assertThat(map.ownReferences()).isEqualTo(fresh * 1024L);
    if (fresh == 0) {
      assertThat(page.tryGet()).as("not handed out yet").isFalse();
      assertRefused(page::get, "free");
      assertRefused(page::put, "one too many");
      page.zoneDeviceInit();
    }
    assertRefused(page::zoneDeviceInit, "in use");
    page.get();
    assertThat(page.refCount()).isEqualTo(2);
    assertThat(map.outsideReferences()).isEqualTo(2 - fresh);
    page.put();
    assertThat(freed).isEmpty();
    page.put();
    if (type == MemoryType.FS_DAX) {
      assertThat(freed).as("its file system knows").isEmpty();
      assertThat(page.refCount()).isZero();
    } else {
      assertThat(freed).containsExactly(PFN + 7);
      assertThat(page.refCount()).as("1-based pages are counted again").isEqualTo(fresh);
    }
    assertThat(map.outsideReferences()).isZero();
    machine.memunmapPages(map);
    assertRefused(page::put, "gone");
  }

  @Test
  @DisplayName("TY-4 a page without page_free stays at 0, until it is handed out anew")
  void withoutCallback() {
    DevPagemap map = map(MemoryType.GENERIC).ops(PagemapOps.none()).build();
    machine.memremapPages(map);
    Page page = page(PFN);
    page.put();
    assertThat(page.refCount()).isZero();
    assertThat(page.tryGet()).isFalse();
    assertRefused(page::put, "one too many");
    page.zoneDeviceInit();
    assertThat(page.refCount()).isEqualTo(1);
    assertThat(map.outsideReferences()).isZero();
  }

  @Test
  @DisplayName("TY-4 a callback that throws leaves the counts right")
  void throwingCallback() {
    AtomicInteger called = new AtomicInteger();
    DevPagemap map =
        map(MemoryType.COHERENT)
            .ops(
                PagemapOps.none()
                    .withPageFree(
                        page -> {
                          called.incrementAndGet();
                          throw new UnsupportedOperationException("no");
                        }))
            .build();
    machine.memremapPages(map);
    Page page = page(PFN);
    page.zoneDeviceInit();
    assertThatThrownBy(page::put).isInstanceOf(UnsupportedOperationException.class);
    assertThat(called).hasValue(1);
    assertThat(page.refCount()).isZero();
    assertThat(map.outsideReferences()).isZero();
    machine.memunmapPages(map);
    assertThat(map.state()).isEqualTo(DevPagemap.State.UNMAPPED);
  }

  @Test
  @DisplayName("CG-1, CG-2 a compound page counts at its head, and its tails count nothing")
  void compound() {
    machine.memremapPages(map(MemoryType.GENERIC).vmemmapShift(9).build());
    Page head = page(PFN + 512);
    Page tail = page(PFN + 1023);
    assertThat(head.isHead()).isTrue();
    assertThat(tail.isTail()).isTrue();
    assertThat(tail.head()).isEqualTo(head);
    assertThat(tail.order()).isEqualTo(9);
    tail.get();
    assertThat(head.refCount()).isEqualTo(2);
    assertThat(tail.refCount()).isZero();
    head.put();
    tail.put();
    assertThat(freed).containsExactly(PFN + 512);
    assertThat(page(PFN).refCount()).as("its neighbour").isEqualTo(1);
    assertRefused(tail::zoneDeviceInit, "tail");
    tail.poisoned(true);
    assertThat(head.isPoisoned()).isTrue();
    assertThat(page(PFN).isPoisoned()).isFalse();
  }

  @Test
  @DisplayName("PG-2 flags and the driver's word begin as for a fresh page, in every life anew")
  void flagsAndData() {
    DevPagemap map = map(MemoryType.GENERIC).build();
    machine.memremapPages(map);
    Page page = page(PFN + 1);
    assertThat(page.isReserved()).isTrue();
    assertThat(page.isPoisoned()).isFalse();
    assertThat(page.zoneDeviceData()).isZero();
    page.zoneDeviceData(-5);
    page.reserved(false);
    page.poisoned(true);
    assertThat(page.zoneDeviceData()).isEqualTo(-5);
    assertThat(page.isReserved()).isFalse();
    assertThat(page.isPoisoned()).isTrue();
    assertThat(page(PFN).zoneDeviceData()).as("its neighbour").isZero();
    assertThat(page(PFN).isReserved()).isTrue();
    machine.memunmapPages(map);
    machine.memremapPages(map);
    assertThat(page(PFN + 1).zoneDeviceData()).isZero();
    assertThat(page(PFN + 1).isReserved()).isTrue();
    assertThat(page(PFN + 1).isPoisoned()).as("MF-5").isFalse();
    assertRefused(() -> page.zoneDeviceData(7), "gone");
    assertThat(page(PFN + 1).zoneDeviceData()).as("a stale view writes nothing").isZero();
  }

  @Test
  @DisplayName(
      "AM-3 with an altmap the structures lie in the device, after reserve, and are seen there")
  void structuresInTheDevice() {
    try (Mapping memory = machine.memremap(PhysRange.of(START, 4 << 20), MemremapFlag.WB)) {
      for (long offset = 0; offset < 4 << 20; offset += 8) {
        memory.segment().set(ValueLayout.JAVA_LONG, offset, 0x5eed5eed5eed5eedL);
      }
      // 1024 pages of 16 bytes are 4 pages of structures, from page 3 on
      DevPagemap map = map(MemoryType.GENERIC).altmap(3, 5, 4096).build();
      machine.memremapPages(map);
      assertThat(map.altmap().map(VmemAltmap::alloc)).contains(4L);
      Page page = page(PFN + 100);
      page.zoneDeviceData(0x1234567890abcdefL);
      page.get();
      // a block is 512 words of 8 bytes, and then as many of the driver's
      long word = 3 * 4096 + 100 * 8;
      assertThat(memory.load(word + 4096, 64)).isEqualTo(0x1234567890abcdefL);
      assertThat(memory.load(word, 32)).as("one more than fresh").isEqualTo(1);
      for (long offset = 0; offset < 3 * 4096; offset += 8) {
        assertThat(memory.load(offset, 64)).as("reserve").isEqualTo(0x5eed5eed5eed5eedL);
      }
      assertThat(memory.load(8 * 4096, 64)).as("usable pages").isEqualTo(0x5eed5eed5eed5eedL);
      page.put();
      machine.memunmapPages(map);
      assertThat(map.altmap().map(VmemAltmap::alloc)).contains(0L);
    }
  }

  @Test
  @DisplayName("AM-2, C-8 of the kernel's size, structures lie 64 bytes apart, the data beside")
  void structuresOfTheKernelsSize() {
    try (Machine kernels =
            Machine.simulated(
                MachineDescription.parse(
                    "# memmap=kernel\n00001000-3fffffff : System RAM\n"
                        + "40000000-4fffffff : Persistent Memory\n"));
        Mapping memory = kernels.memremap(PhysRange.of(START, 128 << 20), MemremapFlag.WB)) {
      DevPagemap map =
          DevPagemap.over(PhysRange.of(START, 128 << 20))
              .type(MemoryType.GENERIC)
              .altmap(0, 512, 4096)
              .build();
      kernels.memremapPages(map);
      Page page = kernels.pfnToPage(PFN + 1000);
      page.get();
      page.zoneDeviceData(0x1234567890abcdefL);
      assertThat(memory.load(1000 * 64, 32)).as("one more than fresh").isEqualTo(1);
      assertThat(memory.load(1000 * 64 + 8, 64)).isEqualTo(0x1234567890abcdefL);
      assertThat(memory.load(999 * 64, 32)).as("its neighbour").isZero();
      page.put();
    }
  }

  @Test
  @DisplayName("D-5 a view of a life that is over takes nothing from the next life's count")
  void staleView() {
    DevPagemap map = map(MemoryType.GENERIC).build();
    machine.memremapPages(map);
    Page stale = page(PFN + 3);
    stale.get();
    stale.put();
    machine.memunmapPages(map);
    machine.memremapPages(map);
    Page page = page(PFN + 3);
    page.get();
    page.get();
    assertRefused(stale::put, "gone");
    assertThat(stale.tryGet()).isFalse();
    assertThat(page.refCount()).isEqualTo(3);
    assertThat(stale.refCount()).as("as a fresh page's").isEqualTo(1);
    page.put();
    page.put();
    assertThat(map.outsideReferences()).isZero();
  }

  @Test
  @DisplayName(
      "PG-5, GP-4, GP-6 lookups find a page that an altmap sets aside, which is not usable")
  void setAside() {
    DevPagemap map = map(MemoryType.GENERIC).altmap(2, 6, 4096).build();
    machine.memremapPages(map);
    Page page = page(PFN + 7);
    assertThat(page.pgmap()).isNull();
    assertThat(page.refCount()).isEqualTo(1);
    assertThat(page.tryGet()).isFalse();
    assertRefused(page::put, "set");
    assertRefused(() -> page.zoneDeviceData(1), "altmap");
    assertThat(map.pfnValid(PFN + 7)).isFalse();
    assertThat(map.pfnValid(PFN + 8)).isTrue();
    DevPagemap found = machine.getDevPagemap(PFN + 7, null);
    assertThat(found).isSameAs(map);
    map.put();
  }

  @Test
  @DisplayName("TY-5 an access to a PRIVATE page asks the driver to bring its contents back")
  void migrateToRam() {
    machine.memremapPages(map(MemoryType.PRIVATE).build());
    Page page = page(PFN);
    assertThat(page.migrateToRam()).contains(PagemapOps.MigrateToRam.Outcome.MIGRATED);
    assertRefused(page::segment, "PRIVATE");
  }

  @Test
  @DisplayName("pfn_to_page and page_to_pfn undo each other, and say where no page is")
  void pfnToPage() {
    machine.memremapPages(map(MemoryType.GENERIC).build());
    assertThat(machine.pageToPfn(machine.pfnToPage(PFN + 9))).isEqualTo(PFN + 9);
    assertThatThrownBy(() -> machine.pfnToPage(5))
        .isInstanceOfSatisfying(
            MemremapException.class, e -> assertThat(e.errno()).isEqualTo(Errno.ENXIO));
    assertThat(machine.zone(5)).isEqualTo(Page.Zone.NORMAL);
    assertThat(machine.zone(PFN)).isEqualTo(Page.Zone.DEVICE);
    assertThat(machine.zone(PFN + 1024)).isEqualTo(Page.Zone.NONE);
    assertThat(machine.zone(1L << 52)).isEqualTo(Page.Zone.NONE);
  }

  @Test
  @DisplayName("MF-1 to MF-3 a failure asks the callback, poisons, or leaves it alone")
  void memoryFailure() {
    List<String> asked = new ArrayList<>();
    DevPagemap map =
        map(MemoryType.GENERIC)
            .ops(
                PagemapOps.none()
                    .withMemoryFailure(
                        (of, pfn, count, flags) -> {
                          asked.add("%x+%d flags %d".formatted(pfn, count, flags));
                          return pfn == PFN ? Optional.empty() : Optional.of(Errno.EOPNOTSUPP);
                        }))
            .build();
    machine.memremapPages(map);
    DaxMapped.pages(machine, PFN + 10, PFN + 12);
    FailureOutcome handled = machine.memoryFailure(PFN, 1, 4);
    assertThat(handled.isRecovered() && handled.byCallback()).isTrue();
    assertThat(page(PFN).isPoisoned()).isFalse();
    FailureOutcome poisoned = machine.memoryFailure(PFN + 10, 3, 0);
    assertThat(poisoned.poisoned()).isEqualTo(3);
    assertThat(page(PFN + 9).isPoisoned()).isFalse();
    assertThat(page(PFN + 12).isPoisoned()).isTrue();
    assertThat(page(PFN + 13).isPoisoned()).isFalse();
    assertThat(asked).containsExactly("40000+1 flags 4", "4000a+3 flags 0");
    assertThat(machine.memoryFailure(PFN + 1020, 5, 0).error()).contains(Errno.ENXIO);
    assertThat(machine.memoryFailure(5, 1, 0).error()).contains(Errno.ENXIO);
    assertThat(machine.memoryFailure(-1, 1, 0).error()).contains(Errno.ENXIO);
    page(PFN + 20).get();
    machine.memoryFailure(PFN + 20, 1, 1);
    assertThat(page(PFN + 20).refCount()).as("MF_COUNT_INCREASED").isEqualTo(1);
    assertThat(map.outsideReferences()).isZero();
  }

  @Test
  @DisplayName("eight threads take and put one page, and its count is as it was")
  void manyThreads() throws InterruptedException {
    DevPagemap map = map(MemoryType.COHERENT).build();
    machine.memremapPages(map);
    Page page = page(PFN);
    page.zoneDeviceInit();
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      threads.add(
          Thread.ofPlatform()
              .start(
                  () -> {
                    for (int n = 0; n < 20_000; n++) {
                      page.get();
                      page.put();
                    }
                  }));
    }
    for (Thread thread : threads) {
      thread.join();
    }
    assertThat(page.refCount()).isEqualTo(1);
    assertThat(map.outsideReferences()).isEqualTo(1);
    page.put();
    assertThat(freed).containsExactly(PFN);
    machine.memunmapPages(map);
  }

  private static void assertRefused(Runnable misuse, String why) {
    assertThatIllegalStateException()
        .isThrownBy(misuse::run)
        .withMessageContaining(why)
        .withMessageContaining("D-5");
  }

  /** C-5: the count of a page that was never used. */
  private static int fresh(MemoryType type) {
    return type.isHandedOut() ? 0 : 1;
  }
}
