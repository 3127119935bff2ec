// SPDX-License-Identifier: Apache-2.0
package dev.memremap.internal.memtype;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memremap.resource.PhysRange;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The ranges of the memory type range registers, at both edges. */
class MtrrsEdgesTest {

  private static PhysRange range(String text) {
    int dash = text.indexOf('-');
    return new PhysRange(
        Long.parseUnsignedLong(text.substring(0, dash), 16),
        Long.parseUnsignedLong(text.substring(dash + 1), 16));
  }

  private static Mtrrs mtrrs(String ranges) {
    return new Mtrrs(Stream.of(ranges.split(" ")).map(MtrrsEdgesTest::range).toList());
  }

  private static String text(List<PhysRange> ranges) {
    return ranges.stream()
        .map(
            range -> Long.toHexString(range.start()) + "-" + Long.toHexString(range.endInclusive()))
        .collect(Collectors.joining(" "));
  }

  @ParameterizedTest(name = "{0}: {1}")
  @CsvSource({
    "1000-2fff, true",
    "2fff-2fff, true",
    "1000-3000, false",
    "3000-3000, false",
    "4000-4fff, false",
    "6fff-6fff, false",
    "6fff-7000, false",
    "7000-7000, true",
    "7000-8fff, true",
    "0-ffffffffffffffff, false",
    "0-2fff, true",
    "8fff-9000, false",
    "9000-9000, false",
    "9001-ffffffffffffffff, true",
  })
  @DisplayName("MT-2 a range is write-back if no byte of it is in a register that says otherwise")
  void isWriteBack(String where, boolean expected) {
    assertThat(mtrrs("3000-6fff 9000-9000").isWriteBack(range(where), fact -> {}))
        .isEqualTo(expected);
  }

  @ParameterizedTest(name = "{0} without {1}: {2}")
  @CsvSource({
    "3000-6fff, 1000-2fff, 3000-6fff",
    "3000-6fff, 1000-3000, 3001-6fff",
    "3000-6fff, 2fff-3fff, 4000-6fff",
    "3000-6fff, 3000-3000, 3001-6fff",
    "3000-6fff, 3001-3001, 3000-3000 3002-6fff",
    "3000-6fff, 3000-6ffe, 6fff-6fff",
    "3000-6fff, 3000-6fff, ''",
    "3000-6fff, 3001-6fff, 3000-3000",
    "3000-6fff, 3001-6ffe, 3000-3000 6fff-6fff",
    "3000-6fff, 2fff-7000, ''",
    "3000-6fff, 3000-7000, ''",
    "3000-6fff, 4000-4fff, 3000-3fff 5000-6fff",
    "3000-6fff, 6ffe-6ffe, 3000-6ffd 6fff-6fff",
    "3000-6fff, 6fff-6fff, 3000-6ffe",
    "3000-6fff, 6fff-7fff, 3000-6ffe",
    "3000-6fff, 7000-7fff, 3000-6fff",
    // neighbours of what is taken out stay whole
    "1000-2fff 3000-6fff 7000-7fff, 3000-6fff, 1000-2fff 7000-7fff",
    "1000-2fff 3000-6fff 7000-7fff, 2fff-7000, 1000-2ffe 7001-7fff",
    // the ends of the address space
    "0-fff, 0-0, 1-fff",
    "0-0, 0-0, ''",
    "0-ffffffffffffffff, 0-0, 1-ffffffffffffffff",
    "0-ffffffffffffffff, ffffffffffffffff-ffffffffffffffff, 0-fffffffffffffffe",
    "0-ffffffffffffffff, 8000000000000000-8000000000000000, 0-7fffffffffffffff 8000000000000001-ffffffffffffffff",
    "fffffffffffff000-ffffffffffffffff, fffffffffffff000-fffffffffffffffe, ffffffffffffffff-ffffffffffffffff",
  })
  @DisplayName("an exemption takes exactly its own bytes out of the registers")
  void without(String uncachable, String exempt, String expected) {
    Mtrrs rest = mtrrs(uncachable).without(range(exempt));
    assertThat(text(rest.uncachable())).isEqualTo(expected);
    assertThat(rest.isWriteBack(range(exempt), fact -> {})).isTrue();
  }
}
