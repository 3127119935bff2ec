// SPDX-License-Identifier: Apache-2.0
package dev.memremap;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memremap.page.DevPagemap;
import dev.memremap.page.FailureOutcome;
import dev.memremap.page.MemoryType;
import dev.memremap.page.Page;
import dev.memremap.page.PageMapping;
import dev.memremap.page.PagemapOps;
import dev.memremap.ref.PercpuRef;
import dev.memremap.rule.Errno;
import dev.memremap.rule.MemremapException;
import dev.memremap.vectors.VectorExceptions;
import dev.memremap.vectors.VectorRow;
import dev.memremap.vectors.VectorRows;
import dev.memremap.vectors.VectorRun;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The rows of get_dev_pagemap and of memory failures. */
class LookupVectorTest {
  @RegisterExtension static final VectorRun RUN = VectorRun.of("GP", "MF");

  private static final Pattern MAP =
      Pattern.compile("([AC]) (?:live on|res=|has ranges) ?0x([0-9a-f]+)-0x([0-9a-f]+)");
  private static final Pattern FURTHER = Pattern.compile("and 0x([0-9a-f]+)-0x([0-9a-f]+)");
  private static final Pattern CALL = Pattern.compile("\\((0x[0-9a-f]+),(NULL|[AC])\\)");
  private static final Pattern VALID = Pattern.compile("pgmap_pfn_valid\\(A,(0x[0-9a-f]+)\\)");

  static Stream<VectorRow> lookupRows() {
    return VectorRows.withPrefix("GP");
  }

  static Stream<VectorRow> failureRows() {
    return VectorRows.withPrefix("MF");
  }

  /** A map and the caller's reference to it. */
  private record Held(DevPagemap map, PercpuRef ref) {}

  @ParameterizedTest
  @MethodSource("lookupRows")
  @DisplayName("GP-1 to GP-6: a lookup finds, keeps and puts what the row says")
  void lookup(VectorRow row) {
    try (Machine machine = PagemapVectorTest.machine()) {
      Map<String, Held> maps = maps(machine, row);
      Held a = maps.get("A");
      if (a != null && row.setup().matches(".*caller holds.*")) {
        assertThat(machine.getDevPagemap(a.map.ranges().getFirst().start() >>> 12, null))
            .isSameAs(a.map);
      }
      if (row.setup().contains("A killed")) {
        a.ref.kill();
      }
      long before = a == null ? 0 : a.ref.references();
      long otherBefore = maps.containsKey("C") ? maps.get("C").ref.references() : 0;
      RUN.check(row, answer(machine, row, maps));
      long gained = a == null ? 0 : a.ref.references() - before;
      assertThat(gained).as("references to A: %s", row.effects()).isEqualTo(gain(row, "A"));
      if (maps.containsKey("C")) {
        assertThat(maps.get("C").ref.references() - otherBefore).isEqualTo(gain(row, "C"));
      }
      drain(maps);
    }
  }

  private static String answer(Machine machine, VectorRow row, Map<String, Held> maps) {
    Matcher valid = VALID.matcher(row.input());
    if (valid.find()) {
      return Boolean.toString(maps.get("A").map.pfnValid(Long.decode(valid.group(1))));
    }
    if (row.input().equals("put_dev_pagemap(NULL)")) {
      machine.putDevPagemap(null);
      return "no-op";
    }
    Matcher call = CALL.matcher(row.input());
    assertThat(call.find()).as(row.input()).isTrue();
    Held hint = maps.get(call.group(2));
    DevPagemap found =
        machine.getDevPagemap(Long.decode(call.group(1)), hint == null ? null : hint.map);
    return maps.entrySet().stream()
        .filter(entry -> entry.getValue().map == found)
        .map(Map.Entry::getKey)
        .findFirst()
        .orElse("NULL");
  }

  private static long gain(VectorRow row, String map) {
    if (VectorExceptions.of(row).isPresent() || row.effects().contains("net 0")) {
      return 0;
    }
    Matcher named = Pattern.compile(map + " ([+-]\\d+)").matcher(row.effects());
    if (named.find()) {
      return Long.parseLong(named.group(1));
    }
    Matcher ref = Pattern.compile("ref ([+-]\\d+)").matcher(row.effects());
    if (ref.find()) {
      return Long.parseLong(ref.group(1));
    }
    return row.effects().equals("reference dropped") ? -1 : 0;
  }

