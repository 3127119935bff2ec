// SPDX-License-Identifier: Apache-2.0
package dev.memremap.page;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.memremap.Device;
import dev.memremap.Machine;
import dev.memremap.machine.MachineDescription;
import dev.memremap.ref.Counting;
import dev.memremap.ref.PercpuRef;
import dev.memremap.resource.PhysRange;
import dev.memremap.rule.Errno;
import dev.memremap.rule.MemremapException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What each callback sees of its page and its map while it runs, for each type of memory.
 *
 * <pre>
 *   callback         count                 lookups    map's references from outside
 *   page_free        0                     as before  the put's own, and the page's if it had one
 *   migrate_to_ram   as before             as before  the fault's own, and the page's
 *   memory_failure   less MF_COUNT_INCREASED  found   the report's own
 *   device's action  by its place in the order of the release
 *   confirm          as before             find none  all, the initial one too
 *   release          the map is gone: no table shows it
 * </pre>
 */
class CallbackViewTest {
  private static final PhysRange RANGE = PhysRange.of((1L << 40) + (2L << 20), 4L << 20);
  private static final long PFN = RANGE.firstPfn(4096) + 600;

  private final Machine machine =
      Machine.simulated(
          MachineDescription.parse("# phys-bits=46\n00001000-3fffffff : System RAM\n"));
  private final List<View> views = new ArrayList<>();

  @AfterEach
  void close() {
    machine.close();
  }

  /** What can be seen of a page at one moment; its map need not be there. */
  private record View(
      int count,
      boolean taken,
      boolean poisoned,
      boolean reserved,
      long data,
      boolean found,
      boolean there,
      boolean live,
      boolean draining,
      long outside) {}

  private View view(Page page) {
    DevPagemap map = Objects.requireNonNull(page.pgmap());
    long outside = map.outsideReferences();
    boolean taken = page.tryGet();
    int count = page.head().refCount() - (taken ? 1 : 0);
    if (taken) {
      page.put();
    }
    DevPagemap found = machine.getDevPagemap(page.pfn(), null);
    if (found != null) {
      assertThat(found).isSameAs(map);
      found.put();
    }
    Page there = machine.page(page.pfn());
    return new View(
        count,
        taken,
        page.isPoisoned(),
        page.isReserved(),
        page.zoneDeviceData(),
        found != null,
        page.equals(there),
        map.state() == DevPagemap.State.LIVE,
        map.state() == DevPagemap.State.DRAINING,
        outside);
  }

  private DevPagemap.Builder builder(MemoryType type, PagemapOps ops) {
    PagemapOps all =
        ops.migrateToRam() == null
            ? ops.withMigrateToRam(page -> PagemapOps.MigrateToRam.Outcome.SIGBUS)
            : ops;
    return DevPagemap.over(RANGE)
        .type(type)
        .owner(this)
        .ops(all.pageFree() == null ? all.withPageFree(page -> {}) : all);
  }

  private DevPagemap map(MemoryType type, PagemapOps ops) {
    DevPagemap map = builder(type, ops).build();
    machine.memremapPages(map);
    return map;
  }

  private static PagemapOps onFree(Consumer<Page> seen) {
    return PagemapOps.none().withPageFree(seen::accept);
  }

  /** A page that somebody has used: it is marked, and counts one. */
  private Page used(MemoryType type, long pfn) {
    Page page = machine.pfnToPage(pfn);
    if (type.isHandedOut()) {
      page.head().zoneDeviceInit();
    }
    page.zoneDeviceData(77);
    page.reserved(false);
    page.poisoned(true);
    return page;
  }

  // ---- page_free ---------------------------------------------------------------------------

  @ParameterizedTest
  @EnumSource(names = "FS_DAX", mode = EnumSource.Mode.EXCLUDE)
  @DisplayName("TY-4 page_free sees a page at zero that cannot be taken, and its map as it was")
  void pageFree(MemoryType type) {
    DevPagemap map =
        map(
            type,
            onFree(
                page -> {
                  views.add(view(page));
                  assertThatIllegalStateException().isThrownBy(page::get);
                  assertThatIllegalStateException().isThrownBy(page::put);
                  assertThat(page.migrateToRam().isPresent()).isEqualTo(type == MemoryType.PRIVATE);
                }));
    Page page = used(type, PFN);
    page.put();
    int fresh = fresh(type);
    assertThat(views)
        .containsExactly(
            new View(0, false, true, false, 77, true, true, true, false, fresh == 0 ? 2 : 1));
    assertThat(page.refCount()).as("afterwards").isEqualTo(fresh);
    assertThat(map.outsideReferences()).isZero();
  }

