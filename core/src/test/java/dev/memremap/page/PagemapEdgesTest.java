// SPDX-License-Identifier: Apache-2.0
package dev.memremap.page;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.memremap.Machine;
import dev.memremap.machine.MachineDescription;
import dev.memremap.resource.PhysRange;
import dev.memremap.rule.Errno;
import dev.memremap.rule.MemremapException;
import dev.memremap.rule.Rule;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Everything that takes a page frame number, at the first page of a map, its last, one before and
 * one beyond.
 */
class PagemapEdgesTest {
  private static final long FIRST = 0x40000;
  private static final long LAST = 0x401ff;

  private final Machine machine =
      Machine.simulated(
          MachineDescription.parse(
              """
              # phys-bits=46
              # memmap=compact
              00001000-200fffff : System RAM
              40000000-7fffffff : Persistent Memory
              """));

  @AfterEach
  void close() {
    // a map that a failed test left in use is not waited for
    for (DevPagemap map : machine.pagemaps()) {
      if (map.outsideReferences() == 0 && map.state() == DevPagemap.State.LIVE) {
        machine.memunmapPages(map);
      }
    }
    machine.close();
  }

  private DevPagemap map(DevPagemap.Builder builder) {
    DevPagemap map = builder.build();
    machine.memremapPages(map);
    return map;
  }

  private static DevPagemap.Builder generic(long firstPfn, long lastPfn) {
    return DevPagemap.over(PhysRange.ofPfns(firstPfn, lastPfn, 4096)).type(MemoryType.GENERIC);
  }

  /** One subsection of 512 pages, with a neighbour on each side that must not answer for it. */
  private DevPagemap one() {
    map(generic(FIRST - 0x200 + 0x400, LAST + 0x200).name("above"));
    return map(generic(FIRST, LAST).name("one"));
  }

  private Set<Long> poisoned(long from, long to) {
    return java.util.stream.LongStream.rangeClosed(from, to)
        .filter(
            pfn -> {
              Page page = machine.page(pfn);
              return page != null && page.isPoisoned();
            })
        .boxed()
        .collect(Collectors.toSet());
  }

  private static Set<Long> pages(long from, long count) {
    return java.util.stream.LongStream.range(from, from + count)
        .boxed()
        .collect(Collectors.toSet());
  }

  // ---- memory_failure ----------------------------------------------------------------------

  @ParameterizedTest(name = "page 0x40000{0} and {1} pages: {2}")
  @CsvSource({
    // the map has the pages 0 to 511; another begins at page 512
    "-1, 1, MF-1",
    "-1, 2, MF-1",
    "-1, 512, MF-1",
    "0, 1, ok",
    "0, 511, ok",
    "0, 512, ok",
    "0, 513, MF-2",
    "0, 1024, MF-2",
    "0, 9223372036854775807, MF-2",
    "1, 511, ok",
    "1, 512, MF-2",
    "255, 2, ok",
    "510, 1, ok",
    "510, 2, ok",
    "510, 3, MF-2",
    "511, 1, ok",
    "511, 2, MF-2",
    "511, 9223372036854775807, MF-2",
    // the map above
    "512, 1, ok",
    "512, 512, ok",
    "512, 513, MF-2",
    "1023, 1, ok",
    "1023, 2, MF-2",
    "1024, 1, MF-1",
  })
  @DisplayName("MF-1 to MF-3 a failure is handled if all its pages lie in one range, ends included")
  void memoryFailure(long first, long count, String expected) {
    one();
    DaxMapped.pages(machine, FIRST, LAST + 0x200);
    FailureOutcome outcome = machine.memoryFailure(FIRST + first, count, 0);
    if (expected.equals("ok")) {
      assertThat(outcome.error()).as(outcome.sentence()).isEmpty();
      assertThat(outcome.rule()).isEqualTo(Rule.MF_3);
      assertThat(outcome.poisoned()).isEqualTo(count);
      assertThat(poisoned(FIRST - 2, LAST + 0x202)).isEqualTo(pages(FIRST + first, count));
    } else {
      assertThat(outcome.error()).hasValue(Errno.ENXIO);
      assertThat(outcome.rule().id()).isEqualTo(expected);
      assertThat(outcome.poisoned()).isZero();
      assertThat(poisoned(FIRST - 2, LAST + 0x202)).isEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {0, -1, Long.MIN_VALUE})
  @DisplayName("MF-1 a failure is of one page at least")
  void noPages(long count) {
    one();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> machine.memoryFailure(FIRST, count, 0))
        .withMessageContaining("one page at least");
  }

