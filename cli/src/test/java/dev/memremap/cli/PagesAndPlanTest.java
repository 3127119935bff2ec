// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli;

import static dev.memremap.cli.CommandRun.run;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** {@code memremap pages} and {@code memremap plan}. */
class PagesAndPlanTest {
  private static final String QEMU = "../examples/machines/qemu-2g.iomem";

  @Test
  @DisplayName("plan of a size says what is spent, where, and what is left")
  void planOfASize() {
    CommandRun planned = run("plan", "1T", "--type", "FS_DAX", "--altmap");
    assertThat(planned.status()).isZero();
    assertThat(planned.lines())
        .containsExactly(
            "FS_DAX page map of 1T: granted",
            "  page structures  4G (16 bytes for each of 268435456 pages)",
            "  they lie         in the device: 1048576 pages of its altmap (reserve 0, free"
                + " 1048576)",
            "  left to use      1020G (267386880 pages)",
            "  references       267386880 beyond the initial one",
            "  Linux takes      16G for the same (64 bytes for each page of 4K)",
            "  alignment        start and size are multiples of 2M, as they must be");
  }

  @ParameterizedTest
  @CsvSource({"4K,17179869184", "16K,4294967296", "64K,1073741824"})
  @DisplayName("AM-7 Linux takes 64 bytes for each page of its own size")
  void kernelPages(String page, long bytes) {
    JsonNode plan = run("plan", "1T", "--type", "GENERIC", "--kernel-page", page, "--json").json();
    assertThat(plan.get("kernelMemmapBytes").asLong()).isEqualTo(bytes);
  }

  @ParameterizedTest(name = "memremap plan 1T {0}")
  @CsvSource(
      delimiter = '|',
      value = {
        "'' | 268435456 | 4294967296 | 17179869184",
        "--set memmap=kernel | 268435456 | 17179869184 | 17179869184",
        "-m @kernel | 268435456 | 17179869184 | 17179869184",
        "-m @kernel --set memmap=compact | 268435456 | 4294967296 | 17179869184",
        "-m @kernel --memmap compact | 268435456 | 4294967296 | 17179869184",
        "-m @kernel --kernel-page 64K | 268435456 | 17179869184 | 1073741824",
      })
  @DisplayName(
      "plan of a size counts in the pages and page structures of the machine that is named")
  void planOfASizeOnAMachine(
      String options, long pages, long memmapBytes, long kernelBytes, @TempDir Path folder)
      throws IOException {
    String ram = "00000000-ffffffffff : System RAM\n";
    Files.writeString(
        folder.resolve("kernel"), "# memmap=kernel\n# memtype=0x0+1T:WC\n# mtrr-uc=0x0+2M\n" + ram);
    String line = ("plan 1T --type GENERIC --json " + options).strip();
    CommandRun planned = run(line.replace("@", folder + "/").split(" "));
    assertThat(planned.err()).isEmpty();
    JsonNode plan = planned.json();
    assertThat(plan.get("pages").asLong()).isEqualTo(pages);
    assertThat(plan.get("memmapBytes").asLong()).isEqualTo(memmapBytes);
    assertThat(plan.get("kernelMemmapBytes").asLong()).isEqualTo(kernelBytes);
  }

  @ParameterizedTest(name = "memremap plan 1T {0}")
  @CsvSource(
      delimiter = '|',
      value = {
        "--set pages=16K | 2 | pages of 16384 bytes do not exist on x86_64",
        "--set arch=arm64 --set pages=16K | 1 | C-19",
        "-m src/test/resources/golden/arm.iomem | 1 | C-19",
        "-m ../core/src/test/resources/field/riscv64-virt.iomem | 1 | C-19",
        "-m ../core/src/test/resources/field/arm64-vm.iomem --altmap | 1 | C-19",
        "-m ../core/src/test/resources/field/arm32-exynos.iomem | 1 | C-19",
        "-m none.iomem | 2 | no such file",
      })
  @DisplayName("C-19 plan of a size is refused where the machine that is named cannot have it")
  void planOfASizeRefused(String options, int status, String sentence) {
    CommandRun refused = run(("plan 1T --type GENERIC " + options).split(" "));
    assertThat(refused.err()).startsWith("memremap: ").contains(sentence).hasLineCount(1);
    assertThat(refused.status()).isEqualTo(status);
  }

  @ParameterizedTest(name = "memremap {0}")
  @ValueSource(
      strings = {
        "plan 64M --type GENERIC",
        "plan 0x20000000+64M --type GENERIC",
        "explain 0x40000000 4K WB",
        "explain 0x40000000 4K UC-",
      })
  @DisplayName("C-19 missing rules are an error instead of an answer, also as JSON")
  void refusalAsJson(String line) {
    String map = "../core/src/test/resources/field/riscv64-virt.iomem";
    CommandRun refused = run((line + " --json -m " + map).split(" "));
    assertThat(refused.status()).isEqualTo(1);
    JsonNode error = refused.json().get("error");
    assertThat(error.at("/refused/errno").asString()).isEqualTo("EOPNOTSUPP");
    assertThat(error.at("/refused/rule").asString()).isEqualTo("C-19");
    CommandRun text = run((line + " -m " + map).split(" "));
    assertThat(text).isEqualTo(new CommandRun(1, "", refused.err()));
    assertThat(text.err())
        .isEqualTo("memremap: " + error.get("message").asString() + "\n")
        .contains(error.at("/refused/reason").asString());
  }