  @ParameterizedTest
  @EnumSource(names = "FS_DAX", mode = EnumSource.Mode.EXCLUDE)
  @DisplayName("TY-4 page_free is told of the head, whose tails cannot be taken either")
  void pageFreeOfCompound(MemoryType type) {
    List<Long> told = new ArrayList<>();
    DevPagemap map =
        builder(
                type,
                onFree(
                    page -> {
                      told.add(page.pfn());
                      views.add(view(page));
                      views.add(view(machine.pfnToPage(PFN)));
                    }))
            .vmemmapShift(9)
            .build();
    machine.memremapPages(map);
    used(type, PFN).put();
    assertThat(told).containsExactly(RANGE.firstPfn(4096) + 512);
    assertThat(views).extracting(View::count).containsExactly(0, 0);
    assertThat(views).extracting(View::taken).containsExactly(false, false);
    assertThat(machine.pfnToPage(PFN).head().refCount()).isEqualTo(fresh(type));
  }

  @ParameterizedTest
  @EnumSource(names = {"PRIVATE", "COHERENT"})
  @DisplayName("D-4 page_free of the page that kept a killed map sees the map drain, and all of it")
  void pageFreeWhileDraining(MemoryType type) {
    List<Boolean> tables = new ArrayList<>();
    DevPagemap map =
        map(
            type,
            onFree(
                page -> {
                  views.add(view(page));
                  tables.add(machine.memtypes().isEmpty());
                  tables.add(machine.pagemaps().isEmpty());
                }));
    Page page = used(type, PFN);
    assertThatExceptionOfType(MemremapException.class)
        .isThrownBy(() -> machine.memunmapPages(map, Duration.ZERO));
    page.put();
    assertThat(views)
        .containsExactly(new View(0, false, true, false, 77, false, true, false, true, 2));
    assertThat(tables).containsExactly(false, false);
    assertThat(map.state()).isEqualTo(DevPagemap.State.UNMAPPED);
    assertThat(machine.memtypes().isEmpty()).isTrue();
    assertThat(machine.page(PFN)).isNull();
  }

  @ParameterizedTest
  @EnumSource(names = "FS_DAX", mode = EnumSource.Mode.EXCLUDE)
  @DisplayName("TY-4 a driver may hand the page out again in page_free, and its count stays")
  void handedOutAgain(MemoryType type) {
    List<Integer> counts = new ArrayList<>();
    DevPagemap map =
        map(
            type,
            onFree(
                page -> {
                  if (counts.isEmpty()) {
                    page.zoneDeviceInit();
                    page.get();
                  }
                  counts.add(page.refCount());
                }));
    Page page = used(type, PFN);
    page.put();
    assertThat(counts).containsExactly(2);
    assertThat(page.refCount()).isEqualTo(2);
    assertThat(map.outsideReferences()).isEqualTo(2 - fresh(type));
    page.put();
    page.put();
    assertThat(counts).containsExactly(2, 0);
    assertThat(map.outsideReferences()).isZero();
  }

  @ParameterizedTest
  @EnumSource(names = "FS_DAX", mode = EnumSource.Mode.EXCLUDE)
  @DisplayName("TY-4 a page_free that throws has seen zero, and the counts are right afterwards")
  void pageFreeThrows(MemoryType type) {
    DevPagemap map =
        map(
            type,
            onFree(
                page -> {
                  views.add(view(page));
                  throw new UnsupportedOperationException("no");
                }));
    Page page = used(type, PFN);
    assertThatExceptionOfType(UnsupportedOperationException.class).isThrownBy(page::put);
    assertThat(views).extracting(View::count).containsExactly(0);
    assertThat(page.refCount()).isEqualTo(fresh(type));
    assertThat(map.outsideReferences()).isZero();
  }