  @ParameterizedTest(name = "{1} pages from page {0}: {2}")
  @CsvSource({
    // reserve 3 and free 2: the pages 0 to 4 have no structure
    "0, 1, false",
    "4, 1, false",
    "4, 2, false",
    "5, 1, true",
    "5, 507, true",
    "5, 508, false",
    "511, 1, true",
    "511, 2, false",
  })
  @DisplayName("MF-2, PG-5 a failure of a page that the altmap sets aside is refused")
  void memoryFailureBesideTheAltmap(long first, long count, boolean handled) {
    map(generic(FIRST, LAST).altmap(3, 2, 4096));
    DaxMapped.pages(machine, FIRST, LAST);
    FailureOutcome outcome = machine.memoryFailure(FIRST + first, count, 0);
    assertThat(outcome.isRecovered()).isEqualTo(handled);
    assertThat(poisoned(FIRST, LAST)).isEqualTo(handled ? pages(FIRST + first, count) : Set.of());
  }

  @ParameterizedTest(name = "{1} pages from page {0} poison {2} heads, first {3}")
  @CsvSource({
    // two compound pages of 512
    "0, 1, 1, 0",
    "511, 1, 1, 0",
    "0, 512, 1, 0",
    "0, 513, 2, 0",
    "511, 2, 2, 0",
    "512, 1, 1, 512",
    "1023, 1, 1, 512",
    "512, 512, 1, 512",
    "0, 1024, 2, 0",
    "0, 1025, 0, 0",
    "1023, 2, 0, 0",
  })
  @DisplayName("MF-3 a failure poisons the head of each compound page that it touches")
  void memoryFailureOfCompoundPages(long first, long count, int heads, long firstHead) {
    map(generic(FIRST, FIRST + 1023).vmemmapShift(9));
    DaxMapped.pages(machine, FIRST, FIRST + 1023);
    FailureOutcome outcome = machine.memoryFailure(FIRST + first, count, 0);
    assertThat(outcome.isRecovered()).isEqualTo(heads > 0);
    assertThat(outcome.poisoned()).isEqualTo(heads);
    for (long head : new long[] {0, 512}) {
      boolean hit = heads == 2 || (heads == 1 && head == firstHead);
      assertThat(machine.pfnToPage(FIRST + head).isPoisoned()).as("head %d", head).isEqualTo(hit);
      assertThat(machine.pfnToPage(FIRST + head + 511).isPoisoned()).isEqualTo(hit);
    }
  }

  @Test
  @DisplayName("MF-2 a failure across two ranges of one map is refused, also where they adjoin")
  void memoryFailureAcrossRanges() {
    map(
        DevPagemap.over(
                PhysRange.ofPfns(FIRST, LAST, 4096), PhysRange.ofPfns(LAST + 1, LAST + 0x200, 4096))
            .type(MemoryType.GENERIC));
    DaxMapped.pages(machine, FIRST, LAST + 0x200);
    assertThat(machine.memoryFailure(LAST, 2, 0).error()).hasValue(Errno.ENXIO);
    assertThat(machine.memoryFailure(LAST + 1, 0x200, 0).poisoned()).isEqualTo(0x200);
    assertThat(machine.memoryFailure(LAST, 1, 0).poisoned()).isEqualTo(1);
    assertThat(poisoned(FIRST, LAST + 0x200)).isEqualTo(pages(LAST, 0x201));
  }

