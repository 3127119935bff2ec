// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code -} is standard input wherever a file is read, and standard output for {@code -o}. */
class StandardInputTest {
  private static final String MAP = "00100000-3fffffff : System RAM\n";
  private static final String OTHER = "00100000-7fffffff : System RAM\n";
  private static final String MTRR =
      "reg00: base=0x080000000 ( 2048MB), size= 2048MB, count=1: uncachable\n";
  private static final String SCENARIO = "machine %s\nmemremap a 0x80000000 4096 WC\nmemunmap a\n";

  @TempDir private Path folder;

  private String file(String name, String text) throws IOException {
    return Files.writeString(folder.resolve(name), text).toString();
  }

  private static CommandRun given(byte[] input, String... words) {
    InputStream before = System.in;
    System.setIn(new ByteArrayInputStream(input));
    try {
      return CommandRun.run(words);
    } finally {
      System.setIn(before);
    }
  }

  private static CommandRun given(String input, String... words) {
    return given(input.getBytes(StandardCharsets.UTF_8), words);
  }

  @Test
  @DisplayName("iomem reads a map from standard input, and names it so where it was set right")
  void map() throws IOException {
    CommandRun read = given("> " + MAP, "iomem", "--json", "-m", "-");
    assertThat(read.status()).as(read.err()).isZero();
    assertThat(read.json().get("resources"))
        .isEqualTo(CommandRun.run("iomem", "--json", "-m", file("m", MAP)).json().get("resources"));
    assertThat(read.err()).startsWith("memremap: standard input: set right:");
  }

  @Test
  @DisplayName("a file of facts is read from standard input")
  void facts() throws IOException {
    CommandRun read = given(MTRR, "iomem", "--json", "-m", file("m", MAP), "--mtrr", "-");
    assertThat(read.status()).as(read.err()).isZero();
    assertThat(read.fact("mtrr").at("/0/start").asString()).isEqualTo("0x80000000");
    assertThat(read.fact("mtrr").at("/0/end").asString()).isEqualTo("0xffffffff");
    assertThat(read.json().get("stated").toString()).contains("standard input");
  }

  @Test
  @DisplayName("iomem --diff compares with standard input")
  void diff() throws IOException {
    CommandRun same = given(MAP, "iomem", "--diff", "-", file("m", MAP));
    assertThat(same.status()).as(same.err()).isZero();
    CommandRun other = given(OTHER, "iomem", "--diff", file("m", MAP), "-");
    assertThat(other.status()).isEqualTo(1);
    assertThat(other.out()).contains("7fffffff");
  }

  @Test
  @DisplayName("run and pages read a scenario from standard input")
  void scenario() throws IOException {
    String scenario = SCENARIO.formatted(file("m", MAP));
    String fromFile = CommandRun.run("run", file("s.scenario", scenario)).out();
    CommandRun ran = given(scenario, "run", "-");
    assertThat(ran.status()).as(ran.err()).isZero();
    assertThat(ran.out()).isEqualTo(fromFile).contains("ok mode=WC");
    CommandRun pages = given(scenario, "pages", "-");
    assertThat(pages.status()).as(pages.err()).isZero();
    assertThat(pages.out()).contains("no page maps");
  }

  @Test
  @DisplayName("write takes the raw bytes of standard input")
  void bytes() throws IOException {
    byte[] raw = {0, (byte) 0xff, 10, 13, 0x1a, 1, 2};
    CommandRun written = given(raw, "write", "-m", file("m", MAP), "0x80000000", "-i", "-");
    assertThat(written.status()).as(written.err()).isZero();
    assertThat(written.out()).startsWith("7 bytes written at 0x80000000");
  }

  @Test
  @DisplayName("read -o - writes the raw bytes to standard output, and nothing else")
  void output() throws IOException {
    CommandRun read =
        CommandRun.run("read", "-m", file("m", MAP), "0x80000000", "--count", "3", "-o", "-");
    assertThat(read.status()).as(read.err()).isZero();
    assertThat(read.out()).isEqualTo("\0".repeat(12));
  }

  @Test
  @DisplayName("record reads a map from standard input and prints it in the strict form")
  void record() {
    assertThat(given("    " + MAP, "record", "-m", "-", "-").out()).isEqualTo(MAP);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "iomem -m - --mtrr -",
        "iomem -m x --cpuinfo - --pat -",
        "iomem --diff - -",
        "run - -",
        "write -m - 0x80000000 -i -",
        "run --check -"
      })
  @DisplayName("standard input that would be read twice, or has no answers beside it, is refused")
  void refused(String line) {
    CommandRun refused = given(MAP, line.split(" "));
    assertThat(refused.status()).isEqualTo(2);
    assertThat(refused.err()).contains("standard input").hasLineCount(1);
  }
}
