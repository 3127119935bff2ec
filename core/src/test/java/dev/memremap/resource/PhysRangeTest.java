// SPDX-License-Identifier: Apache-2.0
package dev.memremap.resource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.memremap.Seeds;
import dev.memremap.internal.geometry.PageGeometry;
import java.math.BigInteger;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PhysRangeTest {
  private static final BigInteger WHOLE = BigInteger.ONE.shiftLeft(64);

  @Test
  @DisplayName("RES-4 ranges do unsigned arithmetic as whole numbers do, from 0 to 2^64-1")
  void asWholeNumbers() {
    Seeds.check(
        20_000,
        random -> {
          PhysRange a = any(random);
          PhysRange b = any(random);
          BigInteger from = start(a).max(start(b));
          BigInteger to = end(a).min(end(b));
          assertThat(a.overlaps(b)).isEqualTo(from.compareTo(to) <= 0).isEqualTo(b.overlaps(a));
          assertThat(a.contains(b)).isEqualTo(from.equals(start(b)) && to.equals(end(b)));
          assertThat(a.contains(b.start()))
              .isEqualTo(start(a).compareTo(start(b)) <= 0 && start(b).compareTo(end(a)) <= 0);
          assertThat(a.intersection(b))
              .isEqualTo(
                  from.compareTo(to) > 0
                      ? Optional.empty()
                      : Optional.of(new PhysRange(from.longValue(), to.longValue())));
          assertThat(a.sizeBytes())
              .isEqualTo(end(a).subtract(start(a)).add(BigInteger.ONE).longValue());
          assertThat(Integer.signum(a.compareTo(b)))
              .isEqualTo(
                  start(a).equals(start(b))
                      ? end(a).compareTo(end(b))
                      : start(a).compareTo(start(b)));
        });
  }

  @Test
  @DisplayName("a range is made of start and size unless it is empty or wraps around")
  void ofStartAndSize() {
    Seeds.check(
        20_000,
        random -> {
          long start = edge(random);
          long size = edge(random);
          BigInteger end = unsigned(start).add(unsigned(size)).subtract(BigInteger.ONE);
          if (size == 0 || end.compareTo(WHOLE) >= 0) {
            assertThatIllegalArgumentException().isThrownBy(() -> PhysRange.of(start, size));
          } else {
            assertThat(end(PhysRange.of(start, size))).isEqualTo(end);
            assertThat(PhysRange.of(start, size).sizeBytes()).isEqualTo(size);
          }
        });
  }

  @Test
  @DisplayName("rounding out gives the smallest whole blocks around a range")
  void roundOut() {
    Seeds.check(
        5000,
        random -> {
          PhysRange range = any(random);
          long block = 1L << random.nextInt(63);
          PhysRange out = range.roundOutTo(block);
          BigInteger size = unsigned(block);
          assertThat(start(out)).isEqualTo(start(range).divide(size).multiply(size));
          assertThat(end(out))
              .isEqualTo(
                  end(range)
                      .divide(size)
                      .add(BigInteger.ONE)
                      .multiply(size)
                      .subtract(BigInteger.ONE));
        });
  }

  @Test
  @DisplayName("pages are those of the first and the last byte")
  void pages() {
    PhysRange range = new PhysRange(0x1fff, 0x3000);
    assertThat(range.firstPfn(4096)).isEqualTo(1);
    assertThat(range.lastPfn(4096)).isEqualTo(3);
    assertThat(PhysRange.ofPfns(1, 3, 4096)).isEqualTo(new PhysRange(0x1000, 0x3fff));
    assertThat(PhysRange.ofPfns(0, (1L << 52) - 1, 4096)).isEqualTo(new PhysRange(0, -1));
    assertThat(new PhysRange(0, -1).lastPfn(4096)).isEqualTo((1L << 52) - 1);
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 3, -1, 4097})
  @DisplayName(
      "a page size that is not a power of two is refused in one sentence, wherever it is given")
  void pageSizes(long size) {
    PhysRange range = new PhysRange(0x1000, 0x1fff);
    for (ThrowingCallable call :
        List.<ThrowingCallable>of(
            () -> range.firstPfn(size),
            () -> range.lastPfn(size),
            () -> PhysRange.ofPfns(0, 1, size),
            () -> PageGeometry.shift(size),
            () -> PageGeometry.X86_64.withPages(size))) {
      assertThatIllegalArgumentException()
          .isThrownBy(call)
          .withMessage("a page size must be a power of two, and 0x%x is not", size);
    }
  }

  @Test
  @DisplayName("text that is not a range is refused in one sentence")
  void refusals() {
    refused("the range 0x2-0x1 ends before it starts; the end is inclusive", 2, 1);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PhysRange.of(0x1000, 0))
        .withMessage("a range at 0x1000 of size 0 holds nothing; give the number of bytes");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PhysRange.of(-0x1000, 0x1001))
        .withMessage(
            "the range 0xfffffffffffff000+0x1001 wraps around the end of the 64-bit address space;"
                + " 0x1000 bytes are left there");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PhysRange.ofPfns(0, 1L << 52, 4096))
        .withMessage("a page frame number lies below 2^52, and 0x10000000000000 does not");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PhysRange.parse("0x1000"))
        .withMessage(
            "'0x1000' is not a range; write START+SIZE, such as 0x40000000+4K, or START-END, such as 0x40000000-0x40000fff");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PhysRange.parse("0x2000-0x1fff"))
        .withMessage("the range 0x2000-0x1fff ends before it starts; the end is inclusive");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PhysRange.parse("0x1000-"))
        .withMessageStartingWith("'' is not a hexadecimal address;");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PhysRange.parse("-0x1000"))
        .withMessageStartingWith("'' is not a hexadecimal address;");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PhysRange.parse("40000000+4K"))
        .withMessage("40000000: did you mean 0x40000000 or 40000000 (0x2625a00)?");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new PhysRange(0, 1).roundOutTo(3))
        .withMessage("an alignment must be a power of two, and 0x3 is not");
  }

  private static void refused(String sentence, long start, long end) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new PhysRange(start, end))
        .withMessage(sentence);
  }

  @Test
  @DisplayName("START+SIZE is read with the kernel's suffixes")
  void parse() {
    assertThat(PhysRange.parse("0x40000000+4K")).isEqualTo(new PhysRange(0x40000000, 0x40000fff));
    assertThat(PhysRange.parse("1G+1")).isEqualTo(new PhysRange(1 << 30, 1 << 30));
    assertThat(PhysRange.parse("1g+1")).hasToString("0x40000000-0x40000000");
    assertThat(PhysRange.parse("0+4k")).hasToString("0x0-0xfff");
  }

  @ParameterizedTest
  @CsvSource({
    "0x0-0x0, 0, 0",
    "0x40000000-0x40000fff, 40000000, 40000fff",
    "0xfffffffffffffff0-0xffffffffffffffff, fffffffffffffff0, ffffffffffffffff",
    "0x0-0xffffffffffffffff, 0, ffffffffffffffff",
    "40000000-50000000, 40000000, 50000000",
    "00001000-1fff, 1000, 1fff",
    "0x1000-1FFF, 1000, 1fff",
  })
  @DisplayName(
      "START-END is hexadecimal with its last byte, so that a range's own text, and that of"
          + " /proc/iomem, reads as the range")
  void parseWhatIsPrinted(String text, String start, String end) {
    PhysRange expected =
        new PhysRange(Long.parseUnsignedLong(start, 16), Long.parseUnsignedLong(end, 16));
    assertThat(PhysRange.parse(text)).isEqualTo(expected);
    assertThat(PhysRange.parse(expected.toString())).isEqualTo(expected);
  }

  private static PhysRange any(RandomGenerator random) {
    long a = edge(random);
    long b = edge(random);
    return Long.compareUnsigned(a, b) <= 0 ? new PhysRange(a, b) : new PhysRange(b, a);
  }

  /** Any number; those at 0, 2^63 and 2^64-1 more often than chance has it. */
  private static long edge(RandomGenerator random) {
    long near = random.nextInt(-2, 3);
    return switch (random.nextInt(4)) {
      case 0 -> near;
      case 1 -> Long.MIN_VALUE + near;
      case 2 -> (1L << random.nextInt(64)) + near;
      default -> random.nextLong();
    };
  }

  private static BigInteger start(PhysRange range) {
    return unsigned(range.start());
  }

  private static BigInteger end(PhysRange range) {
    return unsigned(range.endInclusive());
  }

  private static BigInteger unsigned(long value) {
    return new BigInteger(Long.toUnsignedString(value));
  }
}