  @ParameterizedTest(name = "{1} pages from page {0}")
  @CsvSource({"0, 1", "0, 512", "511, 1", "7, 500"})
  @DisplayName("MF-2 the callback is told the pages as they were reported")
  void callback(long first, long count) {
    List<Long> told = new ArrayList<>();
    map(
        generic(FIRST, LAST)
            .ops(
                PagemapOps.none()
                    .withMemoryFailure(
                        (map, pfn, pages, flags) -> {
                          told.addAll(List.of(pfn, pages, (long) flags));
                          return Optional.empty();
                        })));
    assertThat(machine.memoryFailure(FIRST + first, count, 6).byCallback()).isTrue();
    assertThat(told).containsExactly(FIRST + first, count, 6L);
    assertThat(machine.memoryFailure(FIRST + first, 513 - first, 6).isRecovered()).isFalse();
    assertThat(told).as("one page too many is not told").hasSize(3);
  }

  @ParameterizedTest(name = "the failure is of {1} pages from page {0}: {2} references are left")
  @CsvSource({"0, 1, 1", "511, 1, 1", "0, 512, 1", "0, 513, 1", "512, 1, 2", "-1, 1, 2"})
  @DisplayName("MF-2 MF_COUNT_INCREASED puts the reference to the first page, whatever is answered")
  void countIncreased(long first, long count, int left) {
    map(generic(FIRST, LAST));
    long held = Math.clamp(FIRST + first, FIRST, LAST);
    Page page = machine.pfnToPage(held);
    page.get();
    machine.memoryFailure(FIRST + first, count, 1);
    assertThat(page.refCount()).isEqualTo(left);
    if (left > 1) {
      page.put();
    }
  }

  // ---- looking up --------------------------------------------------------------------------

  @ParameterizedTest(name = "page 0x{0}: map {1}, first range {2}, structure {3}")
  @CsvSource({
    // the first range begins with 5 pages of an altmap; the second map has no altmap, and two
    // ranges
    "0, '', false, false",
    "3ffff, '', false, false",
    "40000, a, true, false",
    "40004, a, true, false",
    "40005, a, true, true",
    "401ff, a, true, true",
    "40200, '', false, false",
    "403ff, '', false, false",
    "40400, b, true, true",
    "405ff, b, true, true",
    "40600, '', false, false",
    "407ff, '', false, false",
    "40800, b, false, true",
    "40bff, b, false, true",
    "40c00, '', false, false",
    // all 64 bits count (D-12)
    "400040000, '', false, false",
    "10000000040005, '', false, false",
    "8000000000040005, '', false, false",
    "ffffffffffffffff, '', false, false",
  })
  @DisplayName("GP-3, GP-6, D-12 a page is found from the first of its range to the last")
  void lookups(String number, String name, boolean inFirstRange, boolean usable) {
    long pfn = Long.parseUnsignedLong(number, 16);
    DevPagemap a = map(generic(FIRST, LAST).altmap(3, 2, 4096).name("a"));
    DevPagemap b =
        map(
            DevPagemap.over(
                    PhysRange.ofPfns(0x40400, 0x405ff, 4096),
                    PhysRange.ofPfns(0x40800, 0x40bff, 4096))
                .type(MemoryType.GENERIC)
                .name("b"));
    DevPagemap expected = name.equals("a") ? a : name.equals("b") ? b : null;
    assertThat(machine.pagemapAt(pfn)).isSameAs(expected);
    for (DevPagemap map : List.of(a, b)) {
      boolean here = map == expected;
      assertThat(map.covers(pfn, 4096)).isEqualTo(here);
      assertThat(map.coversInFirstRange(pfn, 4096)).isEqualTo(here && inFirstRange);
      assertThat(map.pfnValid(pfn)).isEqualTo(here && usable);
    }
    long before = a.outsideReferences() + b.outsideReferences();
    DevPagemap found = machine.getDevPagemap(pfn, null);
    assertThat(found).isSameAs(expected);
    machine.putDevPagemap(found);
    assertThat(a.outsideReferences() + b.outsideReferences()).isEqualTo(before);

    Page page = machine.page(pfn);
    assertThat(page == null).isEqualTo(expected == null);
    if (page == null) {
      MemremapException refused =
          catchThrowableOfType(MemremapException.class, () -> machine.pfnToPage(pfn));
      assertThat(refused.errno()).isEqualTo(Errno.ENXIO);
    } else {
      assertThat(page.pfn()).isEqualTo(pfn);
      assertThat(machine.pageToPfn(machine.pfnToPage(pfn))).isEqualTo(pfn);
      assertThat(page.isUsable()).isEqualTo(usable);
      assertThat(page.pgmap()).isSameAs(usable ? expected : null);
      assertThat(page.tryGet()).isEqualTo(usable);
      assertThat(page.refCount()).isEqualTo(usable ? 2 : 1);
      if (usable) {
        page.put();
      }
    }
  }

