// SPDX-License-Identifier: Apache-2.0
package dev.memremap.internal.memtype;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.memremap.cache.CacheMode;
import dev.memremap.cache.MemtypeEntry;
import dev.memremap.cache.MemtypeList;
import dev.memremap.cache.Pat;
import dev.memremap.internal.geometry.PageGeometry;
import dev.memremap.internal.kernel.KernelRules;
import dev.memremap.resource.PhysRange;
import dev.memremap.rule.MemremapException;
import dev.memremap.rule.Rule;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MemtypeTableTest {
  private static final long P = 0x140000000L;
  private static final PhysRange PAGE = PhysRange.of(P, 0x1000);
  private static final PhysRange UNCACHABLE = new PhysRange(0xc0000000L, 0xffffffffL);
  private static final PhysRange RAM = new PhysRange(1L << 40, (2L << 40) - 1);

  private static MemtypeTable table(Pat pat) {
    return new MemtypeTable(
        (asked, visit) -> RAM.intersection(asked).ifPresent(visit::test),
        new Mtrrs(List.of(UNCACHABLE)),
        pat,
        PageGeometry.X86_64,
        KernelRules.LINUX_6_1);
  }

  private static CacheMode mode(String name) {
    return CacheMode.of(name).orElseThrow();
  }

  @ParameterizedTest(name = "{0} over one alias of each type")
  @CsvSource({
    // request, on write-back MTRRs, then: none, WB, WC, WT, UC-, UC, WP
    "WB, true, WB, WB, WC, WT, UC-, UC, WP",
    "WB, false, UC-, WB, WC, WT, UC-, UC, WP",
    "WC, true, WC, X, WC, WT, UC-, UC, WP",
    "WT, true, WT, X, X, WT, UC-, UC, WP",
    "UC-, true, UC-, X, WC, WT, UC-, UC, WP",
    "UC, true, UC, WB, WC, WT, UC-, UC, WP",
  })
  @DisplayName("MT-8 a request over one existing alias gets its type, or is refused")
  void conflicts(
      String want,
      boolean writeBack,
      String none,
      String wb,
      String wc,
      String wt,
      String ucMinus,
      String uc,
      String wp) {
    PhysRange range = writeBack ? PAGE : PhysRange.of(UNCACHABLE.start(), 0x1000);
    List<String> existing = List.of("", "WB", "WC", "WT", "UC-", "UC", "WP");
    List<String> answers = List.of(none, wb, wc, wt, ucMinus, uc, wp);
    for (int i = 0; i < existing.size(); i++) {
      // the existing alias is made where the MTRRs say nothing, so that it has the type it asks for
      MemtypeTable table =
          new MemtypeTable(
              (asked, visit) -> {},
              new Mtrrs(writeBack || i > 0 ? List.of() : List.of(UNCACHABLE)),
              Pat.FULL,
              PageGeometry.X86_64,
              KernelRules.LINUX_6_1);
      if (i > 0) {
        assertThat(table.reserveAlias(range, mode(existing.get(i))).mode())
            .hasToString(existing.get(i));
      }
      List<MemtypeEntry> before = table.list().entries();
      Reservation checked = table.checkAlias(range, mode(want), fact -> {});
      assertThat(table.list().entries()).isEqualTo(before);
      Reservation verdict = table.reserveAlias(range, mode(want));
      assertThat(verdict).isEqualTo(checked);
      String answer = verdict.isGranted() ? String.valueOf(verdict.mode()) : "X";
      assertThat(answer).as("%s over %s", want, existing.get(i)).isEqualTo(answers.get(i));
      if (!verdict.isGranted()) {
        assertThat(verdict.rule()).isEqualTo(Rule.MT_8);
        assertThat(table.list().entries()).isEqualTo(before);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "-1, 2, true",
    "1, 1, true",
    "0, 1, true",
    "-1, 5, true",
    "3, 1, false",
    "-1, 1, false"
  })
  @DisplayName("A: any overlap counts, in part, inside or around; adjacent ranges do not meet")
  void overlaps(int fromPage, int pages, boolean meets) {
    MemtypeTable table = table(Pat.FULL);
    table.reserveAlias(PhysRange.of(P, 0x3000), CacheMode.WC);
    PhysRange other = PhysRange.of(P + fromPage * 0x1000L, pages * 0x1000L);
    assertThat(table.reserveAlias(other, CacheMode.WB).mode())
        .isEqualTo(meets ? CacheMode.WC : CacheMode.WB);
  }

  @Test
  @DisplayName("MT-5 two types in one range refuse every request, equal to one of them or not")
  void twoTypes() {
    MemtypeTable table = table(Pat.FULL);
    table.reserveAlias(PAGE, CacheMode.WC);
    table.reserveAlias(PhysRange.of(P + 0x1000, 0x1000), CacheMode.WT);
    for (CacheMode mode : CacheMode.values()) {
      Reservation verdict = table.reserveAlias(PhysRange.of(P, 0x2000), mode);
      assertThat(verdict.rule()).isEqualTo(Rule.MT_5);
      assertThat(verdict.reason())
          .isEqualTo(
              "0x140000000-0x140000fff is mapped WC and 0x140001000-0x140001fff is mapped WT");
    }
    assertThat(table.list().entries()).hasSize(2);
  }

  @Test
  @DisplayName("A: a type is sticky until the last overlapping mapping is gone")
  void sticky() {
    MemtypeTable table = table(Pat.FULL);
    table.reserveAlias(PAGE, CacheMode.WC);
    table.reserveAlias(PhysRange.of(P, 0x2000), CacheMode.WB);
    table.free(PAGE);
    assertThat(table.checkAlias(PAGE, CacheMode.WB, fact -> {}).mode()).isEqualTo(CacheMode.WC);
    table.free(PhysRange.of(P, 0x2000));
    assertThat(table.checkAlias(PAGE, CacheMode.WB, fact -> {}).mode()).isEqualTo(CacheMode.WB);
    assertThat(table.isEmpty()).isTrue();
  }

  @Test
  @DisplayName("MT-13 without PAT nothing is tracked, WC acts as UC-, and WB stays WB on a BAR")
  void nopat() {
    MemtypeTable table = table(Pat.NONE);
    assertThat(table.reserveAlias(PAGE, CacheMode.WC).mode()).isEqualTo(CacheMode.UC_MINUS);
    assertThat(table.reserveAlias(PAGE, CacheMode.WB).mode()).isEqualTo(CacheMode.WB);
    assertThat(table.reserveAlias(PAGE, CacheMode.WT).mode()).isEqualTo(CacheMode.WT);
    assertThat(table.reserveAlias(UNCACHABLE, CacheMode.WB).mode()).isEqualTo(CacheMode.WB);
    assertThat(table.isEmpty()).isTrue();
    table.free(PAGE);
    assertThat(table(Pat.FOUR_SLOTS).reserveAlias(PAGE, CacheMode.WT).mode())
        .isEqualTo(CacheMode.UC_MINUS);
  }

  @Test
  @DisplayName(
      "MT-4 System RAM keeps its type in runs: a terabyte costs one, and comes back piece by piece")
  void ramRuns() {
    MemtypeTable table = table(Pat.FULL);
    assertThat(table.reserveAlias(RAM, CacheMode.WC).isGranted()).isTrue();
    assertThat(table.list().ramPages()).containsExactly(new MemtypeEntry(RAM, CacheMode.WC));
    assertThat(table.reserveAlias(PhysRange.of(RAM.start(), 0x1000), CacheMode.WC).rule())
        .isEqualTo(Rule.MT_4);
    table.free(PhysRange.of(RAM.start() + 0x1000, 0x1000));
    assertThat(table.list().ramPages()).hasSize(2);
    assertThat(table.lookup(RAM.start() + 0x1000)).isEqualTo(CacheMode.WB);
    assertThat(table.lookup(RAM.start() + 0x2000)).isEqualTo(CacheMode.WC);
    table.free(RAM);
    assertThat(table.isEmpty()).isTrue();
    assertThat(table.list().entries()).isEmpty();
  }

  @Test
  @DisplayName(
      "MT-7, MT-12 a page put into a mapping takes the type that is there, UC- where none is")
  void insertedPage() {
    MemtypeTable table = table(Pat.FULL);
    assertThat(table.trackPfnInsert(P, CacheMode.WB)).isEqualTo(CacheMode.UC_MINUS);
    table.reserveAlias(PAGE, CacheMode.WT);
    assertThat(table.trackPfnInsert(P + 0xfff, CacheMode.WB)).isEqualTo(CacheMode.WT);
    assertThat(table.trackPfnInsert(RAM.start(), CacheMode.WC)).isEqualTo(CacheMode.WB);
    assertThat(table.trackPfnInsert(0xb8000, CacheMode.WC)).as("ISA").isEqualTo(CacheMode.WB);
    assertThat(table.list().entries()).hasSize(1);
    assertThat(table(Pat.NONE).trackPfnInsert(P, CacheMode.WB)).isEqualTo(CacheMode.WB);
  }

  @Test
  @DisplayName("MT-6 what was never reserved cannot be freed")
  void freeUnknown() {
    MemtypeTable table = table(Pat.FULL);
    assertThatExceptionOfType(MemremapException.class)
        .isThrownBy(() -> table.free(PAGE))
        .withMessageContaining("no memory type is reserved for 0x140000000-0x140000fff");
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  @DisplayName(
      "MT-5, MT-6 random reserving and freeing agrees with a plain list, and leaves nothing behind")
  void model(long seed) {
    RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
    MemtypeTable table = table(Pat.FULL);
    List<MemtypeEntry> model = new ArrayList<>();
    for (int step = 0; step < 3000; step++) {
      if (model.isEmpty() || random.nextInt(100) < 55) {
        long start = random.nextInt(40);
        PhysRange range =
            PhysRange.ofPfns(
                (P >>> 12) + start,
                (P >>> 12) + start + random.nextInt(random.nextInt(20) == 0 ? 40 : 4),
                4096);
        CacheMode want = CacheMode.values()[random.nextInt(CacheMode.values().length)];
        List<CacheMode> met =
            model.stream()
                .filter(e -> e.range().overlaps(range))
                .map(MemtypeEntry::mode)
                .distinct()
                .toList();
        CacheMode expected = met.isEmpty() ? want : met.size() > 1 ? null : met.getFirst();
        if (expected != null
            && expected != want
            && !MemtypeTable.isNewMemtypeAllowed(range, want, expected)) {
          expected = null;
        }
        Reservation verdict = table.reserveAlias(range, want);
        assertThat(verdict instanceof Reservation.Granted granted ? granted.mode() : null)
            .as("seed %d, step %d: %s %s", seed, step, range, want)
            .isEqualTo(expected);
        if (expected != null) {
          model.add(new MemtypeEntry(range, expected));
        }
      } else {
        table.free(model.remove(random.nextInt(model.size())).range());
      }
      List<MemtypeEntry> sorted =
          model.stream().sorted(java.util.Comparator.comparing(MemtypeEntry::range)).toList();
      assertThat(table.list().entries()).as("seed %d, step %d", seed, step).isEqualTo(sorted);
      assertThat(table.segmentCount()).isLessThanOrEqualTo(2 * model.size() + 1);
    }
    model.forEach(entry -> table.free(entry.range()));
    assertThat(table.isEmpty()).isTrue();
    assertThat(table.segmentCount()).isZero();
  }

  @Test
  @DisplayName("many threads reserve and free at once, and nothing is left")
  void threads() throws InterruptedException {
    MemtypeTable table = table(Pat.FULL);
    var failures = new ConcurrentLinkedQueue<Throwable>();
    List<Thread> threads = new ArrayList<>();
    for (int t = 0; t < 4; t++) {
      RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(t);
      threads.add(
          Thread.ofPlatform()
              .start(
                  () -> {
                    try {
                      for (int i = 0; i < 20_000; i++) {
                        PhysRange range = PhysRange.of(P + random.nextInt(16) * 0x1000L, 0x2000);
                        CacheMode want = CacheMode.values()[random.nextInt(3)];
                        if (table.reserveAlias(range, want).isGranted()) {
                          table.free(range);
                        }
                      }
                    } catch (Throwable e) {
                      failures.add(e);
                    }
                  }));
    }
    for (Thread thread : threads) {
      thread.join();
    }
    assertThat(failures).isEmpty();
    assertThat(table.isEmpty()).isTrue();
    assertThat(table.segmentCount()).isZero();
  }

  @Test
  @DisplayName("MT-14 the list is printed as the kernel does, and read in both of its forms")
  void listText() {
    MemtypeTable table = table(Pat.FULL);
    table.reserveAlias(PAGE, CacheMode.UC_MINUS);
    assertThat(table)
        .hasToString(
            """
            PAT memtype list:
            PAT: [mem 0x0000000140000000-0x0000000140001000] uncached-minus
            """);
    assertThat(MemtypeList.parse(table.toString())).isEqualTo(table.list().entries());
    assertThat(MemtypeList.parse("PAT memtype list:\nuncached-minus @ 0x140000000-0x140001000\n"))
        .isEqualTo(table.list().entries());
    assertThatIllegalArgumentException()
        .isThrownBy(() -> MemtypeList.parse("PAT memtype list:\nnonsense\n"))
        .withMessageContaining("line 2: 'nonsense' is not an entry");
  }
}
