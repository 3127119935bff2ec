// SPDX-License-Identifier: Apache-2.0
package dev.memremap;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memremap.cache.MemtypeEntry;
import dev.memremap.machine.MachineDescription;
import dev.memremap.page.DevPagemap;
import dev.memremap.page.MemoryType;
import dev.memremap.page.PagemapOps;
import dev.memremap.page.VmemAltmap;
import dev.memremap.plan.MemremapFlag;
import dev.memremap.ref.PercpuRef;
import dev.memremap.rule.Errno;
import dev.memremap.rule.MemremapException;
import dev.memremap.testing.LoggedLines;
import dev.memremap.vectors.Maps;
import dev.memremap.vectors.VectorExceptions;
import dev.memremap.vectors.VectorRow;
import dev.memremap.vectors.VectorRows;
import dev.memremap.vectors.VectorRun;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The rows of devm_memremap_pages, of its undoing and of adding pages, each on map M. */
class PagemapVectorTest {
  @RegisterExtension static final VectorRun RUN = VectorRun.of("DP", "TD", "AM");

  private static final String DEFAULT_RANGE = "0x180000000-0x187ffffff";
  private static final Pattern RANGE = Pattern.compile("0x([0-9a-f]+)-0x([0-9a-f]+)");
  private static final Pattern GAINED = Pattern.compile("ref \\+(\\d+)(?: then \\+(\\d+))?");
  private static final Pattern INTERNAL = Pattern.compile("internal ref value 1\\+(\\d+)");
  private static final Pattern FIRST_PFN = Pattern.compile("first pfn 0x([0-9a-f]+)");

  /** The kernels whose rows the contract starts from. */
  private static boolean isOurs(VectorRow row) {
    return row.version().equals("all")
        || row.version().equals("5.10")
        || row.version().startsWith("6");
  }

  static Stream<VectorRow> mapRows() {
    return VectorRows.withPrefix("DP").filter(PagemapVectorTest::isOurs);
  }

  static Stream<VectorRow> teardownRows() {
    return VectorRows.withPrefix("TD").filter(PagemapVectorTest::isOurs);
  }

  static Stream<VectorRow> addRows() {
    return VectorRows.withPrefix("AM").filter(row -> row.function().equals("__add_pages"));
  }

  static Machine machine() {
    return Machine.simulated(
        MachineDescription.of(Maps.m().snapshot().root())
            .with("mtrr-uc", "0xc0000000+0x40000000")
            .with("memmap", "kernel"));
  }

  @ParameterizedTest
  @MethodSource("mapRows")
  @DisplayName("DP-1 to DP-6: a page map is made or refused as the row says, and leaves no traces")
  void map(VectorRow row) {
    try (Machine machine = machine()) {
      Optional<DevPagemap> other = prepare(machine, row);
      Device device =
          row.setup().contains("devres allocation fails")
              ? machine.newDevice("d", 0)
              : machine.newDevice("d");
      DevPagemap map = fill(row);
      List<MemtypeEntry> before = machine.memtypes().entries();
      int mapsBefore = machine.pagemaps().size();
      String answer;
      try {
        MemorySegment segment = device.memremapPages(map);
        assertThat(segment.byteSize())
            .isEqualTo(
                map.type().orElseThrow() == MemoryType.PRIVATE ? 0 : map.range().sizeBytes());
        answer = "VA(0x%x)".formatted(map.range().start());
        if (VectorExceptions.of(row).isEmpty()) {
          gains(row, map);
        }
      } catch (MemremapException e) {
        answer = "-" + e.errno();
        assertThat(machine.memtypes().entries()).as("nothing is left").isEqualTo(before);
        assertThat(machine.pagemaps().size()).as("nothing is left").isEqualTo(mapsBefore);
        assertThat(map.state()).isEqualTo(DevPagemap.State.UNMAPPED);
        assertThat(machine.explainPages(map).refusal().map(why -> why.errno()))
            .as("the plan says the same, but for what the device lacks")
            .isIn(Optional.of(e.errno()), Optional.empty());
      }
      RUN.check(row, answer);
      other.ifPresent(
          live ->
              assertThat(machine.pagemapAt(live.ranges().getFirst().start() >>> 12))
                  .as("the other map is untouched")
                  .isSameAs(live));
    }
  }

