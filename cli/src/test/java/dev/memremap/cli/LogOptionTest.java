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
import org.junit.jupiter.params.provider.ValueSource;

/** {@code explain --dmesg}: alone what a kernel would log, with a file the machine's own log. */
class LogOptionTest {
  private static final String MIXED =
      "memremap attempted on mixed range 0x000000003ffff000 size: 0x2000"
          + " [once a boot, with the stack dump of a WARNING in memremap]";

  @TempDir private Path folder;
  private Path machine = Path.of("");
  private Path log = Path.of("");

  @BeforeEach
  void write() throws IOException {
    machine =
        Files.writeString(
            folder.resolve("m.iomem"),
            """
            # mtrr-uc=
            # memtype=
            # phys-bits=40
            # kernel=7.3
            00100000-3fffffff : System RAM
            40000000-7fffffff : Persistent Memory (legacy)
            80000000-8fffffff : PCI Bus 0000:00
            """);
    log =
        Files.writeString(
            folder.resolve("boot.log"),
            """
            [    0.000000] BIOS-provided physical RAM map:
            [    0.000000] BIOS-e820: [mem 0x0000000000100000-0x000000001fffffff] usable
            [    0.000000] BIOS-e820: [mem 0x0000000020000000-0x000000007fffffff] reserved
            """);
  }

  private CommandRun explain(String line) {
    return run(
        Stream.concat(
                Stream.of("explain", "-m", machine.toString()),
                Stream.of(line.replace("LOG", log.toString()).split(" ")))
            .toArray(String[]::new));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "0x3ffff000 8K WB --dmesg",
        "--dmesg 0x3ffff000 8K WB",
        "--dmesg 3ffff000-40000fff WB",
        "0x3ffff000 --dmesg 8K WB",
        "0x3ffff000+8K --dmesg WB"
      })
  @DisplayName("alone, --dmesg says what the machine's kernel would log, wherever it stands")
  void alone(String line) {
    CommandRun ran = explain(line);
    assertThat(ran.err()).isEmpty();
    assertThat(ran.out()).contains("Linux 7.3 would log:\n  " + MIXED + "\n");
  }

  @Test
  @DisplayName("a call about which a kernel says nothing is said to be silent")
  void silent() {
    assertThat(explain("0x40000000 4K WB --dmesg").out()).contains("7.3 would log nothing\n");
    assertThat(explain("0x40000000 4K WB").out()).doesNotContain("would log");
  }

  @ParameterizedTest
  @ValueSource(strings = {"--dmesg LOG 0x3ffff000 8K WB", "--dmesg=LOG 0x3ffff000 8K WB"})
  @DisplayName("with a file, --dmesg names the machine's own log, as for all commands")
  void file(String line) {
    CommandRun ran = explain(line);
    assertThat(ran.out()).doesNotContain("would log").contains("refused for");
    assertThat(ran.err()).contains("boot.log");
  }

  @Test
  @DisplayName("both can be asked for, and two files cannot")
  void both() {
    CommandRun ran = explain("--dmesg --dmesg=LOG 0x3ffff000 8K WB");
    assertThat(ran.out()).contains(MIXED);
    assertThat(ran.err()).contains("boot.log");
    assertThat(explain("--dmesg=LOG --dmesg=LOG 0x3ffff000 8K WB").err())
        .contains("--dmesg names several files; name one");
  }

  @Test
  @DisplayName("C-12 of several kernels each says its lines, and the row that makes the difference")
  void sides() {
    CommandRun ran = explain("0x7ffff000 8K WC --dmesg --kernel 7.2,7.3");
    assertThat(ran.out())
        .contains("  dmesg 1  7.2  resource: resource sanity check: requesting ")
        .contains("           7.3  caller memremap+OFFSET/SIZE mapping multiple BARs\n")
        .contains("7.2 and 7.3 part by row 17 of docs/kernels.md");
    assertThat(explain("0x7ffff000 8K WC --kernel 7.2,7.3").out()).contains("7.2 and 7.3 agree");
  }
}
