// SPDX-License-Identifier: Apache-2.0
package dev.memremap.internal.pages;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.memremap.Machine;
import dev.memremap.Machines;
import dev.memremap.cache.CacheMode;
import dev.memremap.internal.geometry.PageGeometry;
import dev.memremap.machine.MachineDescription;
import dev.memremap.page.DevPagemap;
import dev.memremap.page.MemoryType;
import dev.memremap.page.PagemapRange;
import dev.memremap.page.VmemAltmap;
import dev.memremap.resource.PhysRange;
import dev.memremap.rule.MemremapException;
import java.util.OptionalLong;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The radix tree of page maps at the edges of its nodes, and the arithmetic of altmaps. */
class PagemapTableEdgesTest {
  private final Machine machine =
      Machine.simulated(
          MachineDescription.parse("# phys-bits=46\n00001000-0fffffff : System RAM\n"));

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

  private DevPagemap map(long firstPfn, long lastPfn, String name) {
    DevPagemap map =
        DevPagemap.over(PhysRange.ofPfns(firstPfn, lastPfn, 4096))
            .type(MemoryType.GENERIC)
            .name(name)
            .build();
    machine.memremapPages(map);
    return map;
  }

  // a subsection has 0x200 pages, a leaf node 256 of those, a middle node 256 leaves, the root 512
  @ParameterizedTest(name = "pages 0x{0} to 0x{1}")
  @CsvSource({
    "20000, 201ff", // the first subsection of a leaf
    "3fe00, 3ffff", // the last of a leaf
    "3fe00, 401ff", // across two leaves
    "20000, 3ffff", // a whole leaf
    "20000, 401ff", // a whole leaf, and one subsection more
    "1fe00, 3ffff", // a whole leaf, and one subsection before
    "1fe00, 401ff",
    "2000000, 3ffffff", // a whole middle node
    "1fffe00, 3ffffff",
    "2000000, 40001ff",
    "1fffe00, 40001ff",
    "3fffffe00, 3ffffffff", // the last subsection below 2^46
    "3fe000000, 3ffffffff", // the last middle node
    "3fdfffe00, 3ffffffff",
  })
  @DisplayName("GP-3 a map is found from its first page to its last, whatever nodes they lie in")
  void nodes(String first, String last) {
    long from = Long.parseLong(first, 16);
    long to = Long.parseLong(last, 16);
    PagemapTable table = Machines.pagemapTable(machine);
    DevPagemap map = map(from, to, "one");
    assertThat(table.find(from - 1)).isNull();
    assertThat(table.find(from - 0x200)).isNull();
    assertThat(table.find(to + 1)).isNull();
    assertThat(table.find(to + 0x200)).isNull();
    for (long pfn : new long[] {from, from + 0x1ff, to - 0x1ff, to, from + (to - from) / 2}) {
      assertThat(table.find(pfn)).as("page 0x%x", pfn).isSameAs(map);
    }
    machine.memunmapPages(map);
    for (long pfn : new long[] {from, from + 0x1ff, to - 0x1ff, to}) {
      assertThat(table.find(pfn)).as("page 0x%x", pfn).isNull();
    }
  }

  @Test
  @DisplayName(
      "D-2 taking a map out leaves its neighbours on both sides, also in a node of its own")
  void neighbours() {
    DevPagemap below = map(0x1fe00, 0x1ffff, "below");
    DevPagemap whole = map(0x20000, 0x3ffff, "whole");
    DevPagemap above = map(0x40000, 0x401ff, "above");
    machine.memunmapPages(whole);
    DevPagemap part = map(0x20200, 0x3fdff, "part");
    PagemapTable table = Machines.pagemapTable(machine);
    assertThat(table.find(0x1ffff)).isSameAs(below);
    assertThat(table.find(0x20000)).isNull();
    assertThat(table.find(0x201ff)).isNull();
    assertThat(table.find(0x20200)).isSameAs(part);
    assertThat(table.find(0x3fdff)).isSameAs(part);
    assertThat(table.find(0x3fe00)).isNull();
    assertThat(table.find(0x3ffff)).isNull();
    assertThat(table.find(0x40000)).isSameAs(above);
    machine.memunmapPages(part);
    assertThat(table.maps()).containsExactly(below, above);
  }

  @ParameterizedTest(name = "pages 0x{0} to 0x{1}: {2}")
  @CsvSource({
    "0, 1fdff, ''",
    "0, 1fe00, a",
    "1fe00, 1fe00, a",
    "1ffff, 1ffff, a",
    "1ffff, 20000, a b",
    "20000, 20000, b",
    "3ffff, 3ffff, b",
    "40000, 403ff, ''",
    "3ffff, 40400, b c",
    "40400, 405ff, c",
    "40600, ffffffff, ''",
    "40600, 3fffffdff, ''",
    "40600, 3fffffe00, d",
    "3ffffffff, 3ffffffff, d",
    "3ffffffff, 400000000, d",
    "3ffffffff, 7fffffffffffffff, d",
    "3ffffffff, ffffffffffffffff, d",
    "400000000, 400000001, ''",
    "0, ffffffffffffffff, a b c d",
  })
  @DisplayName("D-2 the maps among some pages, both ends included")
  void overlapping(String first, String last, String expected) {
    map(0x40400, 0x405ff, "c");
    map(0x20000, 0x3ffff, "b");
    map(0x1fe00, 0x1ffff, "a");
    map(0x3fffffe00L, 0x3ffffffffL, "d");
    assertThat(
            Machines.pagemapTable(machine)
                .overlapping(Long.parseUnsignedLong(first, 16), Long.parseUnsignedLong(last, 16))
                .stream()
                .map(life -> life.toString().substring("page map ".length()))
                .collect(Collectors.joining(" ")))
        .isEqualTo(expected);
  }