  private static void gains(VectorRow row, DevPagemap map) {
    Matcher gained = GAINED.matcher(row.effects());
    Matcher internal = INTERNAL.matcher(row.effects());
    if (internal.find()) {
      assertThat(map.ownReferences()).isEqualTo(Long.parseLong(internal.group(1)));
    } else if (gained.find()) {
      long second = gained.group(2) == null ? 0 : Long.parseLong(gained.group(2));
      assertThat(map.ownReferences()).isEqualTo(Long.parseLong(gained.group(1)) + second);
    }
    Matcher first = FIRST_PFN.matcher(row.effects());
    if (first.find()) {
      long pfn = Long.parseLong(first.group(1), 16);
      assertThat(map.pfnValid(pfn)).isTrue();
      assertThat(map.pfnValid(pfn - 1)).isFalse();
    }
  }

  /** What lies there before the call. */
  private static Optional<DevPagemap> prepare(Machine machine, VectorRow row) {
    if (row.setup().contains("existing memtype WB on range")) {
      long[] range = ranges(row.input()).getFirst();
      machine.memremap(range[0], range[1], MemremapFlag.WB.bit());
    }
    if (!row.setup().startsWith("map A")) {
      return Optional.empty();
    }
    long[] range = ranges(row.setup()).getFirst();
    DevPagemap a =
        DevPagemap.over().range(range[0], range[1]).type(MemoryType.GENERIC).name("A").build();
    machine.memremapPages(a);
    if (row.setup().contains("teardown still waiting")) {
      assertThat(machine.getDevPagemap(range[0] >>> 12, null)).isSameAs(a);
      try {
        machine.memunmapPages(a, Duration.ZERO);
      } catch (MemremapException busy) {
        assertThat(busy.errno()).isEqualTo(Errno.EBUSY);
      }
    }
    return Optional.of(a);
  }

  private static DevPagemap fill(VectorRow row) {
    String all = row.setup() + " " + row.input();
    DevPagemap.Builder builder = DevPagemap.over();
    if (!row.setup().equals("nr_range=0")) {
      String where = RANGE.matcher(row.input()).find() ? row.input() : DEFAULT_RANGE;
      if (row.input().equals("same range")) {
        where =
            VectorRows.withPrefix("DP")
                .filter(above -> above.id().equals("DP-46"))
                .findFirst()
                .orElseThrow()
                .input();
      }
      ranges(where).forEach(range -> builder.range(range[0], range[1]));
    }
    MemoryType type = type(all);
    if (!all.contains("type=0")) {
      builder.type(type);
    }
    if (!all.contains("owner NULL")) {
      builder.owner("owner");
    }
    builder.ops(ops(all, type));
    Matcher altmap = Pattern.compile("base_pfn=(\\w+) reserve=(\\d+) free=(\\d+)").matcher(all);
    if (altmap.find()) {
      builder
          .altmap(
              new VmemAltmap(
                  Long.decode(altmap.group(1)),
                  Long.parseLong(altmap.group(2)),
                  Long.parseLong(altmap.group(3))))
          .altmapValid(true);
    } else if (all.contains("altmap valid")) {
      builder.altmap(0, 512, 4096);
    }
    if (all.contains("vmemmap_shift=9")) {
      builder.vmemmapShift(9);
    }
    if (row.setup().startsWith("ref given")) {
      builder.ref(PercpuRef.init());
    }
    return builder.build();
  }

  private static MemoryType type(String text) {
    if (text.contains("PRIVATE")) {
      return MemoryType.PRIVATE;
    }
    if (text.contains("COHERENT")) {
      return MemoryType.COHERENT;
    }
    if (text.contains("FS_DAX")) {
      return MemoryType.FS_DAX;
    }
    return text.contains("P2PDMA") ? MemoryType.PCI_P2PDMA : MemoryType.GENERIC;
  }

  /** The callbacks a row names; where it names none, those the type needs. */
  private static PagemapOps ops(String text, MemoryType type) {
    boolean named = text.contains("ops={");
    PagemapOps ops = PagemapOps.none();
    if (named ? text.contains("page_free") : type.isHandedOut()) {
      ops = ops.withPageFree(page -> {});
    }
    if (named ? text.contains("migrate_to_ram") : type.isHandedOut()) {
      ops = ops.withMigrateToRam(page -> PagemapOps.MigrateToRam.Outcome.MIGRATED);
    }
    return ops;
  }

