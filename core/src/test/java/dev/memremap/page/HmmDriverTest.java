// SPDX-License-Identifier: Apache-2.0
package dev.memremap.page;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.memremap.Machine;
import dev.memremap.machine.MachineDescription;
import dev.memremap.resource.PhysRange;
import dev.memremap.resource.Resource;
import dev.memremap.rule.MemremapException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What a driver such as the kernel's lib/test_hmm.c does with our functions, in its order: chunks
 * of device memory, a list of free pages in their drivers' words, faults, and the removal.
 */
class HmmDriverTest {
  private static final long CHUNK = 256L << 20;
  private static final long PAGES = CHUNK >> 12;
  private static final long NONE = -1;
  private static final String MAP =
      """
      # phys-bits=46
      # memtype=
      00001000-3fffffff : System RAM
      180000000-1ffffffff : Reserved
      """;

  private final List<Machine> machines = new ArrayList<>();

  @AfterEach
  void close() {
    machines.forEach(Machine::close);
  }

  /** One chunk and the list of its free pages, which each page's word links to the next one. */
  private final class Driver {
    private final Machine machine;
    private final DevPagemap chunk;
    private final @Nullable Resource region;
    private final List<Long> faults = new ArrayList<>();
    private long free = NONE;
    private int freed;
    private boolean removed;

    Driver(String kernel, MemoryType type) {
      machine = Machine.simulated(MachineDescription.parse("# kernel=" + kernel + "\n" + MAP));
      machines.add(machine);
      region =
          type == MemoryType.PRIVATE
              ? machine.requestFreeMemRegion(machine.resources().root(), CHUNK, "hmm_dmirror")
              : null;
      chunk =
          DevPagemap.over(region == null ? PhysRange.of(0x180000000L, CHUNK) : region.range())
              .type(type)
              .owner(this)
              .ops(
                  PagemapOps.none()
                      .withPageFree(this::take)
                      .withMigrateToRam(
                          page -> {
                            faults.add(page.zoneDeviceData());
                            return PagemapOps.MigrateToRam.Outcome.MIGRATED;
                          }))
              .build();
      machine.memremapPages(chunk);
      for (long pfn = first(); pfn < first() + PAGES; pfn++) {
        page(pfn).zoneDeviceData(free);
        free = pfn;
      }
    }

    long first() {
      return chunk.range().start() >> 12;
    }

    Page page(long pfn) {
      return Objects.requireNonNull(machine.page(pfn));
    }

    /**
     * A page leaves the list, with one reference; its word is now the driver's for its contents.
     */
    Page allocate(long contents) {
      Page page = page(free);
      free = page.zoneDeviceData();
      page.zoneDeviceInit();
      page.zoneDeviceData(contents);
      return page;
    }

    private void take(Page page) {
      freed++;
      if (!removed) {
        page.zoneDeviceData(free);
        free = page.pfn();
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"6.1", "6.12", "7.3"})
  @DisplayName("RES-11 a chunk of PRIVATE memory is a free region, and goes with it")
  void chunk(String kernel) {
    Driver driver = new Driver(kernel, MemoryType.PRIVATE);
    PhysRange range = Objects.requireNonNull(driver.region).range();
    assertThat(driver.region.name()).isEqualTo("hmm_dmirror");
    assertThat(driver.page(driver.first()).pgmap()).isSameAs(driver.chunk);
    assertThat(driver.chunk.owner()).containsSame(driver);
    driver.machine.memunmapPages(driver.chunk);
    driver.machine.releaseMemRegion(driver.region);
    Resource again =
        driver.machine.requestFreeMemRegion(driver.machine.resources().root(), CHUNK, "again");
    assertThat(again.range()).isEqualTo(range);
  }

  @ParameterizedTest
  @EnumSource(names = {"PRIVATE", "COHERENT"})
  @DisplayName("TY-4 pages migrate to the device and come back ten times, by a list in their words")
  void migrateMultiple(MemoryType type) {
    for (String kernel : List.of("6.1", "7.3")) {
      Driver driver = new Driver(kernel, type);
      for (int round = 1; round <= 10; round++) {
        List<Page> migrated = new ArrayList<>();
        for (long contents = 0; contents < 1024; contents++) {
          migrated.add(driver.allocate(contents));
        }
        assertThat(migrated).doesNotHaveDuplicates().allMatch(page -> page.refCount() == 1);
        assertThat(migrated.get(7).zoneDeviceData()).isEqualTo(7);
        migrated.forEach(Page::put);
        assertThat(driver.freed).isEqualTo(1024 * round);
        assertThat(driver.chunk.outsideReferences()).isZero();
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"6.1", "7.3"})
  @DisplayName("TY-5 a fault brings back what the driver's word leads to, and another page goes")
  void migrateFault(String kernel) {
    Driver driver = new Driver(kernel, MemoryType.PRIVATE);
    List<Page> migrated = new ArrayList<>();
    for (long contents = 100; contents < 108; contents++) {
      migrated.add(driver.allocate(contents));
    }
    for (Page page : migrated.subList(0, 4)) {
      assertThat(page.migrateToRam()).contains(PagemapOps.MigrateToRam.Outcome.MIGRATED);
      page.put();
    }
    assertThat(driver.faults).containsExactly(100L, 101L, 102L, 103L);
    assertThat(driver.freed).isEqualTo(4);
    assertThat(driver.allocate(200)).isEqualTo(migrated.get(3));
    assertThat(migrated.get(5).zoneDeviceData()).isEqualTo(105);
    migrated.subList(3, 8).forEach(Page::put);
    assertThat(driver.chunk.outsideReferences()).isZero();
  }

  @Test
  @DisplayName("row 5 a huge page migrates as one, a fault on it asks once, and it is freed as one")
  void migrateHuge() {
    Driver driver = new Driver("7.3", MemoryType.PRIVATE);
    Page huge = driver.page(driver.first() + 512);
    huge.zoneDeviceInit(9);
    huge.zoneDeviceData(42);
    assertThat(driver.chunk.outsideReferences()).isEqualTo(512);
    assertThat(huge.head().migrateToRam()).contains(PagemapOps.MigrateToRam.Outcome.MIGRATED);
    assertThat(driver.faults).containsExactly(42L);
    huge.put();
    assertThat(driver.freed).isEqualTo(1);
    assertThat(driver.chunk.outsideReferences()).isZero();
    assertThat(driver.page(driver.first() + 513).isTail()).isFalse();
  }

  @ParameterizedTest
  @EnumSource(names = {"PRIVATE", "COHERENT"})
  @DisplayName("D-4 a chunk that is released waits for the pages that are still migrated")
  void migrateRelease(MemoryType type) {
    Driver driver = new Driver("7.3", type);
    Page held = driver.allocate(1);
    Page other = driver.allocate(2);
    driver.removed = true;
    assertThatExceptionOfType(MemremapException.class)
        .isThrownBy(() -> driver.machine.memunmapPages(driver.chunk, Duration.ZERO));
    held.put();
    assertThat(driver.chunk.state()).isEqualTo(DevPagemap.State.DRAINING);
    other.put();
    assertThat(driver.chunk.state()).isEqualTo(DevPagemap.State.UNMAPPED);
    assertThat(driver.freed).isEqualTo(2);
    assertThat(driver.machine.page(driver.chunk.range().start() >> 12)).isNull();
  }
}
