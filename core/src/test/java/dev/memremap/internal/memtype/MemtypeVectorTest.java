// SPDX-License-Identifier: Apache-2.0
package dev.memremap.internal.memtype;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memremap.cache.CacheMode;
import dev.memremap.cache.MemtypeEntry;
import dev.memremap.cache.Pat;
import dev.memremap.internal.geometry.PageGeometry;
import dev.memremap.internal.kernel.KernelRules;
import dev.memremap.internal.space.ResourceTree;
import dev.memremap.resource.Memparse;
import dev.memremap.resource.PhysRange;
import dev.memremap.rule.Errno;
import dev.memremap.rule.MemremapException;
import dev.memremap.rule.Refusal;
import dev.memremap.vectors.Maps;
import dev.memremap.vectors.VectorRow;
import dev.memremap.vectors.VectorRows;
import dev.memremap.vectors.VectorRun;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The rows of the memory types, each on a table of its own. */
class MemtypeVectorTest {
  @RegisterExtension static final VectorRun RUN = VectorRun.of("MT");

  private static final long P = 0x140000000L;
  private static final Pattern ENTRY =
      Pattern.compile("\\[P(\\+0x[0-9a-f]+)?,P(\\+0x[0-9a-f]+)\\)(?:=(\\S+?))?(?=[ ,;]|$)");

  static Stream<VectorRow> rows() {
    return VectorRows.all().stream().filter(row -> row.prefix().equals("MT"));
  }

  @ParameterizedTest
  @MethodSource("rows")
  @DisplayName("MT-1 to MT-10: the table answers as the row says, and holds what it says after")
  void row(VectorRow row) {
    MemtypeTable table = table(row);
    switch (row.function()) {
      case "memtype_reserve" -> reserve(row, table);
      case "memtype_free" -> free(row, table);
      case "lookup_memtype" -> RUN.check(row, table.lookup(number(row, "paddr")).toString());
      case "is_new_memtype_allowed" -> allowed(row);
      case "track_pfn_remap(vma=NULL)" -> track(row, table);
      default -> throw new AssertionError("no test runs row " + row);
    }
  }

  private static MemtypeTable table(VectorRow row) {
    ResourceTree map = Maps.m();
    MemtypeTable table =
        new MemtypeTable(
            (asked, visit) -> map.snapshot().walkSystemRam(asked, 4096, visit),
            new Mtrrs(List.of(new PhysRange(0xc0000000L, 0xffffffffL))),
            Pat.FULL,
            PageGeometry.X86_64,
            KernelRules.LINUX_6_1);
    if (row.setup().equals("RAM page 0x200 already WC")) {
      assertThat(table.reserve(0x200000, 0x201000, CacheMode.WC, false).isGranted()).isTrue();
    }
    boolean twice = row.setup().contains("twice") || row.setup().startsWith("two equal");
    Matcher entry = ENTRY.matcher(row.setup());
    while (entry.find()) {
      CacheMode mode = entry.group(3) == null ? CacheMode.WB : mode(entry.group(3));
      for (int i = 0; i < (twice ? 2 : 1); i++) {
        assertThat(table.reserve(at(entry.group(1)), at(entry.group(2)), mode, false).isGranted())
            .isTrue();
      }
    }
    return table;
  }

