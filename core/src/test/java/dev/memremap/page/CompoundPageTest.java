// SPDX-License-Identifier: Apache-2.0
package dev.memremap.page;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.memremap.Machine;
import dev.memremap.machine.MachineDescription;
import dev.memremap.resource.PhysRange;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Compound pages are counted from the first usable page of their range, wherever that lies: a range
 * need not begin at a multiple of its compound page, and an altmap moves the first usable page.
 */
class CompoundPageTest {
  private static final long BASE = 1L << 40;
  private static final long SUBSECTION = 2L << 20;

  private final Machine machine =
      Machine.simulated(
          MachineDescription.parse("# phys-bits=46\n00001000-3fffffff : System RAM\n"));
  private final List<Long> freed = new ArrayList<>();

  @AfterEach
  void close() {
    machine.close();
  }

  /**
   * A map with compound pages.
   *
   * @param setAside pages that an altmap takes from the first range
   */
  record Shape(String name, int shift, List<PhysRange> ranges, long setAside) {
    static Shape of(String name, int shift, long setAside, PhysRange... ranges) {
      return new Shape(name, shift, Arrays.asList(ranges), setAside);
    }

    long pages() {
      return 1L << shift;
    }

    long firstUsable(PhysRange range) {
      return range.firstPfn(4096) + (range.equals(ranges.getFirst()) ? setAside : 0);
    }

    long compounds() {
      return ranges.stream()
          .mapToLong(range -> (range.lastPfn(4096) + 1 - firstUsable(range)) / pages())
          .sum();
    }

    /** First pages of the first two compound pages of a range, one in the middle and the last. */
    List<Long> someHeads(PhysRange range) {
      long first = firstUsable(range);
      long count = (range.lastPfn(4096) + 1 - first) / pages();
      TreeSet<Long> heads = new TreeSet<>();
      for (long index : new long[] {0, 1, count / 2, count - 1}) {
        heads.add(first + Math.min(index, count - 1) * pages());
      }
      return List.copyOf(heads);
    }

    @Override
    public String toString() {
      return name;
    }
  }

  private static PhysRange range(long subsection, long subsections) {
    return PhysRange.of(BASE + subsection * SUBSECTION, subsections * SUBSECTION);
  }

  static Stream<Shape> shapes() {
    return Stream.of(
        Shape.of("begins at a multiple", 10, 0, range(0, 4)),
        Shape.of("begins half a compound page on", 10, 0, range(1, 4)),
        Shape.of("begins a quarter on", 11, 0, range(1, 8)),
        Shape.of("begins three quarters on", 11, 0, range(3, 8)),
        Shape.of("begins one page structure block before a section", 11, 0, range(63, 8)),
        Shape.of("is one compound page", 12, 0, range(5, 8)),
        Shape.of("has ranges that begin differently", 10, 0, range(1, 2), range(4, 4), range(9, 6)),
        Shape.of("has the later range before the first", 11, 0, range(34, 4), range(1, 4)),
        Shape.of("an altmap of one compound page, half on", 10, 1024, range(1, 6)),
        Shape.of("an altmap of three compound pages, a quarter on", 11, 6144, range(1, 16)),
        Shape.of("small compound pages after an altmap", 4, 48, range(1, 2)),
        Shape.of("pairs after an altmap", 1, 10, range(3, 1)),
        Shape.of("as large as its subsection, after an altmap", 9, 512, range(7, 3)),
        Shape.of("single pages after an altmap", 0, 9, range(3, 1)));
  }

  private DevPagemap map(Shape shape, MemoryType type) {
    DevPagemap.Builder builder =
        DevPagemap.over(shape.ranges.toArray(PhysRange[]::new))
            .type(type)
            .owner(this)
            .vmemmapShift(shape.shift)
            .ops(
                PagemapOps.none()
                    .withPageFree(page -> freed.add(page.pfn()))
                    .withMigrateToRam(page -> PagemapOps.MigrateToRam.Outcome.MIGRATED));
    if (shape.setAside > 0) {
      builder.altmap(1, shape.setAside - 1, 4096);
    }
    DevPagemap map = builder.build();
    machine.memremapPages(map);
    return map;
  }

  private Page page(long pfn) {
    return machine.pfnToPage(pfn);
  }

  /** The first, the second, the middle and the last pages of a compound page. */
  private static List<Long> members(Shape shape, long head) {
    TreeSet<Long> members = new TreeSet<>();
    for (long index : new long[] {0, 1, shape.pages() / 2, shape.pages() - 1}) {
      members.add(head + Math.min(index, shape.pages() - 1));
    }
    return List.copyOf(members);
  }

