// SPDX-License-Identifier: Apache-2.0
package dev.memremap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.memremap.page.DevPagemap;
import dev.memremap.page.Page;
import dev.memremap.page.PagemapOps;
import dev.memremap.rule.MemremapException;
import dev.memremap.vectors.KernelVector;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.LongStream;

/** What kernels do with the map's own references to pages when it is unmapped: rows 29 and 31. */
final class UnmappedVectors {
  private UnmappedVectors() {}

  /** Whether the map's own reference to a free page can be put, and what that calls. */
  static String putOfFree(KernelVector vector, Machine machine) {
    AtomicInteger freed = new AtomicInteger();
    DevPagemap map = countingFrees(vector, freed);
    machine.memremapPages(map);
    Page page = KernelVectorTest.page(machine);
    String answer;
    try {
      page.put();
      answer = "count=%d page_free=%d".formatted(page.refCount(), freed.get());
    } catch (IllegalStateException refused) {
      answer = "refused";
    }
    machine.memunmapPages(map);
    assertThat(map.state()).as("%s", vector).isEqualTo(DevPagemap.State.UNMAPPED);
    return answer;
  }

  /** What the unmapping and then the puts of a page do that was taken so often. */
  static String unmapInUse(KernelVector vector, Machine machine) {
    AtomicInteger freed = new AtomicInteger();
    DevPagemap map = countingFrees(vector, freed);
    machine.memremapPages(map);
    Page page = KernelVectorTest.page(machine);
    page.zoneDeviceInit();
    long references = vector.number("references");
    for (long more = 1; more < references; more++) {
      page.get();
    }
    assertThatExceptionOfType(MemremapException.class)
        .isThrownBy(() -> machine.memunmapPages(map, Duration.ZERO));
    List<String> steps = new ArrayList<>(List.of("%d/%d".formatted(page.refCount(), freed.get())));
    for (long put = 0; put < references; put++) {
      assertThat(map.state()).as("%s", vector).isEqualTo(DevPagemap.State.DRAINING);
      page.put();
      steps.add(Integer.toString(freed.get()));
    }
    assertThat(map.state()).as("%s", vector).isEqualTo(DevPagemap.State.UNMAPPED);
    return String.join(" ", steps);
  }

  /**
   * What pages count once their map is unmapped: free ones, and one with a reference, until put.
   */
  static String unmap(KernelVector vector, Machine machine) {
    AtomicInteger freed = new AtomicInteger();
    DevPagemap map = countingFrees(vector, freed);
    machine.memremapPages(map);
    List<Page> pages =
        LongStream.of(0, 1, 512, 2)
            .mapToObj(number -> machine.pfnToPage((KernelVectorTest.RANGE >>> 12) + number))
            .toList();
    Page used = pages.getFirst();
    Page keeping = pages.getLast();
    for (Page taken : List.of(used, keeping)) {
      if (taken.refCount() == 0) {
        taken.zoneDeviceInit();
      } else {
        taken.get();
      }
    }
    assertThatExceptionOfType(MemremapException.class)
        .isThrownBy(() -> machine.memunmapPages(map, Duration.ZERO));
    String answer =
        "free=%d,%d used=%d"
            .formatted(pages.get(1).refCount(), pages.get(2).refCount(), used.refCount());
    used.put();
    answer += " put=%d page_free=%d".formatted(used.refCount(), freed.get());
    assertThat(map.state()).as("%s", vector).isEqualTo(DevPagemap.State.DRAINING);
    keeping.put();
    assertThat(map.state()).as("%s", vector).isEqualTo(DevPagemap.State.UNMAPPED);
    return answer;
  }

  private static DevPagemap countingFrees(KernelVector vector, AtomicInteger freed) {
    return KernelVectorTest.map(
        vector,
        PagemapOps.none()
            .withPageFree(page -> freed.incrementAndGet())
            .withMigrateToRam(page -> PagemapOps.MigrateToRam.Outcome.SIGBUS));
  }
}
