// SPDX-License-Identifier: Apache-2.0
package dev.memremap.resource;

import static dev.memremap.resource.ResourceFlags.MEM;
import static dev.memremap.resource.ResourceFlags.SYSTEM_RAM;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Each question to a tree at the first byte of a resource, its last, one before and one beyond. */
class ResourceSnapshotEdgesTest {
  /**
   * RAM in three pieces, of which the first two adjoin; then the window of a device that holds RAM
   * with a gap, as CXL memory does.
   */
  private static final ResourceSnapshot TREE =
      new ResourceSnapshot(
          IomemText.parse(
              """
              00003000-00004fff : System RAM
              00005000-00006fff : System RAM
              00009000-00009fff : System RAM
              0000a000-0000afff : Reserved
              00010000-0001ffff : CXL Window 0
                00011000-00011fff : System RAM
                00012000-00012fff : System RAM
                00014000-00014fff : System RAM
              ffffffffffff0000-ffffffffffffffff : System RAM
              """));

  private static PhysRange range(String text) {
    int dash = text.indexOf('-');
    return new PhysRange(
        Long.parseUnsignedLong(text.substring(0, dash), 16),
        Long.parseUnsignedLong(text.substring(dash + 1), 16));
  }

  private static String text(List<PhysRange> ranges) {
    return ranges.stream()
        .map(
            range -> Long.toHexString(range.start()) + "-" + Long.toHexString(range.endInclusive()))
        .collect(Collectors.joining(" "));
  }

  @ParameterizedTest(name = "{0}: {1}")
  @CsvSource({
    "1000-2fff, DISJOINT",
    "1000-3000, INTERSECTS",
    "2fff-2fff, DISJOINT",
    "3000-3000, INTERSECTS",
    "6fff-6fff, INTERSECTS",
    "6fff-8fff, INTERSECTS",
    "7000-8fff, DISJOINT",
    "7000-9000, INTERSECTS",
    "9000-9fff, INTERSECTS",
    "9fff-a000, MIXED",
    "a000-a000, DISJOINT",
    "9000-afff, MIXED",
    "aaaa-ffff, DISJOINT",
    // a window counts as RAM where RAM in it covers all that is asked of it
    "10000-10fff, DISJOINT",
    "10fff-10fff, DISJOINT",
    "10fff-11000, MIXED",
    "11000-11000, INTERSECTS",
    "11000-11fff, INTERSECTS",
    "11000-12fff, INTERSECTS",
    "11fff-12000, INTERSECTS",
    "12fff-12fff, INTERSECTS",
    "11000-13000, MIXED",
    "12fff-13000, MIXED",
    "13000-13000, DISJOINT",
    "13000-13fff, DISJOINT",
    "13fff-14000, MIXED",
    "12000-14fff, MIXED",
    "14000-14fff, INTERSECTS",
    "14fff-15000, MIXED",
    "15000-1ffff, DISJOINT",
    "20000-20000, DISJOINT",
    "fffffffffffeffff-fffffffffffeffff, DISJOINT",
    "fffffffffffeffff-ffffffffffff0000, INTERSECTS",
    "ffffffffffff0000-ffffffffffffffff, INTERSECTS",
    "ffffffffffffffff-ffffffffffffffff, INTERSECTS",
  })
  @DisplayName("RI-1, RI-4 how a range lies to System RAM, byte by byte")
  void regionIntersects(String where, Intersection expected) {
    PhysRange range = range(where);
    assertThat(
            TREE.regionIntersects(range.start(), range.sizeBytes(), SYSTEM_RAM, ResourceDesc.NONE))
        .isEqualTo(expected);
  }