  private static void reserve(VectorRow row, MemtypeTable table) {
    List<MemtypeEntry> before = table.list().entries();
    boolean strict = row.input().contains("new=NULL");
    long start = number(row, "start");
    long end = number(row, "end");
    CacheMode want = mode(row.value("req").orElseThrow());
    Reservation checked = table.check(start, end, want, strict);
    assertThat(table.list().entries()).as("check changes nothing").isEqualTo(before);
    Reservation answer = table.reserve(start, end, want, strict);
    assertThat(answer).as("check agrees with reserve").isEqualTo(checked);
    // the kernel leaves `new` unset or unasked where the row shows none
    boolean shown = !row.expected().contains("new=-");
    Errno errno = answer.refusal().map(Refusal::errno).orElse(null);
    RUN.check(
        row,
        "ret=%d new=%s"
            .formatted(errno == null ? 0 : -errno.number(), shown ? answer.mode() : "-"));
    if (row.effects().startsWith("entries=")) {
      assertThat(table.list().entries()).hasSize(Integer.parseInt(row.effects().substring(8)));
    } else {
      assertThat(row.effects()).isEqualTo("pages unchanged");
      assertThat(table.list().ramPages())
          .containsExactly(new MemtypeEntry(PhysRange.of(0x200000, 0x1000), CacheMode.WC));
    }
  }

  private static void free(VectorRow row, MemtypeTable table) {
    List<MemtypeEntry> before = table.list().entries();
    long start = at(row.value("start").orElseThrow().substring(1));
    long end = at(row.value("end").orElseThrow().substring(1));
    String answer;
    try {
      table.free(start, end);
      answer =
          table.list().entries().size() < before.size()
              ? "ret=0"
              : "shortened to 0x%x-0x%x"
                  .formatted(
                      table.list().entries().getFirst().range().start(),
                      table.list().entries().getFirst().range().endInclusive() + 1);
    } catch (MemremapException e) {
      answer = "-" + e.errno();
      assertThat(table.list().entries()).as(row.effects()).isEqualTo(before);
    }
    RUN.check(row, answer);
    if (row.effects().equals("one entry left")) {
      assertThat(table.list().entries()).hasSize(1);
    }
  }

  private static void allowed(VectorRow row) {
    CacheMode want = mode(row.value("req").orElseThrow().replace(";", ""));
    PhysRange range =
        row.setup().contains("outside ISA")
            ? PhysRange.of(P, 0x1000)
            : new PhysRange(0xa0000, 0xfffff);
    if (row.input().contains(" in (")) {
      StringBuilder answer = new StringBuilder();
      for (String name : List.of("WB", "WC", "WT", "UC-", "UC", "WP")) {
        answer
            .append(answer.isEmpty() ? "" : ",")
            .append(name)
            .append('=')
            .append(MemtypeTable.isNewMemtypeAllowed(range, want, mode(name)) ? 1 : 0);
      }
      RUN.check(row, answer.toString());
    } else {
      CacheMode found = mode(row.value("new").orElseThrow());
      RUN.check(row, MemtypeTable.isNewMemtypeAllowed(range, want, found) ? "1" : "0");
    }
  }

  private static void track(VectorRow row, MemtypeTable table) {
    List<MemtypeEntry> before = table.list().entries();
    PhysRange range = PhysRange.of(number(row, "pfn") << 12, number(row, "size"));
    Matcher want = Pattern.compile("want (UC-|\\w+)").matcher(row.setup());
    assertThat(want.find()).isTrue();
    Reservation answer = table.trackPfnRemap(range, mode(want.group(1)), false);
    Errno errno = answer.refusal().map(Refusal::errno).orElse(null);
    String text = "ret=" + (errno == null ? 0 : -errno.number());
    RUN.check(row, row.expected().contains("prot=") ? text + " prot=" + answer.mode() : text);
    boolean entryMade = row.effects().startsWith("4.17 drops prot");
    assertThat(table.list().entries())
        .as(row.effects())
        .hasSize(before.size() + (entryMade ? 1 : 0));
    if (errno == null) {
      table.untrackPfn(range);
      assertThat(table.list().entries()).as("MT-11").isEqualTo(before);
    }
  }

  private static long number(VectorRow row, String key) {
    return Memparse.parse(row.value(key).orElseThrow());
  }

  private static long at(String offset) {
    return P + (offset == null || offset.isEmpty() ? 0 : Memparse.parse(offset.substring(1)));
  }

  private static CacheMode mode(String name) {
    return CacheMode.of(name).orElseThrow();
  }
}
