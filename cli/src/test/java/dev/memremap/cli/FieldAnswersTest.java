// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli;

import static dev.memremap.cli.CommandRun.run;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.STRING;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Questions that people asked about the machines they posted, each with the right answer. */
class FieldAnswersTest {
  private static final Path FOLDER = Path.of("src", "test", "resources", "field");
  private static final String LOGGED = "Linux before 7.3 logs 'resource sanity check'";

  @TempDir private Path temp;

  private static CommandRun explain(String file, String asked) {
    return run(("explain " + asked + " -m " + FOLDER.resolve(file)).split(" "));
  }

  @ParameterizedTest(name = "{0}: {1}")
  @CsvSource({
    "sanity.iomem, 0xfed10000 24K WB, pnp 00:07",
    "sanity.iomem, 0xfed0f000 8K WC, pnp 00:07",
    "further/sanity-mix.iomem, 0x7fffe000 16K WC, Reserved",
    "further/sanity-mix.iomem, 0xdfffe000 16K WC, PCI Bus 0000:00",
    "further/sanity-mix.iomem, 0xcfff0000 128K WC, 0000:00:02.0",
    "further/sanity-mix.iomem, 0xfeefe000 12K WT, pnp 00:01",
  })
  @DisplayName(
      "RES-12 a granted range that goes beyond a resource is what Linux logs, and harmless")
  void suspicious(String file, String asked, String spanned) {
    CommandRun explained = explain(file, asked);
    assertThat(explained.status()).as(explained.out() + explained.err()).isZero();
    assertThat(explained.lines())
        .filteredOn(line -> line.contains(LOGGED))
        .singleElement(STRING)
        .contains("spans more than")
        .contains(spanned)
        .contains("harmless as long as");
    CommandRun json = run(("explain --json " + asked + " -m " + FOLDER.resolve(file)).split(" "));
    assertThat(json.json().get("logged").asString()).contains(spanned);
  }

  @ParameterizedTest(name = "{0}: {1}")
  @CsvSource({
    // whole, inside, by whole pages, what a driver has, and what is not mapped anew
    "sanity.iomem, 0xfed10000 16K WB",
    "further/sanity-mix.iomem, 0xc0001000 8K WC",
    "further/sanity-mix.iomem, 0xd0004000 4K WC",
    "further/sanity-mix.iomem, 0xff000000 4K WC",
    "further/sanity-mix.iomem, 0x1000000 8K WB",
  })
  @DisplayName("RES-12 about any other granted range nothing is logged")
  void plain(String file, String asked) {
    CommandRun explained = explain(file, asked);
    assertThat(explained.status()).as(explained.out() + explained.err()).isZero();
    assertThat(explained.out()).doesNotContain(LOGGED);
  }

  @Test
  @DisplayName("run --explain says so of a scenario's mapping, too, and answers as before")
  void scenario() {
    String file = FOLDER.resolve("sanity.scenario").toString();
    assertThat(run("run", "--explain", file).out()).contains("  | ").contains(LOGGED);
    assertThat(run("run", file).out()).contains("ok mode=").doesNotContain(LOGGED);
  }

  @ParameterizedTest(name = "{0}: {1}")
  @CsvSource({
    "memmap-dollar.iomem, 0x147ffff000 8K WB, System RAM, Reserved",
    "memmap-dollar.iomem, 0x147f000000 1G WB, System RAM, Reserved",
    "memmap-dollar.iomem, 0x1683500000 4M WC, Reserved, System RAM",
    "further/dollar-two.iomem, 0x3ffff000 8K WB, System RAM, Reserved",
    "further/dollar-two.iomem, 0x47fff000 8K WB, Reserved, System RAM",
    "further/dollar-two.iomem, 0x1f0000000 1G WB, System RAM, Reserved",
  })
  @DisplayName("MR-3 a range over the edge of what memmap=SIZE$START took away names both halves")
  void edges(String file, String asked, String one, String other) {
    CommandRun explained = explain(file, asked);
    assertThat(explained.status()).isEqualTo(1);
    assertThat(explained.lines().getFirst())
        .startsWith("refused for 0x")
        .contains(": MR-3")
        .contains(one)
        .contains(other);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "pasted-indented.iomem",
        "dmesg-e820.txt",
        "further/mail-quote.iomem",
        "pasted-flat.iomem",
        "further/lsmem.txt",
        "further/cut-name.iomem"
      })
  @DisplayName("a scenario's machine line takes the strict form alone")
  void strictOnly(String file) throws IOException {
    Path machine = FOLDER.resolve(file).toAbsolutePath();
    Path scenario = Files.writeString(temp.resolve("s.scenario"), "machine " + machine + "\n");
    CommandRun ran = run("run", scenario.toString());
    assertThat(ran.status()).isEqualTo(2);
    assertThat(ran.err()).contains(machine + ":").doesNotContain("set right");
  }
}
