// SPDX-License-Identifier: Apache-2.0
package dev.memremap.internal.pages;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.memremap.cache.Pat;
import dev.memremap.internal.arch.Platform;
import dev.memremap.internal.geometry.PageGeometry;
import dev.memremap.internal.memtype.MemtypeTable;
import dev.memremap.internal.memtype.Mtrrs;
import dev.memremap.internal.sim.SparseMemory;
import dev.memremap.internal.space.AddressSpace;
import dev.memremap.internal.space.MappedRegion;
import dev.memremap.internal.space.ResourceTree;
import dev.memremap.internal.teardown.Patience;
import dev.memremap.machine.MachineDescription;
import dev.memremap.machine.MemmapGeometry;
import dev.memremap.page.DevPagemap;
import dev.memremap.page.MemoryType;
import dev.memremap.page.Page;
import dev.memremap.page.VmemAltmap;
import dev.memremap.plan.PagemapPlan;
import dev.memremap.resource.PhysRange;
import dev.memremap.rule.MemremapException;
import dev.memremap.rule.Rule;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Page maps over pages larger than 4 KiB. No architecture with such pages has rules yet, so a
 * machine refuses to map; its page maps do not.
 */
class LargePagesTest {
  private static final PhysRange RANGE = PhysRange.of(0x140200000L, 6L << 20);

  private final MachineDescription description =
      MachineDescription.parse("# arch=arm64\n# pages=64K\n80000000-bfffffff : System RAM\n");

  private AddressSpace space(long pageBytes) {
    Platform platform = Platform.of(description.with("pages", pageBytes / 1024 + "K"));
    PageGeometry geometry = platform.geometry();
    assertThat(geometry.pageBytes()).isEqualTo(pageBytes);
    ResourceTree resources = ResourceTree.of(description.root(), geometry, platform.kernel());
    MemtypeTable memtypes =
        new MemtypeTable(
            (pages, visit) -> {}, new Mtrrs(List.of()), Pat.FULL, geometry, platform.kernel());
    return new AddressSpace(
        resources,
        memtypes,
        SparseMemory.open(),
        new MappedRegion.Quota(100, "the test's limit"),
        platform);
  }

  @ParameterizedTest(name = "pages of {0} bytes, a memmap in the {1} geometry")
  @CsvSource({"16384, COMPACT", "16384, KERNEL", "65536, COMPACT", "65536, KERNEL"})
  @DisplayName(
      "GP-3 C-5 pages of 16 and 64 KiB are found by their numbers, counted, and have all their bytes")
  void pages(long pageBytes, MemmapGeometry memmap) {
    AddressSpace space = space(pageBytes);
    Pagemaps maps = new Pagemaps(space, memmap, false);
    DevPagemap map = DevPagemap.over(RANGE).type(MemoryType.GENERIC).build();
    maps.memremapPages(map, null);
    long first = RANGE.start() / pageBytes;
    long last = RANGE.endInclusive() / pageBytes;
    assertThat(map.usablePages()).isEqualTo(RANGE.sizeBytes() / pageBytes);
    assertThat(map.ownReferences()).isEqualTo(RANGE.sizeBytes() / pageBytes);
    for (long pfn = first; pfn <= last; pfn++) {
      assertThat(maps.getDevPagemap(pfn, null)).as("page 0x%x", pfn).isSameAs(map);
      assertThat(maps.getDevPagemap(pfn, map)).as("the hint covers it").isSameAs(map);
      map.put();
      Page page = Objects.requireNonNull(maps.page(pfn));
      page.get();
      page.zoneDeviceData(pfn);
      assertThat(page.segment().byteSize()).isEqualTo(pageBytes);
      page.segment().set(ValueLayout.JAVA_LONG, pageBytes - 8, pfn);
    }
    for (long pfn = first; pfn <= last; pfn++) {
      Page page = Objects.requireNonNull(maps.page(pfn));
      assertThat(page.refCount()).isEqualTo(2);
      assertThat(page.zoneDeviceData()).isEqualTo(pfn);
      assertThat(map.segment().get(ValueLayout.JAVA_LONG, (pfn - first + 1) * pageBytes - 8))
          .isEqualTo(pfn);
      page.put();
    }
    for (long beyond : new long[] {first - 1, last + 1, RANGE.start() >>> 12, -1}) {
      assertThat(maps.getDevPagemap(beyond, null)).as("page 0x%x", beyond).isNull();
      assertThat(map.covers(beyond, pageBytes)).as("page 0x%x", beyond).isFalse();
    }
    maps.memunmapPages(map, null, Patience.unlimited());
    assertThat(maps.getDevPagemap(first, null)).isNull();
    maps.close();
    space.close();
  }