  @ParameterizedTest(name = "{0}: runs {1}, covered {2}, the run at its first byte {3}")
  @CsvSource({
    "1000-2fff, '', false, ",
    "1000-3000, 3000-6fff, false, ",
    "3000-3000, 3000-6fff, true, 3000-6fff",
    "3000-6fff, 3000-6fff, true, 3000-6fff",
    "4fff-5000, 3000-6fff, true, 3000-6fff",
    "2fff-6fff, 3000-6fff, false, ",
    "3000-7000, 3000-6fff, false, 3000-6fff",
    "6fff-6fff, 3000-6fff, true, 3000-6fff",
    "6fff-8fff, 3000-6fff, false, 3000-6fff",
    "6fff-9000, 3000-6fff 9000-9fff, false, 3000-6fff",
    "7000-8fff, '', false, ",
    "7000-9000, 9000-9fff, false, ",
    "9fff-a000, 9000-9fff, false, 9000-9fff",
    "9000-11000, 9000-9fff 11000-12fff, false, 9000-9fff",
    "11000-12fff, 11000-12fff, true, 11000-12fff",
    "12fff-14000, 11000-12fff 14000-14fff, false, 11000-12fff",
    "15000-fffffffffffeffff, '', false, ",
    "15000-ffffffffffff0000, ffffffffffff0000-ffffffffffffffff, false, ",
    "ffffffffffff0000-ffffffffffffffff, ffffffffffff0000-ffffffffffffffff, true, ffffffffffff0000-ffffffffffffffff",
    "ffffffffffffffff-ffffffffffffffff, ffffffffffff0000-ffffffffffffffff, true, ffffffffffff0000-ffffffffffffffff",
  })
  @DisplayName("System RAM that adjoins is one run, wherever in the tree it lies")
  void runs(String where, String runs, boolean covered, String atFirst) {
    PhysRange range = range(where);
    assertThat(text(TREE.systemRamRunsIn(range))).isEqualTo(runs);
    assertThat(TREE.isCoveredBySystemRam(range)).isEqualTo(covered);
    assertThat(TREE.systemRamRunAt(range.start()).map(run -> text(List.of(run))))
        .isEqualTo(java.util.Optional.ofNullable(atFirst));
  }

  @ParameterizedTest(name = "pages {0} to {1}: {2}")
  @CsvSource({
    "1, 2, ''",
    "1, 3, 3000-3fff",
    "3, 3, 3000-3fff",
    "3, 6, 3000-4fff 5000-6fff",
    "4, 5, 4000-4fff 5000-5fff",
    "6, 8, 6000-6fff",
    "7, 8, ''",
    "8, 9, 9000-9fff",
    "9, a, 9000-9fff",
    "a, 10, ''",
    "11, 14, 11000-11fff 12000-12fff 14000-14fff",
    "13, 13, ''",
    "12, 13, 12000-12fff",
    "15, fffffffffffef, ''",
    "15, ffffffffffff0, ffffffffffff0000-ffffffffffff0fff",
    "fffffffffffff, fffffffffffff, fffffffffffff000-ffffffffffffffff",
  })
  @DisplayName("WK-2 the walk visits the pages asked for, cut to each resource")
  void walk(String first, String last, String expected) {
    List<PhysRange> visited = new ArrayList<>();
    TREE.walkSystemRam(
        PhysRange.ofPfns(Long.parseUnsignedLong(first, 16), Long.parseUnsignedLong(last, 16), 4096),
        4096,
        visited::add);
    assertThat(text(visited)).isEqualTo(expected);
  }

  @ParameterizedTest(name = "RAM {0}: whole pages {1}")
  @CsvSource({
    "00003000-00003fff, 3000-3fff",
    "00003000-00003ffe, ''",
    "00003001-00003fff, ''",
    "00002fff-00003fff, 3000-3fff",
    "00003000-00004000, 3000-3fff",
    "00002fff-00004000, 3000-3fff",
    "00003001-00004ffe, ''",
    "00003001-00004fff, 4000-4fff",
    "00003000-00004ffe, 3000-3fff",
    "00003fff-00003fff, ''",
  })
  @DisplayName("WK-2 a page that a resource holds only in part is in no run")
  void wholePages(String ram, String expected) {
    List<PhysRange> visited = new ArrayList<>();
    new ResourceSnapshot(IomemText.parse(ram + " : System RAM\n"))
        .walkSystemRam(new PhysRange(0, 0xfffff), 4096, visited::add);
    assertThat(text(visited)).isEqualTo(expected);
  }