  @ParameterizedTest
  @EnumSource(names = "FS_DAX")
  @DisplayName("TY-4 a file system's page is freed without page_free, and stays at zero")
  void pageFreeOfAFileSystem(MemoryType type) {
    map(type, onFree(page -> views.add(view(page))));
    Page page = used(type, PFN);
    page.put();
    assertThat(views).isEmpty();
    assertThat(view(page))
        .isEqualTo(new View(0, false, true, false, 77, true, true, true, false, 0));
  }

  // ---- migrate_to_ram ----------------------------------------------------------------------

  @ParameterizedTest
  @EnumSource
  @DisplayName("TY-5 migrate_to_ram sees a PRIVATE page as it is, and its map held")
  void migrateToRam(MemoryType type) {
    DevPagemap map =
        map(
            type,
            PagemapOps.none()
                .withMigrateToRam(
                    page -> {
                      views.add(view(page));
                      return PagemapOps.MigrateToRam.Outcome.MIGRATED;
                    }));
    Page page = used(type, PFN);
    if (type != MemoryType.PRIVATE) {
      assertThat(page.migrateToRam()).isEmpty();
      assertThat(views).isEmpty();
      return;
    }
    page.migrateToRam();
    assertThatExceptionOfType(MemremapException.class)
        .isThrownBy(() -> machine.memunmapPages(map, Duration.ZERO));
    page.migrateToRam();
    assertThat(views)
        .containsExactly(
            new View(1, true, true, false, 77, true, true, true, false, 2),
            new View(1, true, true, false, 77, false, true, false, true, 2));
    page.put();
    assertThat(map.state()).isEqualTo(DevPagemap.State.UNMAPPED);
    assertThatIllegalStateException().isThrownBy(page::migrateToRam);
  }

  // ---- memory_failure ----------------------------------------------------------------------

