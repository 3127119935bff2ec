// SPDX-License-Identifier: Apache-2.0
package dev.memremap.internal.memtype;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.memremap.cache.CacheMode;
import dev.memremap.cache.MemtypeEntry;
import dev.memremap.cache.MemtypeList;
import dev.memremap.cache.Pat;
import dev.memremap.internal.geometry.PageGeometry;
import dev.memremap.internal.kernel.KernelRules;
import dev.memremap.resource.PhysRange;
import dev.memremap.rule.MemremapException;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Reserving, giving back and looking up memory types at both edges of what is there. */
class MemtypeTableEdgesTest {
  /** System RAM, which begins at 1 MiB and ends at 2 MiB. */
  private static final PhysRange RAM = new PhysRange(0x100000, 0x1fffff);

  private static final PhysRange UNCACHABLE = new PhysRange(0x400000, 0x4fffff);

  private final MemtypeTable table = table(RAM);

  private static MemtypeTable table(PhysRange ram) {
    return new MemtypeTable(
        (asked, visit) -> ram.intersection(asked).ifPresent(visit::test),
        new Mtrrs(List.of(UNCACHABLE)),
        Pat.FULL,
        PageGeometry.X86_64,
        KernelRules.LINUX_6_1);
  }

  private static long hex(String digits) {
    return Long.parseUnsignedLong(digits, 16);
  }

  private static PhysRange range(String text) {
    int dash = text.indexOf('-');
    return new PhysRange(hex(text.substring(0, dash)), hex(text.substring(dash + 1)));
  }

  // the end is exclusive here, as in the kernel
  @ParameterizedTest(name = "{0} to {1}, WC: {2}, kept in {3}")
  @CsvSource({
    // the ISA range, 0xa0000 to 0xfffff, is WB for good
    "9f000, a0000, WC, ENTRY",
    "9f000, a1000, WC, ENTRY",
    "a0000, a1000, WB, NOWHERE",
    "bf000, c0000, WB, NOWHERE",
    "c0000, c1000, WB, NOWHERE",
    "ff000, 100000, WB, NOWHERE",
    "a0000, 100000, WB, NOWHERE",
    // with RAM behind it: a range that begins below 1 MiB has a hole before RAM
    "ff000, 101000, EINVAL, NOWHERE",
    "a0000, 100001, EINVAL, NOWHERE",
    // RAM's edges
    "100000, 101000, WC, PAGES",
    "1ff000, 200000, WC, PAGES",
    "100000, 200000, WC, PAGES",
    "100000, 200001, WC, PAGES",
    "1ff000, 201000, WC, PAGES",
    "200000, 201000, WC, ENTRY",
    // the end of the 52 bits of an address
    "ffffffffff000, 10000000000000, WC, ENTRY",
    "10000000000000, 10000000001000, WC, ENTRY",
    "ffffffffff000, 10000000001000, EINVAL, NOWHERE",
    // an empty range, and one of one byte
    "300000, 300000, EINVAL, NOWHERE",
    "300000, 300001, WC, ENTRY",
    "300001, 300000, EINVAL, NOWHERE",
  })
  @DisplayName("MT-1, MT-3 where a type is kept changes at the first byte of the ISA range and RAM")
  void homes(String start, String end, String expected, Reservation.Home home) {
    Reservation checked = table.check(hex(start), hex(end), CacheMode.WC, false);
    Reservation reserved = table.reserve(hex(start), hex(end), CacheMode.WC, false);
    assertThat(reserved).isEqualTo(checked);
    CacheMode mode = reserved.mode();
    String answer =
        reserved.isGranted()
            ? String.valueOf(mode)
            : reserved.refusal().orElseThrow().errno().name();
    assertThat(answer).isEqualTo(expected);
    assertThat(reserved instanceof Reservation.Granted granted ? granted.home() : null)
        .isEqualTo(reserved.isGranted() ? home : null);
    assertThat(table.list().entries().isEmpty()).isEqualTo(home != Reservation.Home.ENTRY);
    assertThat(table.list().ramPages().isEmpty()).isEqualTo(home != Reservation.Home.PAGES);
    if (reserved.isGranted()) {
      table.free(hex(start), hex(end));
    }
    assertThat(table.isEmpty()).isTrue();
  }

