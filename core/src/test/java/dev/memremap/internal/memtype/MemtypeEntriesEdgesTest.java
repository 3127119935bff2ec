// SPDX-License-Identifier: Apache-2.0
package dev.memremap.internal.memtype;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memremap.cache.CacheMode;
import dev.memremap.cache.MemtypeEntry;
import dev.memremap.resource.PhysRange;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The entries of ranges outside System RAM, and the types of RAM's pages, byte by byte. */
class MemtypeEntriesEdgesTest {
  private static final CacheMode WC = CacheMode.WC;
  private static final CacheMode WT = CacheMode.WT;
  private static final CacheMode WB = CacheMode.WB;

  private final MemtypeEntries entries = new MemtypeEntries();
  private final RamPageTypes pages = new RamPageTypes();

  private static PhysRange range(String text) {
    int dash = text.indexOf('-');
    return new PhysRange(
        Long.parseUnsignedLong(text.substring(0, dash), 16),
        Long.parseUnsignedLong(text.substring(dash + 1), 16));
  }

  private static String text(List<MemtypeEntry> found) {
    return found.stream()
        .map(
            entry ->
                Long.toHexString(entry.range().start())
                    + "-"
                    + Long.toHexString(entry.range().endInclusive())
                    + " "
                    + entry.mode())
        .collect(Collectors.joining(", "));
  }

  @ParameterizedTest(name = "{0}: {1}")
  @CsvSource({
    "1000-2fff, ''",
    "1000-3000, 3000-6fff WC",
    "2fff-2fff, ''",
    "3000-3000, 3000-6fff WC",
    "6fff-6fff, 3000-6fff WC",
    "6fff-7000, '3000-6fff WC, 7000-7000 WT'",
    "7000-7000, 7000-7000 WT",
    "7001-8fff, ''",
    "7001-9000, 9000-9fff WC",
    "9fff-ffffffffffffffff, 9000-9fff WC",
    "a000-ffffffffffffffff, ''",
    "0-ffffffffffffffff, '3000-6fff WC, 7000-7000 WT, 9000-9fff WC'",
  })
  @DisplayName("MT-5 what a request meets begins at an entry's first byte and ends at its last")
  void overlapping(String where, String expected) {
    entries.add(range("3000-6fff"), WC);
    entries.add(range("7000-7000"), WT);
    entries.add(range("9000-9fff"), WC);
    assertThat(text(entries.overlapping(range(where)))).isEqualTo(expected);
  }

  @ParameterizedTest(name = "{0} and {1}: types {2}, segments {3}")
  @CsvSource({
    // two entries of one type; the types are those at 2fff, 3000, 4fff, 5000, 6fff, 7000, 8fff,
    // 9000
    "3000-6fff, 1000-2fff, WC WC WC WC WC - - -, 1",
    "3000-6fff, 2fff-3000, WC WC WC WC WC - - -, 3",
    "3000-6fff, 3000-6fff, - WC WC WC WC - - -, 1",
    "3000-6fff, 3000-4fff, - WC WC WC WC - - -, 2",
    "3000-6fff, 5000-6fff, - WC WC WC WC - - -, 2",
    "3000-6fff, 4fff-5000, - WC WC WC WC - - -, 3",
    "3000-6fff, 6fff-7000, - WC WC WC WC WC - -, 3",
    "3000-6fff, 7000-8fff, - WC WC WC WC WC WC -, 1",
    "3000-6fff, 8fff-9000, - WC WC WC WC - WC WC, 2",
    "3000-6fff, 2fff-9000, WC WC WC WC WC WC WC WC, 3",
    "4fff-4fff, 5000-5000, - - WC WC - - - -, 1",
  })
  @DisplayName("MT-5 at each byte there is one type, whatever overlaps or adjoins")
  void twoEntries(String a, String b, String types, int segments) {
    long[] probes = {0x2fff, 0x3000, 0x4fff, 0x5000, 0x6fff, 0x7000, 0x8fff, 0x9000};
    for (boolean swapped : new boolean[] {false, true}) {
      MemtypeEntries two = new MemtypeEntries();
      two.add(range(swapped ? b : a), WC);
      two.add(range(swapped ? a : b), WC);
      StringBuilder found = new StringBuilder();
      for (long probe : probes) {
        CacheMode type = two.typeAt(probe);
        found.append(found.isEmpty() ? "" : " ").append(type == null ? "-" : type.toString());
      }
      assertThat(found).hasToString(types);
      assertThat(two.segmentCount()).isEqualTo(segments);

      // what is left after one is taken out is the other, to the byte
      PhysRange left = range(a);
      assertThat(two.remove(range(b))).isTrue();
      assertThat(text(two.overlapping(range("0-ffffffffffffffff"))))
          .isEqualTo(text(List.of(new MemtypeEntry(left, WC))));
      assertThat(two.typeAt(left.start() - 1)).isNull();
      assertThat(two.typeAt(left.start())).isEqualTo(WC);
      assertThat(two.typeAt(left.endInclusive())).isEqualTo(WC);
      assertThat(two.typeAt(left.endInclusive() + 1)).isNull();
      assertThat(two.remove(left)).isTrue();
      assertThat(two.isEmpty()).isTrue();
      assertThat(two.segmentCount()).isZero();
    }
  }