  @ParameterizedTest(name = "0x{0} and {1} MiB more: {2}")
  @CsvSource({
    "3ffffe00000, 2, ok",
    "3fffff00000, 2, EINVAL",
    "3fffffe00000, 2, ok",
    "3fffffe00000, 4, EINVAL",
    "400000000000, 2, EINVAL",
    "fe00000, 2, ENXIO",
    "10000000, 2, ok",
    "10000000, 1, EINVAL",
  })
  @DisplayName("C-3, C-13 a page map may end with the last page below 2^46 and begin after RAM")
  void bounds(String start, long mebibytes, String expected) {
    DevPagemap map =
        DevPagemap.over(PhysRange.of(Long.parseLong(start, 16), mebibytes << 20))
            .type(MemoryType.GENERIC)
            .build();
    MemremapException refused =
        catchThrowableOfType(MemremapException.class, () -> machine.memremapPages(map));
    assertThat(refused == null ? "ok" : refused.errno().name()).isEqualTo(expected);
  }

  @ParameterizedTest(name = "{1} MiB at 0x{0}: {2}")
  @CsvSource({
    "3fe00000, 2, ok",
    "3fe00000, 4, ENOMEM",
    "40000000, 2, ENOMEM",
    "40200000, 2, ENOMEM",
    "3fe00000, 6, ENOMEM",
    "3fe00000, 10, ENOMEM",
    "40600000, 2, ENOMEM",
    "40600000, 4, ENOMEM",
    "40800000, 2, ok",
  })
  @DisplayName("D-2 a page map may adjoin another on either side and shares no page with it")
  void besideAnother(String start, long mebibytes, String expected) {
    map(0x40000, 0x407ff, "there");
    bounds(start, mebibytes, expected);
  }

  // ---- altmaps -----------------------------------------------------------------------------

  @ParameterizedTest(name = "{0} pages of {1} free, {2} taken: at {3}, align {4}")
  @CsvSource({
    // base 1000, reserve 24: the next page is 1024
    "1, 1, 0, 1024, 0",
    "2, 1, 0, -1, 0",
    "8, 8, 0, 1024, 0",
    "9, 8, 0, -1, 0",
    "7, 8, 1, 1025, 0",
    "8, 8, 1, -1, 0",
    // 4 pages are aligned to 4, so three are skipped after one
    "4, 8, 1, 1028, 3",
    "4, 7, 1, -1, 0",
    "1, 8, 7, 1031, 0",
    "1, 8, 8, -1, 0",
    "0, 8, 0, -1, 0",
  })
  @DisplayName("AM-4 an altmap gives its last free page and none beyond")
  void altmapAlloc(long pages, long free, int taken, long expected, long align) {
    VmemAltmap altmap = new VmemAltmap(1000, 24, free);
    for (int i = 0; i < taken; i++) {
      assertThat(altmap.alloc(4096, 4096)).hasValue(1024 + i);
    }
    assertThat(altmap.nrFree()).isEqualTo(free - taken);
    assertThat(altmap.nextPfn()).isEqualTo(1024 + taken);
    OptionalLong got = altmap.alloc(pages * 4096, 4096);
    assertThat(got).isEqualTo(expected < 0 ? OptionalLong.empty() : OptionalLong.of(expected));
    boolean granted = expected >= 0;
    assertThat(altmap.alloc()).isEqualTo(taken + (granted ? pages : 0));
    assertThat(altmap.align()).isEqualTo(align);
    assertThat(altmap.nrFree()).isEqualTo(free - taken - (granted ? pages + align : 0));
    assertThat(altmap.offset()).as("taken or not").isEqualTo(24 + free);
    assertThat(altmap.alloc(4095, 4096)).isEmpty();
    assertThat(altmap.alloc(4097, 4096)).isEmpty();
  }

  @ParameterizedTest(name = "{0} of 4 pages given back: {1}")
  @CsvSource({"0, ok", "1, ok", "3, ok", "4, ok", "5, EINVAL", "-1, EINVAL"})
  @DisplayName("AM-5 an altmap takes back as many pages as it gave")
  void altmapFree(long pages, String expected) {
    VmemAltmap altmap = new VmemAltmap(1000, 24, 8);
    assertThat(altmap.alloc(4 * 4096, 4096)).isPresent();
    MemremapException refused =
        catchThrowableOfType(MemremapException.class, () -> altmap.free(pages));
    assertThat(refused == null ? "ok" : refused.errno().name()).isEqualTo(expected);
    assertThat(altmap.alloc()).isEqualTo(refused == null ? 4 - pages : 4);
  }