  @ParameterizedTest(name = "{0}: {1}")
  @CsvSource({
    "3ff000-3fffff, WB",
    "3ff000-400000, UC-",
    "3ff000-400fff, UC-",
    "400000-400fff, UC-",
    "4ff000-4fffff, UC-",
    "4fffff-500fff, UC-",
    "500000-500fff, WB",
  })
  @DisplayName("MT-2 WB becomes UC- from the first byte of an uncachable range to its last")
  void mtrrs(String where, String expected) {
    assertThat(table.checkAlias(range(where), CacheMode.WB, fact -> {}).mode())
        .hasToString(expected);
    assertThat(table.checkAlias(range(where), CacheMode.WC, fact -> {}).mode())
        .as("only WB asks the MTRRs")
        .isEqualTo(CacheMode.WC);
  }

  @ParameterizedTest(name = "exempt {0}: first page {1}, second {2}, last but one {3}, last {4}")
  @CsvSource({
    "3ff000-3fffff, UC-, UC-, UC-, UC-",
    "3ff000-400fff, WB, UC-, UC-, UC-",
    "400000-400fff, WB, UC-, UC-, UC-",
    "401000-401fff, UC-, WB, UC-, UC-",
    "400000-4fffff, WB, WB, WB, WB",
    "401000-4fefff, UC-, WB, WB, UC-",
    "4ff000-4fffff, UC-, UC-, UC-, WB",
    "4ff000-500fff, UC-, UC-, UC-, WB",
    "500000-500fff, UC-, UC-, UC-, UC-",
    // half a page does not count: the other half is uncachable
    "400000-4007ff, UC-, UC-, UC-, UC-",
    "400000-400ffe, UC-, UC-, UC-, UC-",
    "400001-400fff, UC-, UC-, UC-, UC-",
  })
  @DisplayName("an exemption from the MTRRs counts from its first byte to its last")
  void exemption(String exempt, String first, String second, String lastButOne, String last) {
    table.exemptFromMtrrs(range(exempt));
    for (String[] page :
        new String[][] {
          {"400000-400fff", first},
          {"401000-401fff", second},
          {"4fe000-4fefff", lastButOne},
          {"4ff000-4fffff", last}
        }) {
      assertThat(table.checkAlias(range(page[0]), CacheMode.WB, fact -> {}).mode())
          .as(page[0])
          .hasToString(page[1]);
    }
  }

  @ParameterizedTest(name = "{0}: {1}")
  @CsvSource({
    "9ffff, UC-",
    "a0000, WB",
    "bffff, WB",
    "c0000, WB",
    "fffff, WB",
    "100000, WB",
    "140fff, WB",
    "141000, WC",
    "141fff, WC",
    "142000, WB",
    "1fffff, WB",
    "200000, UC-",
    "300fff, UC-",
    "301000, WT",
    "302fff, WT",
    "303000, UC-",
  })
  @DisplayName("MT-7 an address has the type of its page: of the ISA range, RAM, an entry, or UC-")
  void lookup(String address, String expected) {
    table.reserveAlias(range("141000-141fff"), CacheMode.WC);
    table.reserveAlias(range("301000-302fff"), CacheMode.WT);
    assertThat(table.lookup(hex(address))).hasToString(expected);
    assertThat(table.trackPfnInsert(hex(address), CacheMode.UC)).hasToString(expected);
  }

  @ParameterizedTest(name = "{0}: {1}, then {2}")
  @CsvSource({
    "300000-300fff, EINVAL, 301000-303fff WT",
    "301000-303fff, ok, ''",
    "301000-302fff, EINVAL, 301000-303fff WT",
    "302000-303fff, ok, 301000-301fff WT",
    "303000-303fff, ok, 301000-302fff WT",
    "303000-304fff, EINVAL, 301000-303fff WT",
    "304000-304fff, EINVAL, 301000-303fff WT",
    "300000-303fff, EINVAL, 301000-303fff WT",
    // what lies in the ISA range or in RAM needs no entry
    "a0000-a0fff, ok, 301000-303fff WT",
    "ff000-fffff, ok, 301000-303fff WT",
    "9f000-9ffff, EINVAL, 301000-303fff WT",
    "9f000-a0fff, EINVAL, 301000-303fff WT",
    "ff000-100fff, EINVAL, 301000-303fff WT",
    "100000-100fff, ok, 301000-303fff WT",
  })
  @DisplayName("MT-6 an entry is given back whole, or from its end on")
  void free(String where, String expected, String left) {
    table.reserveAlias(range("301000-303fff"), CacheMode.WT);
    MemremapException refused =
        catchThrowableOfType(MemremapException.class, () -> table.free(range(where)));
    assertThat(refused == null ? "ok" : refused.errno().name()).isEqualTo(expected);
    assertThat(
            table.list().entries().stream()
                .map(
                    entry ->
                        "%x-%x %s"
                            .formatted(
                                entry.range().start(), entry.range().endInclusive(), entry.mode()))
                .toList())
        .isEqualTo(left.isEmpty() ? List.of() : List.of(left));
  }