  private static List<long[]> ranges(String text) {
    return RANGE
        .matcher(text)
        .results()
        .map(
            found -> {
              long start = Long.parseLong(found.group(1), 16);
              return new long[] {start, Long.parseLong(found.group(2), 16) - start + 1};
            })
        .toList();
  }

  @ParameterizedTest
  @MethodSource("teardownRows")
  @DisplayName("TD-5: a page map is taken apart as the row says")
  void teardown(VectorRow row) {
    try (Machine machine = machine()) {
      DevPagemap map =
          DevPagemap.over().range(0x180000000L, 0x8000000).type(MemoryType.GENERIC).build();
      switch (row.id()) {
        case "TD-04" -> {
          machine.memremapPages(map);
          machine.getDevPagemap(0x180000, null);
          Errno errno = null;
          try {
            machine.memunmapPages(map, Duration.ofMillis(20));
          } catch (MemremapException held) {
            errno = held.errno();
          }
          assertThat(map.state()).isEqualTo(DevPagemap.State.DRAINING);
          map.put();
          assertThat(map.state()).as(row.effects()).isEqualTo(DevPagemap.State.UNMAPPED);
          RUN.check(row, errno == Errno.EBUSY ? "blocks until put" : "does not wait");
        }
        case "TD-05" -> {
          machine.memremapPages(map);
          machine.memunmapPages(map);
          machine.memremapPages(map);
          RUN.check(row, map.state() == DevPagemap.State.LIVE ? "succeeds" : "fails");
        }
        case "TD-06" -> {
          String answer = "succeeds";
          try {
            machine.newDevice("d").memunmapPages(map);
          } catch (IllegalStateException refused) {
            answer = "refused";
          }
          RUN.check(row, answer);
        }
        default -> throw new AssertionError(row);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("addRows")
  @DisplayName("AM-6: an altmap must begin with its range and leave some of it")
  void addPages(VectorRow row) {
    try (Machine machine = machine()) {
      VectorRow first =
          VectorRows.withPrefix("AM").filter(r -> r.id().equals("AM-26")).findFirst().orElseThrow();
      assertThat(first.setup()).contains("pfn 0x140000 nr 0x8000");
      Matcher base = Pattern.compile("altmap base (0x[0-9a-f]+)").matcher(row.setup());
      Matcher free = Pattern.compile("free (0x[0-9a-f]+)").matcher(row.setup());
      VmemAltmap altmap =
          new VmemAltmap(
              base.find() ? Long.decode(base.group(1)) : 0x140000,
              0,
              free.find() ? Long.decode(free.group(1)) : 512);
      DevPagemap map =
          DevPagemap.over()
              .range(0x140000000L, 0x8000L << 12)
              .type(MemoryType.GENERIC)
              .altmap(altmap)
              .altmapValid(true)
              .build();
      String answer = "ok";
      try {
        machine.memremapPages(map);
      } catch (MemremapException e) {
        answer = "-" + e.errno();
      }
      RUN.check(row, answer);
    }
  }

  @ParameterizedTest
  @MethodSource("releaseRows")
  @DisplayName("AM-5: pages of an altmap that were not given back are warned about, once")
  void release(VectorRow row) {
    try (LoggedLines log = new LoggedLines("dev.memremap");
        Machine machine = machine()) {
      for (int i = 0; i < 2; i++) {
        VmemAltmap altmap = new VmemAltmap(0x140000, 0, 1024);
        DevPagemap map =
            DevPagemap.over()
                .range(0x140000000L, 0x8000L << 12)
                .type(MemoryType.GENERIC)
                .altmap(altmap)
                .altmapValid(true)
                .build();
        machine.memremapPages(map);
        altmap.alloc(4096, 4096);
        machine.memunmapPages(map);
        assertThat("altmap.alloc=" + altmap.alloc()).isEqualTo(row.setup());
      }
      assertThat(log.lines()).singleElement().asString().contains(row.effects());
      RUN.check(row, "WARN_ONCE");
    }
  }

  static Stream<VectorRow> releaseRows() {
    return VectorRows.withPrefix("AM").filter(row -> row.function().equals("release"));
  }
}