  private static Map<String, Held> maps(Machine machine, VectorRow row) {
    Map<String, Held> maps = new LinkedHashMap<>();
    Matcher described = MAP.matcher(describing(row));
    while (described.find()) {
      PercpuRef ref = PercpuRef.init();
      DevPagemap.Builder builder =
          DevPagemap.over().type(MemoryType.GENERIC).name(described.group(1)).ref(ref);
      range(builder, described.group(2), described.group(3));
      Matcher further = FURTHER.matcher(describing(row));
      if (further.find()) {
        range(builder, further.group(1), further.group(2));
      }
      if (row.setup().contains("altmap offset 4096")) {
        builder.altmap(2, 4094, 4096);
      }
      DevPagemap map = builder.build();
      try {
        machine.memremapPages(map);
        maps.put(described.group(1), new Held(map, ref));
      } catch (MemremapException e) {
        // one page, or System RAM: what 4.17 mapped there is refused (C-3, C-4), and not found
        assertThat(row.version()).isEqualTo("4.17");
      }
    }
    return maps;
  }

  /** Rows that shorten their setup mean the map of the rows before. */
  private static String describing(VectorRow row) {
    String setup = row.setup();
    if (setup.startsWith("as before")) {
      return "A has ranges 0x180000000-0x187ffffff and 0x190000000-0x197ffffff";
    }
    return setup.startsWith("A killed") || setup.startsWith("A with altmap")
        ? "A live on 0x180000000-0x187ffffff"
        : setup;
  }

  private static void range(DevPagemap.Builder builder, String first, String last) {
    long start = Long.parseLong(first, 16);
    builder.range(start, Long.parseLong(last, 16) - start + 1);
  }

  /** Kills and puts what a row left, so that no map drains for ever. */
  private static void drain(Map<String, Held> maps) {
    for (Held held : maps.values()) {
      long own = held.map.ownReferences();
      if (!held.ref.isDying()) {
        held.ref.kill();
      }
      long left = held.ref.references() - own;
      if (left > 0) {
        held.ref.putMany(left);
      }
    }
  }

  private static long brokenPage(VectorRow row) {
    Matcher pfn = Pattern.compile("pfn (0x[0-9a-f]+)").matcher(row.input());
    return pfn.find() ? Long.decode(pfn.group(1)) : 0x180010;
  }

  @ParameterizedTest
  @MethodSource("failureRows")
  @DisplayName("MF-1 to MF-3: broken memory is handled as the row says")
  void failure(VectorRow row) {
    try (Machine machine = PagemapVectorTest.machine()) {
      PercpuRef ref = PercpuRef.init();
      boolean isPrivate = row.setup().contains("PRIVATE");
      PagemapOps ops =
          PagemapOps.none()
              .withPageFree(page -> {})
              .withMigrateToRam(page -> PagemapOps.MigrateToRam.Outcome.SIGBUS);
      Matcher callback = Pattern.compile("callback returning -(\\w+)").matcher(row.setup());
      if (callback.find()) {
        Errno errno = Errno.valueOf(callback.group(1));
        ops = ops.withMemoryFailure((map, pfn, count, flags) -> Optional.of(errno));
      }
      DevPagemap.Builder builder =
          DevPagemap.over()
              .range(0x180000000L, 0x8000000)
              .type(isPrivate ? MemoryType.PRIVATE : MemoryType.GENERIC)
              .owner("owner")
              .ops(ops)
              .ref(ref);
      if (row.setup().contains("altmap offset 4096")) {
        builder.altmap(2, 4094, 4096);
      }
      DevPagemap map = builder.build();
      machine.memremapPages(map);
      Page page = machine.pfnToPage(brokenPage(row));
      if (page.isUsable()) {
        // the rows are of pages with one (K-1); without one each would be EBUSY
        page.mapping(PageMapping.daxFile("/mnt/pmem/file"));
      }
      long before = ref.references();
      if (row.setup().contains("killed")) {
        ref.kill();
        before--;
      }
      FailureOutcome outcome = machine.memoryFailure(page.pfn(), 1, 0);
      String answer =
          outcome.error().map(errno -> "-" + errno).orElseGet(() -> Integer.toString(0));
      boolean generic = row.expected().equals("generic handler result");
      RUN.check(
          row, generic && outcome.isRecovered() && !outcome.byCallback() ? row.expected() : answer);
      assertThat(page.isPoisoned()).as(row.effects()).isEqualTo(outcome.isRecovered());
      assertThat(ref.references()).as("the map's reference is put").isEqualTo(before);
    }
  }
}