  @ParameterizedTest(name = "{0}: {1}")
  @CsvSource({
    "140000-140fff, ok",
    "141000-141fff, EBUSY",
    "140000-141fff, EBUSY",
    "142000-142fff, EBUSY",
    "142fff-142fff, EBUSY",
    "143000-143fff, ok",
    "100000-140fff, ok",
    "143000-1fffff, ok",
  })
  @DisplayName("MT-4 a page of RAM that has a type is taken, and its neighbours are not")
  void ramPages(String where, String expected) {
    table.reserveAlias(range("141000-142fff"), CacheMode.WC);
    Reservation verdict = table.checkAlias(range(where), CacheMode.WC, fact -> {});
    assertThat(verdict.refusal().map(why -> why.errno().name()).orElse("ok")).isEqualTo(expected);
  }

  @ParameterizedTest(name = "{0}: {1}")
  @CsvSource({
    "9f000-9ffff, UC-",
    "a0000-a0fff, WB",
    "ff000-fffff, WB",
    "100000-100fff, WB",
    "1ff000-1fffff, WB",
    "200000-200fff, UC-",
  })
  @DisplayName("MT-10 a page map of RAM keeps the type that RAM has, and of the ISA range WB")
  void pageMap(String where, String expected) {
    Reservation tracked = table.trackPfnRemap(range(where), CacheMode.UC_MINUS, false);
    assertThat(tracked.mode()).hasToString(expected);
    boolean entry = expected.equals("UC-");
    assertThat(table.list().entries()).hasSize(entry ? 1 : 0);
    table.untrackPfn(range(where));
    assertThat(table.isEmpty()).isTrue();
  }

  @ParameterizedTest(name = "{0}: {1}")
  @CsvSource({
    "9f000-9ffff, false",
    "9ffff-a0000, false",
    "a0000-a0000, true",
    "a0000-fffff, true",
    "bffff-c0000, true",
    "fffff-fffff, true",
    "a0000-100000, false",
    "fffff-100000, false",
    "100000-100fff, false",
  })
  @DisplayName("MT-8 anything goes in the ISA range, 0xa0000 to 0xfffff, and nowhere else")
  void isaRange(String where, boolean anything) {
    assertThat(MemtypeTable.isNewMemtypeAllowed(range(where), CacheMode.WC, CacheMode.WB))
        .isEqualTo(anything);
  }

  @ParameterizedTest(name = "line {0}: {1}")
  @CsvSource({
    "0x0000000000001000-0x0000000000002000, 1000-1fff",
    "0x0000000000001000-0x0000000000001001, 1000-1000",
    "0x0000000000001000-0x0000000000001000, ",
    "0xfffffffffffff000-0x0000000000000000, fffffffffffff000-ffffffffffffffff",
  })
  @DisplayName("MT-14 the end of a line of the list is the byte after the last")
  void listText(String ends, String expected) {
    String line = "PAT: [mem " + ends + "] write-back\n";
    if (expected == null) {
      assertThat(
              catchThrowableOfType(IllegalArgumentException.class, () -> MemtypeList.parse(line)))
          .isNotNull();
    } else {
      List<MemtypeEntry> entries = List.of(new MemtypeEntry(range(expected), CacheMode.WB));
      assertThat(MemtypeList.parse(line)).isEqualTo(entries);
      assertThat(new MemtypeList(entries, List.of()).toString())
          .isEqualTo("PAT memtype list:\n" + line);
    }
  }
}
