// SPDX-License-Identifier: Apache-2.0
package dev.memremap.page;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memremap.Machine;
import dev.memremap.Seeds;
import dev.memremap.machine.MachineDescription;
import dev.memremap.resource.PhysRange;
import dev.memremap.rule.Errno;
import dev.memremap.rule.MemremapException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Random page maps on a machine, beside a list of ranges that says the same with more patience. */
class PagemapModelTest {
  private static final int SEEDS = 40;
  private static final int STEPS = 150;
  private static final long TOP = 1L << 46;
  private static final PagemapOps OPS =
      PagemapOps.none()
          .withPageFree(page -> {})
          .withMigrateToRam(page -> PagemapOps.MigrateToRam.Outcome.SIGBUS);

  /** What the model knows of a map: whether it was unmapped, and how often it is held. */
  private static final class Known {
    private final DevPagemap map;
    private boolean unmapped;
    private int held;

    Known(DevPagemap map) {
      this.map = map;
    }

    boolean overlaps(long start, long end) {
      return map.ranges().stream()
          .anyMatch(range -> range.start() < end && start < range.start() + range.sizeBytes());
    }

    boolean has(long address) {
      return overlaps(address, address + 1);
    }
  }

  private final List<Known> known = new ArrayList<>();

  @Test
  @DisplayName("GP-3, C-2, C-13, D-2 lookups and refusals are those of a plain list of ranges")
  void sameAsAList() {
    Seeds.check(
        SEEDS,
        random -> {
          known.clear();
          try (Machine machine =
              Machine.simulated(
                  MachineDescription.parse(
                      "# phys-bits=46\n400000000000-400000000fff : Reserved\n"))) {
            play(machine, random);
          }
        });
  }

  private void play(Machine machine, RandomGenerator random) {
    for (int step = 0; step < STEPS; step++) {
      switch (random.nextInt(5)) {
        case 0, 1 -> map(machine, random);
        case 2 -> unmap(machine, random);
        case 3 -> hold(machine, random);
        default -> put(random);
      }
      look(machine, random);
      assertThat(machine.pagemaps().size()).isEqualTo(known.size());
    }
    for (Known each : List.copyOf(known)) {
      while (each.held > 0) {
        drop(each);
      }
      if (!each.unmapped) {
        machine.memunmapPages(each.map);
      }
    }
    assertThat(machine.pagemaps().size()).isZero();
    assertThat(machine.memtypes().isEmpty()).isTrue();
  }

  /** Addresses near the edges of the table's nodes, and anywhere. */
  private static long address(RandomGenerator random) {
    int shift = new int[] {21, 23, 29, 37, 42, 45}[random.nextInt(6)];
    long base = random.nextLong(TOP >>> shift) << shift;
    return (base + (random.nextInt(9) - 4L) * (2L << 20)) & (TOP - (2L << 20));
  }

  private void map(Machine machine, RandomGenerator random) {
    DevPagemap.Builder builder = DevPagemap.over().type(MemoryType.PRIVATE).ops(OPS).owner(this);
    List<long[]> ranges = new ArrayList<>();
    for (int i = random.nextInt(3); i >= 0; i--) {
      long start = address(random);
      int order = random.nextInt(20);
      long size = Math.min((1L + random.nextInt(1 << order)) * (2L << 20), TOP - start);
      builder.range(start, size);
      ranges.add(new long[] {start, start + size});
    }
    DevPagemap map = builder.build();
    Errno expected = expected(ranges);
    Errno answer = null;
    try {
      machine.memremapPages(map);
      known.add(new Known(map));
    } catch (MemremapException e) {
      answer = e.errno();
    }
    assertThat(answer).as("%s among %s", map.ranges(), machine.pagemaps()).isEqualTo(expected);
  }

  private @Nullable Errno expected(List<long[]> ranges) {
    for (int i = 0; i < ranges.size(); i++) {
      long start = ranges.get(i)[0];
      long end = ranges.get(i)[1];
      for (int j = 0; j < i; j++) {
        if (ranges.get(j)[0] < end && start < ranges.get(j)[1]) {
          return Errno.ENOMEM;
        }
      }
      if (known.stream().anyMatch(each -> !each.unmapped && each.overlaps(start, end))) {
        return Errno.ENOMEM;
      }
      if (known.stream().anyMatch(each -> each.overlaps(start, end))) {
        return Errno.EEXIST;
      }
    }
    return null;
  }