  @Test
  @DisplayName("GP-1 D-3 a hint is asked in pages of the machine on which it was mapped last")
  void mappedElsewhere() {
    PhysRange second = PhysRange.of(RANGE.start() + (1L << 30), 2L << 20);
    DevPagemap map = DevPagemap.over(RANGE, second).type(MemoryType.GENERIC).build();
    for (long pageBytes : new long[] {4096, 65536, 16384}) {
      AddressSpace space = space(pageBytes);
      Pagemaps maps = new Pagemaps(space, MemmapGeometry.COMPACT, false);
      maps.memremapPages(map, null);
      for (PhysRange range : List.of(RANGE, second)) {
        long first = range.start() / pageBytes;
        long last = range.endInclusive() / pageBytes;
        // a lookup would find the map again, with a hint that does not cover the page, too
        for (long pfn : new long[] {first, last}) {
          assertThat(PagemapAccess.access().covers(map, pfn)).as("page 0x%x", pfn).isTrue();
        }
        for (long beyond : new long[] {first - 1, last + 1, first | Long.MIN_VALUE}) {
          assertThat(PagemapAccess.access().covers(map, beyond)).as("page 0x%x", beyond).isFalse();
        }
      }
      maps.memunmapPages(map, null, Patience.unlimited());
      maps.close();
      space.close();
    }
  }

  @ParameterizedTest(name = "pages of {0} bytes")
  @CsvSource({"4096", "16384", "65536"})
  @DisplayName("C-4 a page map is aligned to 2 MiB, not to so many pages")
  void alignment(long pageBytes) {
    AddressSpace space = space(pageBytes);
    Pagemaps maps = new Pagemaps(space, MemmapGeometry.COMPACT, false);
    DevPagemap odd =
        DevPagemap.over(PhysRange.of(0x140100000L, 2L << 20)).type(MemoryType.GENERIC).build();
    assertThatExceptionOfType(MemremapException.class)
        .isThrownBy(() -> maps.memremapPages(odd, null))
        .satisfies(e -> assertThat(e.rule()).isEqualTo(Rule.C_4));
    DevPagemap one =
        DevPagemap.over(PhysRange.of(0x140200000L, 2L << 20)).type(MemoryType.GENERIC).build();
    assertThat(maps.plan(one).pages()).isEqualTo((2L << 20) / pageBytes);
    maps.close();
    space.close();
  }

  @ParameterizedTest(name = "pages of {0} bytes")
  @CsvSource({"4096, 6", "16384, 1", "65536, 1"})
  @DisplayName(
      "AM-3 the altmap that freeFor reckons holds the page structures, and one page less does not")
  void altmap(long pageBytes, long pages) {
    AddressSpace space = space(pageBytes);
    Pagemaps maps = new Pagemaps(space, MemmapGeometry.COMPACT, false);
    DevPagemap bare = DevPagemap.over(RANGE).type(MemoryType.GENERIC).build();
    long free =
        VmemAltmap.freeFor(
            bare.ranges().getFirst(), 2, description.with("pages", pageBytes / 1024 + "K"), 0);
    assertThat(free).isEqualTo(pages);
    PagemapPlan enough = maps.plan(withAltmap(free, pageBytes));
    assertThat(enough.isGranted()).isTrue();
    assertThat(enough.altmapPages()).isEqualTo(pages);
    assertThat(enough.usablePages()).isEqualTo(RANGE.sizeBytes() / pageBytes - 2 - pages);
    assertThat(maps.plan(withAltmap(free - 1, pageBytes)).isGranted()).isFalse();
    maps.close();
    space.close();
  }

  private static DevPagemap withAltmap(long free, long pageBytes) {
    return DevPagemap.over(RANGE).type(MemoryType.GENERIC).altmap(2, free, pageBytes).build();
  }
}