  @ParameterizedTest
  @EnumSource
  @DisplayName("MF-1 to MF-3 memory_failure sees pages that are not poisoned yet, and the map held")
  void memoryFailure(MemoryType type) {
    List<Errno> answers = new ArrayList<>(List.of(Errno.EOPNOTSUPP, Errno.EIO));
    DevPagemap map =
        map(
            type,
            PagemapOps.none()
                .withMemoryFailure(
                    (of, pfn, count, flags) -> {
                      views.add(view(machine.pfnToPage(pfn)));
                      return Optional.of(answers.removeFirst());
                    }));
    Page page = used(type, PFN);
    page.poisoned(false);
    if (type != MemoryType.PCI_P2PDMA) {
      page.mapping(PageMapping.deviceDax("/dev/dax0.0"));
    }
    page.get();
    // MF_COUNT_INCREASED: the reporter's reference is gone before the callback is asked
    machine.memoryFailure(PFN, 1, 1);
    int used = 1 - fresh(type);
    View seen = new View(1, true, false, false, 77, true, true, true, false, 1 + used);
    assertThat(views).containsExactly(seen);
    boolean poisons = !type.isHandedOut() && type != MemoryType.PCI_P2PDMA;
    assertThat(page.isPoisoned()).as("by the generic handler").isEqualTo(poisons);
    page.poisoned(false);
    machine.memoryFailure(PFN, 1, 0);
    assertThat(views).containsExactly(seen, seen);
    assertThat(page.isPoisoned()).as("EIO is final").isFalse();
    assertThat(map.outsideReferences()).isEqualTo(used);
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("MF-1 memory_failure is not asked about a map that was killed")
  void memoryFailureWhileDraining(MemoryType type) {
    DevPagemap map =
        map(
            type,
            PagemapOps.none()
                .withMemoryFailure(
                    (of, pfn, count, flags) -> {
                      views.add(view(machine.pfnToPage(pfn)));
                      return Optional.empty();
                    }));
    assertThat(machine.getDevPagemap(PFN, null)).isSameAs(map);
    assertThatExceptionOfType(MemremapException.class)
        .isThrownBy(() -> machine.memunmapPages(map, Duration.ZERO));
    assertThat(machine.memoryFailure(PFN, 1, 0).error()).contains(Errno.ENXIO);
    assertThat(views).isEmpty();
    map.put();
  }

  // ---- the reference and the device --------------------------------------------------------

  /** What the tables show of the map. */
  private record Tables(
      boolean found, boolean page, boolean mapped, boolean live, int maps, boolean memtypes) {}

  private static final Tables ALL = new Tables(true, true, true, true, 1, true);
  private static final Tables DYING = new Tables(false, true, true, false, 1, true);
  private static final Tables GONE = new Tables(false, false, false, false, 0, false);

  private Tables tables(DevPagemap map) {
    @Nullable DevPagemap found = machine.getDevPagemap(PFN, null);
    if (found != null) {
      found.put();
    }
    return new Tables(
        found != null,
        machine.page(PFN) != null,
        map.state() != DevPagemap.State.UNMAPPED,
        map.state() == DevPagemap.State.LIVE,
        machine.pagemaps().size(),
        !machine.memtypes().isEmpty());
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("PR-5, D-4 confirm sees no lookup succeed, release sees nothing left of the map")
  void reference(MemoryType type) {
    List<Tables> seen = new ArrayList<>();
    List<DevPagemap> maps = new ArrayList<>();
    List<PercpuRef> refs = new ArrayList<>();
    PercpuRef ref =
        PercpuRef.init(
            () -> {
              seen.add(tables(maps.getFirst()));
              assertThat(refs.getFirst().isZero()).isTrue();
              assertThat(refs.getFirst().tryGet()).isFalse();
            },
            PercpuRef.Flag.ALLOW_REINIT);
    refs.add(ref);
    maps.add(builder(type, PagemapOps.none()).ref(ref).build());
    machine.memremapPages(maps.getFirst());
    long own = maps.getFirst().ownReferences();
    ref.switchToAtomic(
        () -> {
          seen.add(tables(maps.getFirst()));
          assertThat(ref.counting()).isEqualTo(Counting.WORD);
          assertThat(ref.references()).isEqualTo(own + 1);
        });
    ref.switchToPercpu();
    ref.killAndConfirm(
        () -> {
          seen.add(tables(maps.getFirst()));
          assertThat(ref.tryGetLive()).isFalse();
          assertThat(ref.references()).as("with the initial one").isEqualTo(own + 1);
          assertThat(maps.getFirst().state()).isEqualTo(DevPagemap.State.KILLED);
        });
    if (own == 0) {
      // C-2: nothing of the map's keeps the reference, so it drains before the unmapping
      assertThat(seen.removeLast()).isEqualTo(DYING);
    }
    machine.memunmapPages(maps.getFirst());
    List<Tables> expected = new ArrayList<>(List.of(ALL, DYING));
    if (own > 0) {
      expected.add(GONE);
    }
    assertThat(seen).isEqualTo(expected);
    assertThat(tables(maps.getFirst())).isEqualTo(GONE);
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName(
      "DR-1, W-8 an action sees the map if it is newer than it, and nothing of it if older")
  void actions(MemoryType type) {
    List<Tables> seen = new ArrayList<>();
    DevPagemap map = builder(type, PagemapOps.none()).build();
    Device device = machine.newDevice("d");
    device.devres().addAction(() -> seen.add(tables(map)));
    device.memremapPages(map);
    device.devres().addAction(() -> seen.add(tables(map)));
    device.release();
    assertThat(seen).containsExactly(ALL, GONE);
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("W-8 between a caller's kill and its release, actions see the map killed, then gone")
  void actionsWithACallersReference(MemoryType type) {
    List<Tables> seen = new ArrayList<>();
    PercpuRef ref = PercpuRef.init();
    DevPagemap map = builder(type, PagemapOps.none()).ref(ref).build();
    Device device = machine.newDevice("d");
    device
        .devres()
        .addAction(
            () -> {
              seen.add(tables(map));
              assertThat(ref.isZero()).isTrue();
              ref.exit();
            });
    device.memremapPages(map);
    device.devres().addAction(() -> seen.add(tables(map)));
    device.devres().addAction(ref::kill);
    device.devres().addAction(() -> seen.add(tables(map)));
    device.release();
    assertThat(seen).containsExactly(ALL, DYING, GONE);
    assertThat(ref.isExited()).isTrue();
  }

  /** C-5: the count of a page that was never used. */
  private static int fresh(MemoryType type) {
    return type.isHandedOut() ? 0 : 1;
  }
}