  @ParameterizedTest(name = "reserve {0}, free {1} of {2} pages: all {3}, more {4}")
  @CsvSource({
    "0, 9, 10, false, false",
    "0, 10, 10, true, false",
    "0, 11, 10, true, true",
    "9, 0, 10, false, false",
    "10, 0, 10, true, false",
    "11, 0, 10, true, true",
    "4, 5, 10, false, false",
    "4, 6, 10, true, false",
    "4, 7, 10, true, true",
    "-1, 11, 10, true, true",
    "11, -1, 10, true, true",
    "-1, -1, 10, true, true",
    "0, 0, 1, false, false",
    "0, 1, 1, true, false",
  })
  @DisplayName("AM-6, D-13 whether an altmap takes all of its range, or more, overflow included")
  void altmapTakes(long reserve, long free, long pages, boolean all, boolean more) {
    VmemAltmap altmap = new VmemAltmap(1000, reserve, free);
    assertThat(altmap.takesAllOf(pages)).isEqualTo(all);
    assertThat(altmap.takesMoreThan(pages)).isEqualTo(more);
  }

  @Test
  @DisplayName("AM-3 page structures lie in the altmap from its share's first page to its last")
  void altmapShare() {
    AltmapShare share = new AltmapShare(0x40000, 0x401ff, 0x40003, 2);
    assertThat(share.holds(0x3ffff)).isFalse();
    assertThat(share.holds(0x40000)).isTrue();
    assertThat(share.holds(0x401ff)).isTrue();
    assertThat(share.holds(0x40200)).isFalse();
  }

  @ParameterizedTest(
      name =
          "page {0} of a range with 8 pages set aside and compound pages of 4: head {1}, block {2}")
  @CsvSource({
    "8, 8, 3",
    "11, 8, 3",
    "12, 12, 3",
    "15, 12, 3",
    "508, 508, 3",
    "511, 508, 3",
    "512, 512, 4",
    "1023, 1020, 4",
  })
  @DisplayName("CG-1 a compound page's head, and the block of a page's structure")
  void liveRange(long page, long head, long block) {
    LiveRange range =
        new LiveRange(
            PageGeometry.X86_64,
            PhysRange.ofPfns(0x40000, 0x403ff, 4096),
            CacheMode.WB,
            0x40008,
            2,
            3);
    assertThat(range.headOf(0x40000 + page)).isEqualTo(0x40000 + head);
    assertThat(range.blockOf(0x40000 + page)).isEqualTo(block);
    assertThat(range.contains(0x40000 + page)).isTrue();
    assertThat(range.contains(0x3ffff)).isFalse();
    assertThat(range.contains(0x40000)).isTrue();
    assertThat(range.contains(0x40400)).isFalse();
    assertThat(range.pages()).isEqualTo(1024);
    assertThat(range.usablePages()).isEqualTo(1016);
    assertThat(range.references()).isEqualTo(254);
  }

  @ParameterizedTest(name = "{0} blocks, {1} touched")
  @CsvSource({"1, 0", "64, 0", "64, 63", "65, 63", "65, 64", "128, 127", "129, 128"})
  @DisplayName("a block is touched alone, the first and the last of a word included")
  void touchedBlocks(long blocks, long touched) {
    TouchedBlocks bits = new TouchedBlocks(blocks);
    bits.add(touched);
    for (long block = 0; block < blocks; block++) {
      assertThat(bits.has(block)).as("block %d", block).isEqualTo(block == touched);
    }
  }

  @ParameterizedTest(name = "0x{0}+0x{1}: {2}, pages {3} to {4}")
  @CsvSource({
    "0, 0, true, 0, 0",
    "1000, 0, true, 0, 0",
    "0, 1, false, 0, 0",
    "0, 1000, false, 0, 0",
    "0, 1001, false, 0, 1",
    "fff, 2, false, 0, 1",
    "fffffffffffff000, 1000, false, fffffffffffff, fffffffffffff",
    "fffffffffffff000, 1001, true, 0, 0",
    "1, ffffffffffffffff, false, 0, fffffffffffff",
    "2, ffffffffffffffff, true, 0, 0",
  })
  @DisplayName("C-13 a range of a page map is empty if it has no byte or wraps around")
  void pagemapRange(String start, String size, boolean empty, String first, String last) {
    PagemapRange range =
        new PagemapRange(Long.parseUnsignedLong(start, 16), Long.parseUnsignedLong(size, 16));
    assertThat(range.isEmpty()).isEqualTo(empty);
    if (!empty) {
      assertThat(range.pages(4096))
          .isEqualTo(
              PhysRange.ofPfns(
                  Long.parseUnsignedLong(first, 16), Long.parseUnsignedLong(last, 16), 4096));
    }
  }
}
