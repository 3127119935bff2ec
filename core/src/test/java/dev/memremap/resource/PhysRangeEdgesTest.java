// SPDX-License-Identifier: Apache-2.0
package dev.memremap.resource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Optional;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Each method of a range at its first byte, its last, one before and one beyond. */
class PhysRangeEdgesTest {

  private static long hex(String digits) {
    return Long.parseUnsignedLong(digits, 16);
  }

  private static PhysRange range(String text) {
    int dash = text.indexOf('-');
    return new PhysRange(hex(text.substring(0, dash)), hex(text.substring(dash + 1)));
  }

  @ParameterizedTest(name = "{0} contains {1}: {2}")
  @CsvSource({
    "3000-6fff, 2fff, false",
    "3000-6fff, 3000, true",
    "3000-6fff, 3001, true",
    "3000-6fff, 6ffe, true",
    "3000-6fff, 6fff, true",
    "3000-6fff, 7000, false",
    "3000-3000, 2fff, false",
    "3000-3000, 3000, true",
    "3000-3000, 3001, false",
    "0-0, 0, true",
    "0-0, ffffffffffffffff, false",
    "ffffffffffffffff-ffffffffffffffff, ffffffffffffffff, true",
    "ffffffffffffffff-ffffffffffffffff, fffffffffffffffe, false",
    "7fffffffffffffff-8000000000000000, 7ffffffffffffffe, false",
    "7fffffffffffffff-8000000000000000, 7fffffffffffffff, true",
    "7fffffffffffffff-8000000000000000, 8000000000000000, true",
    "7fffffffffffffff-8000000000000000, 8000000000000001, false",
  })
  @DisplayName("an address lies in a range from its first byte to its last")
  void containsAddress(String range, String address, boolean expected) {
    assertThat(range(range).contains(hex(address))).isEqualTo(expected);
  }

  @ParameterizedTest(name = "{0} with {1}: contains {2}, shares {3}")
  @CsvSource({
    "3000-6fff, 1000-2fff, false, ",
    "3000-6fff, 1000-3000, false, 3000-3000",
    "3000-6fff, 2fff-6fff, false, 3000-6fff",
    "3000-6fff, 3000-3000, true, 3000-3000",
    "3000-6fff, 3000-6fff, true, 3000-6fff",
    "3000-6fff, 3000-7000, false, 3000-6fff",
    "3000-6fff, 3001-6ffe, true, 3001-6ffe",
    "3000-6fff, 6fff-6fff, true, 6fff-6fff",
    "3000-6fff, 6fff-7000, false, 6fff-6fff",
    "3000-6fff, 7000-7fff, false, ",
    "3000-6fff, 0-ffffffffffffffff, false, 3000-6fff",
    "0-ffffffffffffffff, 0-0, true, 0-0",
    "0-ffffffffffffffff, ffffffffffffffff-ffffffffffffffff, true, ffffffffffffffff-ffffffffffffffff",
  })
  @DisplayName("RES-4 two ranges share the bytes from the later start to the earlier end")
  void twoRanges(String a, String b, boolean contains, String shared) {
    Optional<PhysRange> expected = Optional.ofNullable(shared).map(PhysRangeEdgesTest::range);
    assertThat(range(a).contains(range(b))).as("contains").isEqualTo(contains);
    assertThat(range(a).intersection(range(b))).as("shared").isEqualTo(expected);
    assertThat(range(b).intersection(range(a)))
        .as("shared, asked the other way")
        .isEqualTo(expected);
    assertThat(range(a).overlaps(range(b))).as("overlaps").isEqualTo(expected.isPresent());
    assertThat(range(b).overlaps(range(a))).isEqualTo(expected.isPresent());
  }

