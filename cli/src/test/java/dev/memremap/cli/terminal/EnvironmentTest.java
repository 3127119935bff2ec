// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli.terminal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What environment variables say of what is printed, and how it is printed then. */
class EnvironmentTest {
  private static Environment of(String variables) {
    Map<String, String> all =
        Arrays.stream(variables.split(" ", -1))
            .filter(each -> !each.isEmpty())
            .map(each -> each.split("=", 2))
            .collect(Collectors.toMap(each -> each[0], each -> each[1]));
    return new Environment(all);
  }

  @ParameterizedTest
  @CsvSource({
    "COLUMNS=132, true, 132",
    "COLUMNS=40, false, 40",
    "'', true, 80",
    "'', false, 2147483647",
    "COLUMNS=, true, 80",
    "COLUMNS=0, true, 80",
    "COLUMNS=-3, true, 80",
    "COLUMNS=wide, false, 2147483647"
  })
  @DisplayName("COLUMNS counts first; without it a terminal has 80, and a file no limit")
  void width(String variables, boolean isTerminal, int width) {
    assertThat(of(variables).width(isTerminal)).isEqualTo(width);
  }

  @ParameterizedTest
  @CsvSource({
    "LC_ALL=C LANG=de_DE.UTF-8, ASCII",
    "LC_ALL=POSIX, ASCII",
    "LC_CTYPE=C LANG=en_US.UTF-8, ASCII",
    "LC_ALL= LANG=C, ASCII",
    "'', ASCII",
    "LC_ALL=C.UTF-8, UTF_8",
    "LC_ALL=en_US.UTF-8 LANG=C, UTF_8",
    "LANG=en_US.UTF-8, UTF_8"
  })
  @DisplayName("the first of LC_ALL, LC_CTYPE and LANG that is set says the letters")
  void letters(String variables, Letters letters) {
    assertThat(of(variables).letters()).isEqualTo(letters);
  }

  @ParameterizedTest
  @CsvSource({
    "TERM=xterm-256color, true, true",
    "TERM=xterm NO_COLOR=, true, true",
    "TERM=xterm NO_COLOR=1, false, true",
    "TERM=dumb, false, false",
    "'', false, false"
  })
  @DisplayName("NO_COLOR and TERM=dumb switch colours off, and TERM=dumb what is drawn over, too")
  void colours(String variables, boolean allowed, boolean isRedrawn) {
    assertThat(of(variables).allowsColours()).isEqualTo(allowed);
    assertThat(of(variables).allowsRedrawing()).isEqualTo(isRedrawn);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "0x… — 2 µs, ≤ 3 × é | 0x... - 2 us, <= 3 x ?",
        "plain | plain",
        "{ é } | { ? }",
        "[KEY=VALUE…] | [KEY=VALUE...]"
      })
  @DisplayName("in ASCII our signs are spelled out, and other letters are question marks")
  void spelled(String text, String ascii) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    LetterWriter writer = new LetterWriter(bytes, Letters.ASCII);
    writer.println(text);
    writer.printf("%s%n", text);
    writer.print('…');
    writer.flush();
    assertThat(bytes.toString(StandardCharsets.UTF_8))
        .isEqualTo("%s%n%s%n...".formatted(ascii, ascii));
    assertThat(Letters.UTF_8.of(text)).isEqualTo(text);
  }

  @Test
  @DisplayName("JSON is escaped in ASCII, and means the same")
  void json() {
    assertThat(Letters.ASCII.of("{\n  \"name\" : \"é…\"\n}"))
        .isEqualTo("{\n  \"name\" : \"\\u00e9\\u2026\"\n}");
  }

  @Test
  @DisplayName("whether the output is a pipe is looked up when something is lost, and not before")
  void late(@TempDir Path folder) throws IOException {
    Path link = folder.resolve("1");
    OutputStream closed =
        new OutputStream() {
          @Override
          public void write(int single) throws IOException {
            throw new IOException("Broken pipe");
          }
        };
    Output output = Output.of(closed, link, Letters.UTF_8);
    output.println("lost");
    Files.createSymbolicLink(link, Path.of("pipe:[7]"));
    StringWriter errors = new StringWriter();
    assertThat(output.finish(0, new PrintWriter(errors, true), "memremap")).isEqualTo(3);
    assertThat(errors.toString()).isEmpty();
    Files.delete(link); // JUnit warns of a link that leads out of its folder
  }
}