  @ParameterizedTest(name = "{0} beside {1}")
  @CsvSource({
    "3000-6fff, 1000-2fff",
    "3000-6fff, 7000-7fff",
    "3000-6fff, 2fff-2fff",
    "3000-6fff, 7000-7000",
  })
  @DisplayName("neighbours of two types are two segments, and keep their own type to the byte")
  void neighbours(String a, String b) {
    entries.add(range(a), WC);
    entries.add(range(b), WT);
    assertThat(entries.segmentCount()).isEqualTo(2);
    for (String each : List.of(a, b)) {
      CacheMode own = each.equals(a) ? WC : WT;
      assertThat(entries.typeAt(range(each).start())).isEqualTo(own);
      assertThat(entries.typeAt(range(each).endInclusive())).isEqualTo(own);
    }
  }

  @Test
  @DisplayName("an entry may begin at 0 and another end at 2^64-1")
  void endsOfTheAddressSpace() {
    entries.add(range("0-0"), WC);
    entries.add(range("ffffffffffffffff-ffffffffffffffff"), WT);
    assertThat(entries.typeAt(0)).isEqualTo(WC);
    assertThat(entries.typeAt(1)).isNull();
    assertThat(entries.typeAt(-2)).isNull();
    assertThat(entries.typeAt(-1)).isEqualTo(WT);
    assertThat(entries.remove(range("ffffffffffffffff-ffffffffffffffff"))).isTrue();
    assertThat(entries.remove(range("0-0"))).isTrue();
    entries.add(range("0-ffffffffffffffff"), WB);
    entries.add(range("8000000000000000-8000000000000000"), WB);
    assertThat(entries.segmentCount()).isEqualTo(3);
    assertThat(entries.remove(range("0-ffffffffffffffff"))).isTrue();
    assertThat(text(entries.all())).isEqualTo("8000000000000000-8000000000000000 WB");
  }

  @ParameterizedTest(name = "{0}: {1}")
  @CsvSource({
    "3000-6fff, false",
    "3001-6fff, true",
    "6fff-6fff, true",
    "3001-6ffe, false",
    "3001-7000, false",
    "2fff-6fff, false",
    "7000-7000, false",
  })
  @DisplayName("MT-6 an entry can be shortened by a range that ends with it and begins later")
  void endingWith(String where, boolean found) {
    entries.add(range("3000-6fff"), WC);
    assertThat(entries.endingWith(range(where))).isEqualTo(found ? range("3000-6fff") : null);
  }

  @ParameterizedTest(name = "{0}: {1}")
  @CsvSource({
    "3000-6ffe, false",
    "3000-7000, false",
    "2fff-6fff, false",
    "3001-6fff, false",
    "3000-6fff, true",
  })
  @DisplayName("MT-6 an entry is taken out by exactly its own bounds")
  void remove(String where, boolean removed) {
    entries.add(range("3000-6fff"), WC);
    assertThat(entries.remove(range(where))).isEqualTo(removed);
    assertThat(entries.isEmpty()).isEqualTo(removed);
  }

  @ParameterizedTest(name = "clearing {0} leaves {1}")
  @CsvSource({
    "1000-2fff, '3000-6fff WC, 8000-8fff WT'",
    "1000-3000, '3001-6fff WC, 8000-8fff WT'",
    "3000-3000, '3001-6fff WC, 8000-8fff WT'",
    "3000-6fff, 8000-8fff WT",
    "3001-6ffe, '3000-3000 WC, 6fff-6fff WC, 8000-8fff WT'",
    "4000-4fff, '3000-3fff WC, 5000-6fff WC, 8000-8fff WT'",
    "6fff-6fff, '3000-6ffe WC, 8000-8fff WT'",
    "6fff-8000, '3000-6ffe WC, 8001-8fff WT'",
    "7000-7fff, '3000-6fff WC, 8000-8fff WT'",
    "2fff-9000, ''",
    "8fff-ffffffffffffffff, '3000-6fff WC, 8000-8ffe WT'",
    "0-ffffffffffffffff, ''",
  })
  @DisplayName("MT-4 a range of RAM that is given back is WB again, and not a byte more")
  void ramPages(String where, String left) {
    pages.set(range("3000-6fff"), WC);
    pages.set(range("8000-8fff"), WT);
    pages.clear(range(where));
    assertThat(text(pages.all())).isEqualTo(left);
  }

  @ParameterizedTest(name = "{0}: {1}")
  @CsvSource({
    "1000-2fff, ",
    "1000-3000, WC",
    "3000-3000, WC",
    "6fff-6fff, WC",
    "6fff-8000, WC",
    "7000-7fff, ",
    "7000-8000, WT",
    "8fff-9000, WT",
    "9000-ffffffffffffffff, ",
  })
  @DisplayName("MT-4 the first run of another type than WB in a range of RAM")
  void firstTaken(String where, String expected) {
    pages.set(range("3000-6fff"), WC);
    pages.set(range("8000-8fff"), WT);
    MemtypeEntry taken = pages.firstTaken(range(where));
    assertThat(taken == null ? null : taken.mode().symbol()).isEqualTo(expected);
    assertThat(pages.typeAt(range(where).start()))
        .isEqualTo(
            switch ((int) range(where).start()) {
              case 0x3000, 0x6fff -> WC;
              case 0x8fff -> WT;
              default -> WB;
            });
  }
}