  @ParameterizedTest(name = "{0}: {1} bytes, pages {2} to {3}, in whole pages {4}")
  @CsvSource({
    "3000-6fff, 4000, 3, 6, 3000-6fff",
    "3001-6fff, 3fff, 3, 6, 3000-6fff",
    "2fff-6fff, 4001, 2, 6, 2000-6fff",
    "3000-6ffe, 3fff, 3, 6, 3000-6fff",
    "3000-7000, 4001, 3, 7, 3000-7fff",
    "3fff-4000, 2, 3, 4, 3000-4fff",
    "3000-3000, 1, 3, 3, 3000-3fff",
    "3fff-3fff, 1, 3, 3, 3000-3fff",
    "0-0, 1, 0, 0, 0-fff",
    "ffffffffffffffff-ffffffffffffffff, 1, fffffffffffff, fffffffffffff, fffffffffffff000-ffffffffffffffff",
    "0-ffffffffffffffff, 0, 0, fffffffffffff, 0-ffffffffffffffff",
  })
  @DisplayName("a range's pages are those of its first byte and its last")
  void pages(String text, String bytes, String firstPfn, String lastPfn, String whole) {
    PhysRange range = range(text);
    assertThat(range.sizeBytes()).isEqualTo(hex(bytes));
    assertThat(range.firstPfn(4096)).isEqualTo(hex(firstPfn));
    assertThat(range.lastPfn(4096)).isEqualTo(hex(lastPfn));
    assertThat(range.roundOutTo(4096)).isEqualTo(range(whole));
    assertThat(PhysRange.ofPfns(range.firstPfn(4096), range.lastPfn(4096), 4096))
        .isEqualTo(range(whole));
    assertThat(range.roundOutTo(1)).isEqualTo(range);
  }

  @ParameterizedTest(name = "{0}+{1}: {2}")
  @CsvSource({
    "3000, 1, 3000-3000",
    "3000, 1000, 3000-3fff",
    "3000, 1001, 3000-4000",
    "0, ffffffffffffffff, 0-fffffffffffffffe",
    "1, ffffffffffffffff, 1-ffffffffffffffff",
    "2, ffffffffffffffff, ",
    "fffffffffffff000, fff, fffffffffffff000-fffffffffffffffe",
    "fffffffffffff000, 1000, fffffffffffff000-ffffffffffffffff",
    "fffffffffffff000, 1001, ",
    "ffffffffffffffff, 1, ffffffffffffffff-ffffffffffffffff",
    "ffffffffffffffff, 2, ",
    "3000, 0, ",
    "0, 0, ",
  })
  @DisplayName("START+SIZE may end at the last address there is, and not one byte beyond")
  void ofStartAndSize(String start, String size, String expected) {
    if (expected == null) {
      assertThatIllegalArgumentException().isThrownBy(() -> PhysRange.of(hex(start), hex(size)));
      assertThatIllegalArgumentException()
          .isThrownBy(() -> PhysRange.parse("0x%s+0x%s".formatted(start, size)));
    } else {
      assertThat(PhysRange.of(hex(start), hex(size))).isEqualTo(range(expected));
      assertThat(PhysRange.parse("0x%s+0x%s".formatted(start, size))).isEqualTo(range(expected));
    }
  }

  @ParameterizedTest(name = "pages {0} to {1}: {2}")
  @CsvSource({
    "0, 0, 0-fff",
    "3, 2, ",
    "3, 3, 3000-3fff",
    "fffffffffffff, fffffffffffff, fffffffffffff000-ffffffffffffffff",
    "fffffffffffff, 10000000000000, ",
    "10000000000000, 10000000000000, ",
    "ffffffffffffffff, ffffffffffffffff, ",
  })
  @DisplayName("a page frame number has 52 bits, and the first page is not behind the last")
  void ofPfns(String first, String last, String expected) {
    if (expected == null) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> PhysRange.ofPfns(hex(first), hex(last), 4096));
    } else {
      assertThat(PhysRange.ofPfns(hex(first), hex(last), 4096)).isEqualTo(range(expected));
    }
  }

  @ParameterizedTest(name = "{0} to {1}: {2}")
  @CsvSource({
    "3000-6fff, 3000-6fff, 0",
    "3000-6fff, 3000-7000, -1",
    "3000-6fff, 3000-6ffe, 1",
    "3000-6fff, 2fff-ffff, 1",
    "3000-6fff, 3001-3001, -1",
    "7fffffffffffffff-ffffffffffffffff, 8000000000000000-8000000000000000, -1",
    "0-7fffffffffffffff, 0-8000000000000000, -1",
  })
  @DisplayName("ranges are ordered by start, then by end, as unsigned numbers")
  void order(String a, String b, int expected) {
    assertThat(Integer.signum(range(a).compareTo(range(b)))).isEqualTo(expected);
    assertThat(Integer.signum(range(b).compareTo(range(a)))).isEqualTo(-expected);
  }
}
