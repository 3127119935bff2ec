// SPDX-License-Identifier: Apache-2.0
package dev.memremap.resource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class IomemTextRefusalTest {
  private static final String RAM = "00100000-3fffffff : System RAM\n";

  static Stream<Arguments> badTexts() {
    return Stream.of(
        arguments("", 1, "no resource is listed; give the text of /proc/iomem, read as root"),
        arguments(
            RAM + "3fffffff-4fffffff : x\n",
            2,
            "0x3fffffff-0x4fffffff overlaps '00100000-3fffffff : System RAM' before it; correct the"
                + " addresses, or indent it to lie inside"),
        arguments(
            RAM + "00000000-00000fff : x\n",
            2,
            "0x0-0xfff comes after '00100000-3fffffff : System RAM'; put the lines of one level in"
                + " ascending order"),
        arguments(
            RAM + "  3fffffff-40000000 : Kernel code\n",
            2,
            "0x3fffffff-0x40000000 does not lie in '00100000-3fffffff : System RAM' above it;"
                + " correct the addresses, or indent it less"),
        arguments(
            "00002000-00001fff : x\n",
            1,
            "the range 00002000-00001fff ends before it starts; the end is its last byte"),
        arguments(
            RAM + "   00200000-002fffff : x\n",
            2,
            "the line is indented by 3 spaces; each level takes two"),
        arguments(
            RAM + "    00200000-002fffff : x\n",
            2,
            "the line is indented by 4 spaces and its parent is missing; indent it by 2 at most"
                + " here"),
        arguments(
            "  00200000-002fffff : x\n",
            1,
            "the line is indented by 2 spaces and its parent is missing; indent it by 0 at most"
                + " here"),
        arguments(
            RAM + "            00200000-002fffff : x\n",
            2,
            "the line is indented by 12 spaces; deeper than 10 is never printed, indent it by 10"),
        arguments(RAM + "40000000-4fffffff\n", 2, malformed("40000000-4fffffff")),
        arguments(RAM + "40000000-4fffffff :x\n", 2, malformed("40000000-4fffffff :x")),
        arguments(RAM + "40000000 : x\n", 2, malformed("40000000 : x")),
        arguments(RAM + "40000000 : a-b\n", 2, malformed("40000000 : a-b")),
        arguments(RAM + "4000000g-4fffffff : x\n", 2, malformed("4000000g-4fffffff : x")),
        arguments(RAM + "40000000-4FFFFFFF : x\n", 2, malformed("40000000-4FFFFFFF : x")),
        arguments(RAM + "٤٠٠٠٠٠٠٠-٤٠٠٠٠٠٠٠ : x\n", 2, malformed("٤٠٠٠٠٠٠٠-٤٠٠٠٠٠٠٠ : x")),
        arguments(
            RAM + "10000000000000000-1ffffffffffffffff : x\n",
            2,
            "the address '10000000000000000' has more than 16 digits; addresses are 64-bit"
                + " numbers"),
        arguments("0cf8-0cff : PCI conf1\n", 1, unpadded("0cf8")),
        arguments(RAM + "040000000-04fffffff : x\n", 2, unpadded("040000000")),
        arguments(
            RAM + "\n" + "40000000-4fffffff : x\n",
            2,
            "a blank line stands between the resources; delete it, /proc/iomem has none"),
        arguments(
            RAM + "# phys-bits=46\n",
            2,
            "a comment stands between the resources; only the lines before the first one may begin"
                + " with #"),
        arguments(
            "00100000-3fffffff : System RAM\r\n",
            1,
            "the line ends in CR LF; convert the file to Unix line ends, with dos2unix for one"),
        arguments(
            "\ufeff" + RAM,
            1,
            "the text begins with a byte order mark; save it as UTF-8 without one"),
        arguments(
            RAM + "40000000-4fffffff : a\u001b[2Jb\n",
            2,
            "the line '40000000-4fffffff : a?[2Jb' holds a control character; it is not text of /proc/iomem"),
        arguments(
            RAM + "40000000-4fffffff : \ud83e\n",
            2,
            "the line holds half of a surrogate pair; it is not text"),
        arguments(
            "00000000-00000000 : Reserved\n"
                + "00000000-00000000 : System RAM\n"
                + "  00000000-00000000 : Kernel code\n",
            1,
            "every address is zero because the file was read without CAP_SYS_ADMIN; read"
                + " /proc/iomem as root"),
        arguments(
            "00000000-00000000 : Reserved\n00000000-00000000 : System RAM\n00001000-00001fff : x\n",
            2,
            "0x0-0x0 overlaps '00000000-00000000 : Reserved' before it; correct the addresses, or"
                + " indent it to lie inside"),
        arguments(
            "00001000-00001fff : " + "x".repeat(4077) + "\n",
            1,
            "the line is longer than 4096 bytes; this is not text of /proc/iomem"));
  }

  private static String malformed(String line) {
    return "the line '%s' is not a resource; write START-END : NAME, the addresses in lower-case hexadecimal, indented by spaces"
        .formatted(line);
  }

  private static String unpadded(String address) {
    return "the address '%s' is not padded to 8 digits as in /proc/iomem; write it with zeros in front up to 8 digits and none beyond"
        .formatted(address);
  }

  @ParameterizedTest
  @MethodSource("badTexts")
  @DisplayName("a bad text is refused with its line and one sentence")
  void refused(String text, int line, String sentence) {
    assertThatExceptionOfType(IomemFormatException.class)
        .isThrownBy(() -> IomemText.parse(text))
        .withMessage("iomem:%d: %s", line, sentence)
        .satisfies(e -> assertThat(e.line()).isEqualTo(line));
  }

  @Test
  @DisplayName(
      "a line of 4096 bytes is read, and the line number counts from where the text begins")
  void limitsAndPlace() throws IOException {
    String longest = "00001000-00001fff : " + "x".repeat(4076);
    assertThat(IomemText.format(IomemText.parse(longest))).isEqualTo(longest + "\n");
    assertThatExceptionOfType(IomemFormatException.class)
        .isThrownBy(() -> IomemText.parse(stream(RAM + "x\n"), "a.machine", 7))
        .withMessageStartingWith("a.machine:8: ");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, -1, Integer.MIN_VALUE, Integer.MAX_VALUE})
  @DisplayName(
      "a number of the first line that is impossible, or would make later lines' numbers so, is refused")
  void noFirstLine(int firstLine) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> IomemText.parse(stream(RAM), "a.machine", firstLine))
        .withMessageStartingWith("firstLine is %d; ".formatted(firstLine));
  }

  @Test
  @DisplayName("bytes that are not UTF-8 are refused with their line")
  void notUtf8() {
    String latin1 = RAM + "40000000-4fffffff : Ger\u00e4t\n";
    assertThatExceptionOfType(IomemFormatException.class)
        .isThrownBy(
            () ->
                IomemText.parse(
                    new ByteArrayInputStream(latin1.getBytes(StandardCharsets.ISO_8859_1)), "x", 1))
        .withMessage("x:2: the line is not UTF-8; save the file as UTF-8, if it is text at all");
  }

  @Test
  @DisplayName("100 MB of noise are refused after the first buffer")
  void noise() {
    Endless noise = new Endless(100 << 20, new Random(1)::nextInt);
    assertThatExceptionOfType(IomemFormatException.class)
        .isThrownBy(() -> IomemText.parse(noise, "noise", 1))
        .withMessageStartingWith("noise:1: ");
    assertThat(noise.read).isLessThanOrEqualTo(64 << 10);
  }

  @Test
  @DisplayName("100 MB without a newline are refused after the first buffer")
  void oneLine() {
    Endless line = new Endless(100 << 20, () -> 'x');
    assertThatExceptionOfType(IomemFormatException.class)
        .isThrownBy(() -> IomemText.parse(line, "line", 1))
        .withMessage("line:1: the line is longer than 4096 bytes; this is not text of /proc/iomem");
    assertThat(line.read).isLessThanOrEqualTo(64 << 10);
  }

  @Test
  @DisplayName("more than 4,000,000 lines are refused, and zeros take no memory until then")
  void tooManyLines() {
    byte[] zeros = "00000000-00000000 : x\n".getBytes(StandardCharsets.UTF_8);
    int[] at = new int[1];
    Endless lines = new Endless(100 << 20, () -> zeros[at[0]++ % zeros.length]);
    assertThatExceptionOfType(IomemFormatException.class)
        .isThrownBy(() -> IomemText.parse(lines, "lines", 1))
        .withMessage(
            "lines:4000000: there are more than 4000000 lines; no machine has as many resources");
  }

  @Test
  @DisplayName("what nests deeper than 64 levels is refused before anything recurses")
  void tooDeep() {
    StringBuilder text = new StringBuilder();
    for (int level = 0; level < 65; level++) {
      text.repeat(' ', Math.min(10, 2 * level)).append("%08x-ffffffff : x\n".formatted(level));
    }
    assertThatExceptionOfType(IomemFormatException.class)
        .isThrownBy(() -> IomemText.parse(text.toString()))
        .withMessage(
            "iomem:65: the line lies more than 64 levels deep; no machine nests so, the addresses"
                + " must be wrong");
    text.setLength(text.length() - "          00000040-ffffffff : x\n".length());
    assertThat(IomemText.format(IomemText.parse(text.toString()))).isEqualTo(text.toString());
  }

  private static InputStream stream(String text) {
    return new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
  }
}