  @ParameterizedTest(name = "page 0x{0}, holding a: {1}")
  @CsvSource({
    "3ffff, ",
    "40000, a",
    "401ff, a",
    "40200, b",
    "403ff, b",
    "40400, ",
    "8000000000040000, ",
  })
  @DisplayName("GP-1, GP-2 a hint comes back for its own pages, and is put for all others")
  void hints(String number, String name) {
    DevPagemap a = map(generic(FIRST, LAST).name("a"));
    DevPagemap b = map(generic(LAST + 1, LAST + 0x200).name("b"));
    DevPagemap held = machine.getDevPagemap(FIRST, null);
    DevPagemap found = machine.getDevPagemap(Long.parseUnsignedLong(number, 16), held);
    assertThat(found).isSameAs("a".equals(name) ? a : "b".equals(name) ? b : null);
    assertThat(a.outsideReferences()).isEqualTo("a".equals(name) ? 1 : 0);
    assertThat(b.outsideReferences()).isEqualTo("b".equals(name) ? 1 : 0);
    machine.putDevPagemap(found);
  }

  @ParameterizedTest(name = "page 0x{0}: {1}")
  @CsvSource({
    // RAM ends inside the subsection of the pages 20000 to 201ff
    "0, NORMAL",
    "200ff, NORMAL",
    "20100, NORMAL",
    "201ff, NORMAL",
    "20200, NONE",
    "3ffff, NONE",
    "40000, DEVICE",
    "401ff, DEVICE",
    "40200, NONE",
    "fffffffffffff, NONE",
    "10000000000000, NONE",
    "8000000000000000, NONE",
    "ffffffffffffffff, NONE",
  })
  @DisplayName("a page is there where its 2 MiB hold System RAM or a page map")
  void zones(String number, Page.Zone expected) {
    map(generic(FIRST, LAST));
    assertThat(machine.zone(Long.parseUnsignedLong(number, 16))).isEqualTo(expected);
  }

  // ---- pages -------------------------------------------------------------------------------

  @ParameterizedTest
  @EnumSource(
      value = MemoryType.class,
      names = {"PRIVATE", "COHERENT"})
  @DisplayName("TY-4 the first page and the last can be handed out, and their neighbours are not")
  void handOut(MemoryType type) {
    DevPagemap map =
        map(
            DevPagemap.over(PhysRange.ofPfns(FIRST, LAST, 4096))
                .type(type)
                .owner("device")
                .ops(
                    PagemapOps.none()
                        .withPageFree(page -> {})
                        .withMigrateToRam(page -> PagemapOps.MigrateToRam.Outcome.SIGBUS)));
    for (long pfn : new long[] {FIRST, LAST, FIRST + 1, LAST - 1}) {
      machine.pfnToPage(pfn).zoneDeviceInit();
    }
    for (long pfn = FIRST; pfn <= LAST; pfn++) {
      boolean out = pfn <= FIRST + 1 || pfn >= LAST - 1;
      assertThat(machine.pfnToPage(pfn).refCount()).as("page 0x%x", pfn).isEqualTo(out ? 1 : 0);
    }
    assertThat(map.outsideReferences()).isEqualTo(4);
    assertThat(machine.memoryFailure(LAST, 1, 0).rule()).isEqualTo(Rule.MF_3);
    for (long pfn : new long[] {FIRST, LAST, FIRST + 1, LAST - 1}) {
      machine.pfnToPage(pfn).put();
    }
    assertThat(map.outsideReferences()).isZero();
  }