  static Stream<String> altmaps() {
    return Stream.of("kernel", "compact")
        .flatMap(
            memmap ->
                Stream.of("0", "1", "512", "700")
                    .map(reserve -> "--memmap %s --reserve %s".formatted(memmap, reserve)))
        .flatMap(
            altmap ->
                Stream.of("0x40000000+256M", "0x44000000+192M", "0x40200000+4M")
                    .map(range -> range + " --altmap " + altmap));
  }

  @ParameterizedTest(name = "memremap plan {0}")
  @MethodSource("altmaps")
  @DisplayName("AM-7, C-8 an altmap is planned large enough, with padding for whole sections")
  void altmapIsLargeEnough(String altmap) {
    CommandRun planned = run(("plan " + altmap + " --type GENERIC -m " + QEMU).split(" "));
    assertThat(planned.status()).as(planned.out()).isZero();
  }

  @Test
  @DisplayName("C-3, C-4 a range that fails is explained, with ranges near it that work")
  void refusals() {
    CommandRun ram = run("plan", "0x3ff00000+16M", "--type", "GENERIC", "-m", QEMU);
    assertThat(ram.status()).isEqualTo(1);
    assertThat(ram.lines())
        .containsExactly(
            "refused for 0x3ff00000-0x40efffff, ENXIO: C-3, it is partly System RAM (00100000-3fffffff), which has page"
                + " structures already; take a range beside it",
            "  rule: a page map that intersects System RAM is refused",
            "nearest range that works: 0x40000000+14M; or 0x40000000+16M");
    JsonNode misaligned =
        run("plan", "0x40100000+16M", "--type", "GENERIC", "-m", QEMU, "--json").json();
    assertThat(misaligned.get("granted").asBoolean()).isFalse();
    assertThat(misaligned.at("/refused/errno").asString()).isEqualTo("EINVAL");
    List<String> offered = new ArrayList<>();
    misaligned
        .get("nearest")
        .forEach(
            near ->
                offered.add(
                    near.get("start").asString() + "+" + (near.get("size").asLong() >> 20) + "M"));
    assertThat(offered).containsExactly("0x40200000+14M", "0x40000000+18M", "0x40000000+16M");
    for (String nearest : offered) {
      assertThat(run("plan", nearest, "--type", "GENERIC", "-m", QEMU).status())
          .as("what is offered works")
          .isZero();
    }
    assertThat(run("plan", "3M", "--type", "GENERIC").lines())
        .last()
        .isEqualTo("nearest size that works: 2M; or 4M");
    assertThat(run("plan", "0x40000000+0", "--type", "GENERIC", "-m", QEMU).status()).isEqualTo(1);
    assertThat(run("plan", "0xffffffffffe00000+4M", "--type", "GENERIC", "-m", QEMU).status())
        .isEqualTo(1);
  }

  @ParameterizedTest(name = "memremap {0}")
  @CsvSource({
    "plan 1T, --type",
    "plan 1X --type GENERIC, 'write a size, such as 1T'",
    "plan 1T --type GENERIC --kernel-page 8K, 'must be 4K, 16K or 64K'",
    "plan 1T --type GENERIC --memmap tiny, tiny",
    "pages a.scenario -m m.iomem, a scenario names its own machine",
  })
  @DisplayName("bad input is said in a sentence, with exit status 2")
  void badInput(String line, String sentence) {
    CommandRun refused = run(line.split(" "));
    assertThat(refused.status()).isEqualTo(2);
    assertThat(refused.err()).contains(sentence);
  }

  @Test
  @DisplayName("pages shows what a scenario leaves mapped, in its state")
  void pagesOfAScenario(@TempDir Path folder) throws IOException {
    Files.copy(Path.of(QEMU), folder.resolve("m.iomem"));
    Path file = folder.resolve("a.scenario");
    Files.writeString(
        file,
        """
        machine m.iomem
        ref r
        device d
        pgmap p type=GENERIC range=0x40000000+128M altmap=0,512
        pgmap q type=FS_DAX range=0x48000000+2M ref=r
        remap-pages p dev=d
        remap-pages q
        lookup l 0x48000
        lookup m 0x40000
        ref-kill r
        """);
    CommandRun shown = run("pages", file.toString());
    assertThat(shown.err()).isEmpty();
    assertThat(shown.status()).isZero();
    assertThat(shown.lines())
        .containsExactly(
            "page map p: live, mode WB",
            "  range       0x40000000-0x47ffffff, 128M",
            "  type        GENERIC",
            "  references  32256 its own, 1 held by others; a reference of its own",
            "  managed by  device d",
            "  pages       32256 usable, their structures 2M; Linux would take 2M",
            "  altmap      reserve 0, free 512, align 0, alloc 512 pages",
            "page map q: killed, mode WB",
            "  range       0x48000000-0x481fffff, 2M",
            "  type        FS_DAX",
            "  references  512 its own, 1 held by others; the caller's reference",
            "  pages       512 usable, their structures 32K; Linux would take 32K");
    JsonNode json = run("pages", file.toString(), "--json").json();
    assertThat(json.get("pagemaps")).hasSize(2);
    assertThat(json.at("/pagemaps/0/altmap").get("alloc").asLong()).isEqualTo(512);
    assertThat(json.at("/pagemaps/1/state").asString()).isEqualTo("killed");
  }

  @Test
  @DisplayName("pages of a machine shows what could be given a page map")
  void candidates() {
    CommandRun shown = run("pages", "-m", QEMU);
    assertThat(shown.lines())
        .contains(
            "no page maps",
            "  0x40000000+256M  Persistent Memory (legacy): page structures 1M, Linux 4M");
    assertThat(run("pages", "-m", QEMU, "--json").json().get("candidates")).isNotEmpty();
  }
}
