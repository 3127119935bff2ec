// SPDX-License-Identifier: Apache-2.0
package dev.memremap.resource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.memremap.Seeds;
import java.math.BigInteger;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MemparseTest {
  @ParameterizedTest
  @CsvSource({
    "0, 0",
    "0x0, 0",
    "10, a",
    "0x10, 10",
    "0xDeadBeef, deadbeef",
    "4K, 1000",
    "0x4K, 1000",
    "1M, 100000",
    "3G, c0000000",
    "1T, 10000000000",
    "18446744073709551615, ffffffffffffffff",
    "0xffffffffffffffff, ffffffffffffffff",
    "0x00000000000000000001, 1",
    "0xffffffT, ffffff0000000000",
    "0T, 0"
  })
  @DisplayName("a number is read as the kernel's memparse reads it")
  void numbers(String text, String hex) {
    assertThat(Long.toHexString(Memparse.parse(text))).isEqualTo(hex);
  }

  @ParameterizedTest
  @CsvSource({"4k, 1000", "0x4K, 1000", "1m, 100000", "3g, c0000000", "1t, 10000000000", "7, 7"})
  @DisplayName("where either case is taken, a suffix may be small")
  void eitherCase(String text, String hex) {
    assertThat(Long.toHexString(Memparse.parseAnyCase(text))).isEqualTo(hex);
    assertThatExceptionOfType(NumberFormatException.class)
        .isThrownBy(() -> Memparse.parseAnyCase(text + "p"))
        .withMessageStartingWith("'%sp' is not a number", text);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "", "K", "0x", "0xK", "-1", "+1", "1k", "1KK", "1P", "1 K", " 1", "0X10", "ff", "0xfg", "١",
        "0x1_0", "1.5G"
      })
  @DisplayName("text that is not a number is refused in one sentence")
  void noNumbers(String text) {
    assertThatExceptionOfType(NumberFormatException.class)
        .isThrownBy(() -> Memparse.parse(text))
        .withMessage(
            "'%s' is not a number; write decimal or 0x… hexadecimal, with K, M, G or T behind it if wanted",
            text);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "18446744073709551616",
        "0x10000000000000000",
        "0x1000000T",
        "16777216T",
        "18014398509481984K",
        "99999999999999999999999999K"
      })
  @DisplayName("what does not fit into 64 bits is refused in one sentence")
  void tooLarge(String text) {
    assertThatExceptionOfType(NumberFormatException.class)
        .isThrownBy(() -> Memparse.parse(text))
        .withMessage(
            "'%s' does not fit into 64 bits; the largest number is 0xffffffffffffffff", text);
  }

  @Test
  @DisplayName("any number written is read as the same number, with each radix and suffix")
  void thereAndBack() {
    Seeds.check(
        20_000,
        random -> {
          long number = random.nextLong() >>> random.nextInt(64) << random.nextInt(64);
          assertThat(Memparse.parse(Memparse.format(number))).isEqualTo(number);
          int suffix = random.nextInt(4);
          String text = Long.toUnsignedString(number) + "KMGT".charAt(suffix);
          BigInteger value =
              new BigInteger(Long.toUnsignedString(number)).shiftLeft(10 * (suffix + 1));
          if (value.bitLength() > 64) {
            assertThatExceptionOfType(NumberFormatException.class)
                .isThrownBy(() -> Memparse.parse(text));
          } else {
            assertThat(Memparse.parse(text)).isEqualTo(value.longValue());
          }
        });
  }

  @Test
  @DisplayName("a number is written short where that says it exactly")
  void format() {
    assertThat(Memparse.format(0)).isEqualTo("0");
    assertThat(Memparse.format(4096)).isEqualTo("4K");
    assertThat(Memparse.format(3L << 30)).isEqualTo("3G");
    assertThat(Memparse.format(1023)).isEqualTo("1023");
    assertThat(Memparse.format(4097)).isEqualTo("0x1001");
    assertThat(Memparse.format(-1)).isEqualTo("0xffffffffffffffff");
  }
}
