// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli;

import static dev.memremap.cli.CommandRun.run;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** C-12: the kernel that a machine follows, as the command is told it. */
class KernelOptionTest {
  /** RAM in a window, which 5.10 does not see. */
  private static final String MACHINE =
      """
      # mtrr-uc=
      # memtype=
      # phys-bits=40
      00100000-3fffffff : System RAM
      40000000-7fffffff : CXL Window 0
        40000000-4fffffff : System RAM (kmem)
      """;

  @TempDir private Path folder;
  private Path machine = Path.of("");

  @BeforeEach
  void write() throws IOException {
    machine = Files.writeString(folder.resolve("m.iomem"), MACHINE);
  }

  private CommandRun on(String line) {
    return run(
        Stream.concat(Stream.of(line.split(" ")), Stream.of("-m", machine.toString()))
            .toArray(String[]::new));
  }

  private Path scenario(String machineLine, String... lines) throws IOException {
    return Files.writeString(
        folder.resolve("a.scenario"), machineLine + "\n" + String.join("\n", lines) + "\n");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "explain 0x40000000 4K WC",
        "what 0x40000000",
        "iomem",
        "plan 0x60000000+2M --type GENERIC",
        "pages",
        "record -",
        "read 0x40000000"
      })
  @DisplayName("each command with -m takes --kernel, and refuses one of which no rules are known")
  void eachCommand(String line) {
    assertThat(on(line + " --kernel 6.13").status()).as(line).isLessThan(2);
    CommandRun refused = on(line + " --kernel 6.16");
    assertThat(refused.status()).isEqualTo(2);
    assertThat(refused.out()).isEmpty();
    assertThat(refused.err())
        .isEqualTo(
            "memremap: kernel=6.16: 6.16 lies between 6.14 and 6.18, which answer differently, and"
                + " its own answers are not known; give one of these (they differ in rows 1, 2, 3,"
                + " 8, 13, 14 of docs/kernels.md)\n");
  }

  @Test
  @DisplayName("RI-4 explain follows --kernel, and says which rules those are")
  void explain() {
    assertThat(on("explain 0x40000000 4K WC --kernel 5.10").status()).isZero();
    assertThat(on("explain 0x40000000 4K WC --kernel 6.1").status()).isEqualTo(1);
    assertThat(on("explain 0x40000000 4K WC").out()).contains("the kernel is not known, so 6.1");
    assertThat(on("iomem --json --kernel 7.1.3").fact("kernel-rules").asString()).isEqualTo("7.1");
    assertThat(on("explain 0x40000000 4K WC --kernel 6.8.0-45-generic").out())
        .contains("assumed: what 6.8.0-45-generic answers otherwise than 6.1 is not known");
  }

  @ParameterizedTest(name = "{0}: {1}")
  @CsvSource({
    "plan 1G --type GENERIC --shift 9, 4194304",
    "plan 1G --type GENERIC --shift 9 --kernel 6.12, 4194304",
    "plan 1G --type GENERIC, 16777216",
    "plan 0x60000000+64M --type GENERIC --shift 9 --kernel 7.3, 262144",
  })
  @DisplayName("CG-3 plan counts what the kernel of the machine spends")
  void plan(String line, long bytes) {
    assertThat(on(line + " --json").json().get("kernelMemmapBytes").asLong()).isEqualTo(bytes);
  }

  @Test
  @DisplayName("CG-3 a namespace of arm64 saves nothing by compound pages since 6.12")
  void namespace() {
    String line = "plan 0x60000000+256M --namespace devdax --map mem --align 2M --set arch=aarch64";
    long before = on(line + " --json --kernel 6.1").json().findValue("kernelMemmapBytes").asLong();
    long since = on(line + " --json --kernel 6.12").json().findValue("kernelMemmapBytes").asLong();
    assertThat(since).isGreaterThan(before).isEqualTo(4L << 20);
  }

  @Test
  @DisplayName("a scenario's machine line names the kernel, and run --kernel wins over it")
  void scenarios() throws IOException {
    Path file = scenario("machine m.iomem kernel=5.10", "memremap a 0x40000000 4K WC");
    assertThat(run("run", file.toString()).out()).contains("2: ok mode=WC direct=no");
    assertThat(run("run", file.toString(), "--kernel", "6.1").out()).contains("2: null");
    Path bare = scenario("machine m.iomem", "memremap a 0x40000000 4K WC");
    assertThat(run("run", bare.toString()).out()).contains("2: null");
    assertThat(run("run", bare.toString(), "--kernel", "5.10").out()).contains("2: ok");
    assertThat(run("run", bare.toString(), "--kernel", "6.16").status()).isEqualTo(2);
    Path wrong = scenario("machine m.iomem kernel=6.16", "memremap a 0x40000000 4K WC");
    assertThat(run("run", wrong.toString()).err())
        .startsWith("%s:1:17: kernel=6.16: 6.16 lies between 6.14 and 6.18".formatted(wrong));
  }

  @Test
  @DisplayName("run --check --kernel lets the machine follow the kernel whose answers are compared")
  void check() throws IOException {
    Path file =
        scenario(
            "machine m.iomem",
            "pgmap p type=GENERIC range=0x400000000000+2M",
            "remap-pages p",
            "memremap a 0x40000000 4K WC");
    Files.writeString(
        folder.resolve("a.answers-5.10"),
        "1: ok\n2: ok\n3: error E2BIG\n4: ok mode=WC direct=no\n");
    Files.writeString(folder.resolve("a.answers"), "1: ok\n2: ok\n3: error EINVAL\n4: null\n");
    assertThat(run("run", "--check", file.toString()).out())
        .contains("0 departed")
        .endsWith(" 0 differences\n");
    assertThat(run("run", "--check", "--kernel", "5.10", file.toString()).out())
        .contains("0 departed")
        .endsWith(" 0 differences\n");
  }

  @Test
  @DisplayName("run --kernel A,B prints what the kernels answer differently, each with its row")
  void sideBySide() throws IOException {
    Path file =
        scenario(
            "machine m.iomem kernel=6.12",
            "memremap a 0x40000000 4K WC",
            "memremap b 0x60000000 4K WC",
            "pgmap p type=COHERENT range=0x60000000+2M ops=page_free owner=gpu shift=9",
            "remap-pages p");
    CommandRun parted = run("run", file.toString(), "--kernel", "5.10,6.1,7.3");
    assertThat(parted.err()).isEmpty();
    assertThat(parted.status()).isEqualTo(1);
    assertThat(parted.out())
        .isEqualTo(
            """
            @:2: memremap a 0x40000000 4K WC
              5.10  ok mode=WC direct=no
              6.1   null
              7.3   null
              5.10 and 6.1 part by row 9 of docs/kernels.md (region_intersects looks inside windows)
            @:5: remap-pages p
              5.10  error EINVAL
              6.1   ok direct=yes
              7.3   ok direct=yes
              5.10 and 6.1 part by rows 20 and 21 together of docs/kernels.md (the type COHERENT; compound pages of page maps)
            1 scenarios, 5 answers; 5.10 and 6.1: 2 part (row 9: 1, rows 20 and 21 together: 1); 6.1 and 7.3: 0 part
            """
                .replace("@", file.toString()));
    CommandRun why = run("run", "--explain", file.toString(), "--kernel", "5.10,6.1");
    assertThat(why.out()).contains("  5.10  ok mode=WC direct=no\n  | ");
  }

  @Test
  @DisplayName("run --kernel A,B prints a summary alone where the kernels agree")
  void sidesAgree() throws IOException {
    Path file = scenario("machine m.iomem kernel=6.16", "memremap b 0x60000000 4K WC");
    CommandRun agreed = run("run", folder.toString(), "--kernel", "5.10,7.3");
    assertThat(agreed.err()).startsWith(file + ":1:17: kernel=6.16: 6.16 lies between");
    assertThat(agreed.status()).isEqualTo(2);
    scenario("machine m.iomem", "memremap b 0x60000000 4K WC");
    CommandRun agree = run("run", folder.toString(), "--kernel", "5.10,7.3");
    assertThat(agree.status()).isZero();
    assertThat(agree.out()).isEqualTo("1 scenarios, 2 answers; 5.10 and 7.3: 0 part\n");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--kernel 5.10,6.1 --check | --check compares with the recorded answers of one kernel",
        "--kernel 6.1,6.12,6.1 | --kernel 6.1,6.12,6.1 names 6.1 twice",
        "--kernel 6.1, | kernel=",
        "--kernel 6.1,6.16 | kernel=6.16: 6.16 lies between 6.14 and 6.18"
      })
  @DisplayName("several kernels are all known, and each is named once")
  void severalWrong(String words, String why) throws IOException {
    Path file = scenario("machine m.iomem", "memremap b 0x60000000 4K WC");
    CommandRun refused = run(("run " + file + " " + words).split(" "));
    assertThat(refused.status()).isEqualTo(2);
    assertThat(refused.err()).startsWith("memremap: " + why).hasLineCount(1);
    assertThat(refused.out()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "what 0x40000000",
        "iomem",
        "plan 0x60000000+2M --type GENERIC",
        "pages",
        "record -",
        "read 0x40000000"
      })
  @DisplayName("a command that compares no kernels takes one")
  void oneKernel(String line) {
    CommandRun refused = on(line + " --kernel 6.1,7.3");
    assertThat(refused.status()).isEqualTo(2);
    assertThat(refused.out()).isEmpty();
    assertThat(refused.err())
        .startsWith(
            "memremap: --kernel 6.1,7.3 names several kernels, which only 'explain' and 'run'"
                + " compare; name one");
  }

  @Test
  @DisplayName("explain --kernel A,B: 0 where all grant it alike, 1 where one refuses or they part")
  void explainSides() {
    assertThat(on("explain 0x60000000 4K WC --kernel 5.10,7.3").status()).isZero();
    assertThat(on("explain 0x40000000 4K WC --kernel 5.10,7.3").status()).isEqualTo(1);
    assertThat(on("explain 0x100000 4K WC --kernel 5.10,7.3").status()).isEqualTo(1);
    assertThat(on("explain 0x40000000 4K WB --kernel 5.10,6.1").status()).isEqualTo(1);
    assertThat(on("explain 0x40000000 4K WB --kernel 5.10,6.16").err())
        .startsWith("memremap: kernel=6.16: 6.16 lies between");
    assertThat(on("explain 0x40000000 4K WB --kernel 6.1,6.1").err())
        .startsWith("memremap: --kernel 6.1,6.1 names 6.1 twice");
  }
}
