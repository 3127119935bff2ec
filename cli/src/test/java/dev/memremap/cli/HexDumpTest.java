// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The dump that {@code memremap read} prints, with bytes that differ from each other. */
class HexDumpTest {
  private static byte[] counted(int size) {
    byte[] bytes = new byte[size];
    for (int i = 0; i < size; i++) {
      bytes[i] = (byte) (0x41 + i);
    }
    return bytes;
  }

  @ParameterizedTest(name = "{0} bytes a word")
  @CsvSource({
    "1, 41 42 43 44 45 46 47 48 49 4a 4b 4c 4d 4e 4f 50",
    "2, 4241 4443 4645 4847 4a49 4c4b 4e4d 504f",
    "4, 44434241 48474645 4c4b4a49 504f4e4d",
    "8, 4847464544434241 504f4e4d4c4b4a49"
  })
  @DisplayName("a line has sixteen bytes as little-endian words of each width")
  void words(int widthBytes, String words) {
    assertThat(HexDump.lines(0xfd000000L, counted(16), widthBytes))
        .containsExactly("0000fd000000  " + words + "  ABCDEFGHIJKLMNOP");
  }

  @Test
  @DisplayName("each line begins with the address of its first byte; what is not there is blank")
  void lines() {
    assertThat(HexDump.lines(0xffff_ffff_f008L, counted(40), 8))
        .containsExactly(
            "fffffffff008  4847464544434241 504f4e4d4c4b4a49  ABCDEFGHIJKLMNOP",
            "fffffffff018  5857565554535251 605f5e5d5c5b5a59  QRSTUVWXYZ[\\]^_`",
            "fffffffff028  6867666564636261                   abcdefgh");
    assertThat(HexDump.lines(0, new byte[0], 4)).isEmpty();
  }

  @Test
  @DisplayName("only what is printable in ASCII is shown as text: 0x20 to 0x7e")
  void ascii() {
    byte[] edges = {0, 0x1f, 0x20, 0x21, 0x7d, 0x7e, 0x7f, (byte) 0x80, (byte) 0xff};
    assertThat(HexDump.lines(0, edges, 1)).singleElement().asString().endsWith("  .. !}~...");
  }
}