  @Test
  @DisplayName(
      "TY-4 of a compound page the head is handed out, its tails and set-aside pages are not")
  void handOutCompound() {
    map(
        DevPagemap.over(PhysRange.ofPfns(FIRST, LAST, 4096))
            .type(MemoryType.COHERENT)
            .owner("device")
            .altmap(2, 2, 4096)
            .vmemmapShift(2)
            .ops(PagemapOps.none().withPageFree(page -> {})));
    for (long pfn : new long[] {FIRST, FIRST + 3, FIRST + 5, FIRST + 7, LAST}) {
      assertThatIllegalStateException()
          .as("page 0x%x", pfn)
          .isThrownBy(() -> machine.pfnToPage(pfn).zoneDeviceInit());
    }
    for (long pfn : new long[] {FIRST + 4, FIRST + 8, LAST - 3}) {
      machine.pfnToPage(pfn).zoneDeviceInit();
      assertThat(machine.pfnToPage(pfn + 3).head().pfn()).isEqualTo(pfn);
      machine.pfnToPage(pfn + 3).put();
    }
  }

  @Test
  @DisplayName("C-17 each page has its own 4096 bytes of the map's memory, the last ones included")
  void bytes() {
    DevPagemap map = map(generic(FIRST, LAST));
    MemorySegment whole = map.segment();
    for (long index = 0; index < 512; index++) {
      whole.set(ValueLayout.JAVA_INT, index * 4096, (int) index);
      whole.set(ValueLayout.JAVA_INT, index * 4096 + 4092, ~(int) index);
    }
    for (long pfn = FIRST; pfn <= LAST; pfn++) {
      MemorySegment page = machine.pfnToPage(pfn).segment();
      assertThat(page.byteSize()).isEqualTo(4096);
      assertThat(page.get(ValueLayout.JAVA_INT, 0)).isEqualTo((int) (pfn - FIRST));
      assertThat(page.get(ValueLayout.JAVA_INT, 4092)).isEqualTo(~(int) (pfn - FIRST));
    }
    assertThat(map.usablePages()).isEqualTo(512);
    assertThat(map.ownReferences()).isEqualTo(512);
  }

  @Test
  @DisplayName(
      "a page's word, data and flags are its own: neighbours and block ends stay as they were")
  void words() {
    map(generic(FIRST, LAST + 0x200));
    long[] marked = {FIRST, LAST, LAST + 1, LAST + 0x200};
    for (long pfn : marked) {
      Page page = machine.pfnToPage(pfn);
      page.get();
      page.zoneDeviceData(pfn);
      page.reserved(false);
    }
    for (long pfn = FIRST; pfn <= LAST + 0x200; pfn++) {
      Page page = machine.pfnToPage(pfn);
      boolean hit = pfn == FIRST || pfn == LAST || pfn == LAST + 1 || pfn == LAST + 0x200;
      assertThat(page.refCount()).as("page 0x%x", pfn).isEqualTo(hit ? 2 : 1);
      assertThat(page.zoneDeviceData()).isEqualTo(hit ? pfn : 0);
      assertThat(page.isReserved()).isEqualTo(!hit);
    }
    for (long pfn : marked) {
      machine.pfnToPage(pfn).put();
    }
  }
}