  @ParameterizedTest(name = "{0}: {1}")
  @CsvSource({
    "1000-2fff, ",
    "1000-3000, 3000-3000",
    "2fff-3000, 3000-3000",
    "3000-3001, 3000-3001",
    "4fff-5000, 4fff-4fff",
    "6fff-7000, 6fff-6fff",
    "7000-8fff, ",
    "3000-3000, ",
    "8fff-9000, 9000-9000",
    "a000-11000, 11000-11000",
    "a000-10fff, ",
    "12fff-13000, 12fff-12fff",
    "13000-13fff, ",
    "15000-ffffffffffff0000, ffffffffffff0000-ffffffffffff0000",
    "fffffffffffffffe-ffffffffffffffff, fffffffffffffffe-ffffffffffffffff",
  })
  @DisplayName("WK-1 the first resource that touches a range, cut to it; one byte finds nothing")
  void findNext(String where, String expected) {
    PhysRange range = range(where);
    assertThat(
            TREE.findNext(range.start(), range.endInclusive(), SYSTEM_RAM, ResourceDesc.NONE)
                .map(found -> text(List.of(found))))
        .isEqualTo(java.util.Optional.ofNullable(expected));
  }

  @ParameterizedTest(name = "{0}: {1}")
  @CsvSource({
    // only the window and the reserved range are not busy, and whole pages count
    "f000-ffff, false",
    "f000-10000, true",
    "ffff-10000, true",
    "10000-10000, false",
    "10000-1ffff, false",
    "1ffff-1ffff, false",
    "1ffff-20000, true",
    "20000-20fff, false",
    "f800-10fff, true",
    "10800-10fff, false",
  })
  @DisplayName("RES-12 a request that goes one page beyond a resource looks suspicious")
  void sanityCheck(String where, boolean suspicious) {
    ResourceSnapshot window =
        new ResourceSnapshot(
            IomemText.parse(
                "00010000-0001ffff : PCI Bus 0000:00\n00030000-0003ffff : System RAM\n"));
    assertThat(window.sanityCheck(range(where), 4096).isPresent()).isEqualTo(suspicious);
    assertThat(window.sanityCheck(range("2ffff-30000"), 4096)).as("RAM is busy").isEmpty();
  }

  @ParameterizedTest(name = "{0}: {1}")
  @CsvSource({
    "2fff, ''",
    "3000, System RAM",
    "6fff, System RAM",
    "7000, ''",
    "a000, Reserved",
    "afff, Reserved",
    "b000, ''",
    "ffff, ''",
    "10000, CXL Window 0",
    "10fff, CXL Window 0",
    "11000, CXL Window 0 > System RAM",
    "12fff, CXL Window 0 > System RAM",
    "13000, CXL Window 0",
    "1ffff, CXL Window 0",
    "20000, ''",
    "fffffffffffeffff, ''",
    "ffffffffffff0000, System RAM",
    "ffffffffffffffff, System RAM",
  })
  @DisplayName("the resources that hold an address, outermost first")
  void pathTo(String address, String expected) {
    assertThat(
            TREE.pathTo(Long.parseUnsignedLong(address, 16)).stream()
                .map(Resource::name)
                .collect(Collectors.joining(" > ")))
        .isEqualTo(expected);
  }

  @ParameterizedTest(name = "{0}: {1}")
  @CsvSource({
    "ffffffffffff0000, 10000, INTERSECTS",
    "fffffffffffeffff, 1, DISJOINT",
    "0, 3000, DISJOINT",
    "0, 3001, INTERSECTS",
    "6fff, 1, INTERSECTS",
    "7000, 2000, DISJOINT",
    "7000, 2001, INTERSECTS",
  })
  @DisplayName("RI-1 a size counts to its last byte and not one further")
  void sizes(String start, String size, Intersection expected) {
    assertThat(
            TREE.regionIntersects(
                Long.parseUnsignedLong(start, 16),
                Long.parseUnsignedLong(size, 16),
                SYSTEM_RAM,
                ResourceDesc.NONE))
        .isEqualTo(expected);
    assertThat(TREE.regionIntersects(0x7000, 0x2000, MEM, ResourceDesc.NONE))
        .as("the hole between two resources")
        .isEqualTo(Intersection.DISJOINT);
  }
}
