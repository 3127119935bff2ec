// SPDX-License-Identifier: Apache-2.0
package dev.memremap.resource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PhysAddressTest {
  @ParameterizedTest
  @CsvSource({
    "0x40000000, 40000000",
    "0x0, 0",
    "0, 0",
    "00000000, 0",
    "1G, 40000000",
    "4g, 100000000",
    "0xffffffffffffffff, ffffffffffffffff"
  })
  @DisplayName("an address is 0x… hexadecimal, a number with a suffix, or zero")
  void addresses(String text, String hex) {
    assertThat(Long.toHexString(PhysAddress.parse(text))).isEqualTo(hex);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "40000000 | 40000000: did you mean 0x40000000 or 40000000 (0x2625a00)?",
        "1 | 1: did you mean 0x1 or 1 (0x1)?",
        "fd000000 | fd000000: did you mean 0xfd000000?",
        "99999999999999999999 | 99999999999999999999: did you mean 0x99999999999999999999?",
        "0x10000000000000000 | '0x10000000000000000' does not fit into 64 bits; the largest number"
            + " is 0xffffffffffffffff",
        "EMPTY | '' is not a number; write decimal or 0x… hexadecimal, with K, M, G or T behind it if wanted",
        "0x | '0x' is not a number; write decimal or 0x… hexadecimal, with K, M, G or T behind it if wanted",
      })
  @DisplayName("digits alone are refused, with the two addresses they could mean")
  void refused(String text, String sentence) {
    String address = text.equals("EMPTY") ? "" : text;
    assertThatExceptionOfType(NumberFormatException.class)
        .isThrownBy(() -> PhysAddress.parse(address))
        .withMessage(sentence);
  }

  @ParameterizedTest
  @CsvSource({"0x40000000, 40000000", "40000000, 40000000", "fd0, fd0", "0xFFF, fff"})
  @DisplayName("an end of START-END is hexadecimal with 0x or without it")
  void hexadecimal(String text, String hex) {
    assertThat(Long.toHexString(PhysAddress.parseHex(text))).isEqualTo(hex);
  }

  @ParameterizedTest
  @CsvSource({"4K", "0x", "g", "0x0x1"})
  @DisplayName("an end of START-END is hexadecimal alone, without a suffix")
  void notHexadecimal(String text) {
    assertThatExceptionOfType(NumberFormatException.class)
        .isThrownBy(() -> PhysAddress.parseHex(text))
        .withMessage("'%s' is not a hexadecimal address; write 0x40000000 or 40000000", text);
  }
}