  @ParameterizedTest
  @MethodSource("shapes")
  @DisplayName("CG-2 each page knows the head, the order and its place in its compound page")
  void places(Shape shape) {
    map(shape, MemoryType.GENERIC);
    for (PhysRange range : shape.ranges) {
      for (long head : shape.someHeads(range)) {
        for (long pfn : members(shape, head)) {
          Page page = page(pfn);
          assertThat(page.head().pfn()).as("head of 0x%x", pfn).isEqualTo(head);
          assertThat(page.isHead()).as("0x%x", pfn).isEqualTo(shape.shift > 0 && pfn == head);
          assertThat(page.isTail()).as("0x%x", pfn).isEqualTo(pfn != head);
          assertThat(page.order()).isEqualTo(shape.shift);
          assertThat(page.refCount()).as("C-5 0x%x", pfn).isEqualTo(pfn == head ? 1 : 0);
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("shapes")
  @DisplayName("CG-1 the map holds one reference for each compound page that can be used")
  void references(Shape shape) {
    DevPagemap map = map(shape, MemoryType.GENERIC);
    assertThat(map.ownReferences()).isEqualTo(shape.compounds());
    assertThat(map.usablePages()).isEqualTo(shape.compounds() * shape.pages());
    long first = shape.firstUsable(shape.ranges.getFirst());
    assertThat(map.pfnValid(first)).isTrue();
    assertThat(map.pfnValid(first - 1)).isFalse();
    if (shape.setAside > 0) {
      assertThat(page(first - 1).isHead() || page(first - 1).isTail()).as("set aside").isFalse();
      assertThat(page(first - 1).head()).isEqualTo(page(first - 1));
    }
  }

  @ParameterizedTest
  @MethodSource("shapes")
  @DisplayName("CG-1, TY-4 a page is counted and freed at its head, and beside it nothing changes")
  void countsAtTheHead(Shape shape) {
    DevPagemap map = map(shape, MemoryType.GENERIC);
    for (PhysRange range : shape.ranges) {
      for (long head : shape.someHeads(range)) {
        for (long pfn : members(shape, head)) {
          freed.clear();
          page(pfn).get();
          assertThat(page(head).refCount()).as("taken through 0x%x", pfn).isEqualTo(2);
          assertThat(map.outsideReferences()).isEqualTo(1);
          for (long neighbour : new long[] {head - shape.pages(), head + shape.pages()}) {
            if (range.firstPfn(4096) + shape.setAside <= neighbour
                && neighbour <= range.lastPfn(4096)) {
              assertThat(page(neighbour).refCount()).as("its neighbour").isEqualTo(1);
            }
          }
          page(pfn).put();
          assertThat(freed).isEmpty();
          page(pfn).put();
          assertThat(freed).as("put through 0x%x", pfn).containsExactly(head);
          assertThat(page(head).refCount()).isEqualTo(1);
        }
      }
    }
    machine.memunmapPages(map);
    assertThat(map.state()).isEqualTo(DevPagemap.State.UNMAPPED);
  }

  @ParameterizedTest
  @MethodSource("shapes")
  @DisplayName("TY-4 only a head is handed out, and its tails are taken with it")
  void handsOutHeads(Shape shape) {
    map(shape, MemoryType.COHERENT);
    for (PhysRange range : shape.ranges) {
      for (long head : shape.someHeads(range)) {
        for (long pfn : members(shape, head)) {
          if (pfn != head) {
            assertThatIllegalStateException()
                .isThrownBy(page(pfn)::zoneDeviceInit)
                .withMessageContaining("tail");
          }
        }
        page(head).zoneDeviceInit();
        Page last = page(head + shape.pages() - 1);
        assertThat(last.tryGet()).isTrue();
        assertThat(page(head).refCount()).isEqualTo(2);
        last.put();
        last.put();
        assertThat(freed).containsExactly(head);
        freed.clear();
      }
    }
  }

  @ParameterizedTest
  @MethodSource("shapes")
  @DisplayName("MF-3 a failure poisons the compound pages that it touches, and no others")
  void poisons(Shape shape) {
    map(shape, MemoryType.GENERIC);
    for (PhysRange range : shape.ranges) {
      DaxMapped.pages(machine, range.firstPfn(4096), range.lastPfn(4096));
    }
    for (PhysRange range : shape.ranges) {
      long first = shape.firstUsable(range);
      long last = range.lastPfn(4096);
      long n = shape.pages();
      assertPoisons(shape, range, first, 1, first);
      assertPoisons(shape, range, first + n - 1, 1, first);
      assertPoisons(shape, range, last, 1, last + 1 - n);
      assertPoisons(shape, range, last + 1 - n, n, last + 1 - n);
      if (first + n <= last) {
        assertPoisons(shape, range, first + n - 1, 2, first, first + n);
        assertPoisons(shape, range, first, n + 1, first, first + n);
      }
    }
  }

  private void assertPoisons(Shape shape, PhysRange range, long pfn, long count, long... heads) {
    FailureOutcome outcome = machine.memoryFailure(pfn, count, 0);
    assertThat(outcome.poisoned()).as("%d from 0x%x", count, pfn).isEqualTo(heads.length);
    for (long head = shape.firstUsable(range); head <= range.lastPfn(4096); head += shape.pages()) {
      long at = head;
      boolean poisoned = Arrays.stream(heads).anyMatch(one -> one == at);
      assertThat(page(head).isPoisoned()).as("0x%x", head).isEqualTo(poisoned);
      assertThat(page(head + shape.pages() - 1).isPoisoned()).isEqualTo(poisoned);
      page(head + shape.pages() - 1).poisoned(false);
    }
  }
}