  private void unmap(Machine machine, RandomGenerator random) {
    if (known.isEmpty()) {
      return;
    }
    Known each = known.get(random.nextInt(known.size()));
    if (each.unmapped) {
      return;
    }
    Errno answer = null;
    try {
      machine.memunmapPages(each.map, Duration.ZERO);
    } catch (MemremapException held) {
      answer = held.errno();
    }
    assertThat(answer).isEqualTo(each.held > 0 ? Errno.EBUSY : null);
    each.unmapped = true;
    if (each.held == 0) {
      known.remove(each);
    }
  }

  private void hold(Machine machine, RandomGenerator random) {
    if (known.isEmpty()) {
      return;
    }
    Known each = known.get(random.nextInt(known.size()));
    PagemapRange range = each.map.ranges().get(random.nextInt(each.map.ranges().size()));
    PhysRange pages = range.pages(4096);
    long first = pages.firstPfn(4096);
    long pfn = first + random.nextLong(pages.lastPfn(4096) - first + 1);
    DevPagemap found = machine.getDevPagemap(pfn, null);
    assertThat(found).isSameAs(each.unmapped ? null : each.map);
    if (found != null) {
      each.held++;
    }
  }

  private void put(RandomGenerator random) {
    List<Known> held = known.stream().filter(each -> each.held > 0).toList();
    if (!held.isEmpty()) {
      drop(held.get(random.nextInt(held.size())));
    }
  }

  private void drop(Known each) {
    each.map.put();
    each.held--;
    if (each.held == 0 && each.unmapped) {
      known.remove(each);
      assertThat(each.map.state()).isEqualTo(DevPagemap.State.UNMAPPED);
    }
  }

  private void look(Machine machine, RandomGenerator random) {
    Map<Long, String> addresses = new HashMap<>();
    addresses.put(random.nextLong(), "any 64 bits (D-12)");
    addresses.put(random.nextLong(TOP), "any");
    addresses.put(address(random), "near an edge");
    for (Known each : known) {
      for (PagemapRange range : each.map.ranges()) {
        addresses.put(range.start() - 1, "before a range");
        addresses.put(range.endInclusive(), "the last byte");
        addresses.put(range.endInclusive() + 1, "after a range");
      }
    }
    addresses.forEach(
        (address, what) -> {
          long pfn = address >> 12;
          DevPagemap expected =
              pfn >>> 34 != 0
                  ? null
                  : known.stream()
                      .filter(each -> each.has(pfn << 12))
                      .map(each -> each.map)
                      .findFirst()
                      .orElse(null);
          assertThat(machine.pagemapAt(pfn)).as("%s: 0x%x", what, pfn).isSameAs(expected);
        });
  }

  @Test
  @DisplayName("D-12 a page frame number is a whole 64-bit number")
  void wholeNumbers() {
    try (Machine machine =
        Machine.simulated(
            MachineDescription.parse("# phys-bits=46\n400000000000-400000000fff : Reserved\n"))) {
      DevPagemap map =
          DevPagemap.over().range(0, TOP).type(MemoryType.PRIVATE).ops(OPS).owner(this).build();
      machine.memremapPages(map);
      long last = (TOP >>> 12) - 1;
      assertThat(machine.pagemapAt(last)).isSameAs(map);
      assertThat(map.covers(last, 4096)).isTrue();
      for (long beyond : new long[] {last + 1, 1L << 52, (1L << 52) + 5, -1L, Long.MIN_VALUE}) {
        assertThat(machine.pagemapAt(beyond)).as("0x%x", beyond).isNull();
        assertThat(map.covers(beyond, 4096)).as("0x%x", beyond).isFalse();
        assertThat(machine.page(beyond)).isNull();
        assertThat(machine.getDevPagemap(beyond, null)).isNull();
      }
    }
  }
}
