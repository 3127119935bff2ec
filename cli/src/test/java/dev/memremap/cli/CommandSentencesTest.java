// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli;

import static dev.memremap.cli.CommandRun.run;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What a user reads after a typing mistake: plain words, one line, and nothing that commands a
 * terminal.
 */
class CommandSentencesTest {
  private static final Path QEMU = Path.of("..", "examples", "machines", "qemu-2g.iomem");

  @TempDir private Path folder;

  private static CommandRun on(Path machine, String line) {
    List<String> words = new ArrayList<>();
    Collections.addAll(words, line.split(" "));
    Collections.addAll(words, "-m", machine.toString());
    return run(words.toArray(String[]::new));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "run",
        "iomem",
        "what",
        "devices",
        "explain",
        "pages",
        "plan",
        "record",
        "read",
        "write",
        "serve",
        "pager",
        "conformance",
        "doctor",
        "generate-completion"
      })
  @DisplayName("--version of every subcommand prints the version")
  void version(String command) {
    CommandRun asked = CommandRun.of(MemremapCommand.commandLine(command), command, "--version");
    assertThat(asked.status()).isZero();
    assertThat(asked.out()).isEqualTo(run("--version").out()).startsWith("memremap");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '#',
      quoteCharacter = '"',
      value = {
        "conformance --seed x # invalid value for option '--seed': 'x' is not a whole number",
        "conformance --most 1x # invalid value for option '--most': '1x' is not a whole number",
        "plan 1G --type foo # invalid value for option '--type': 'foo' is not a type of memory;"
            + " write PRIVATE, COHERENT, FS_DAX, GENERIC or PCI_P2PDMA",
        "plan 1G # missing required option: '--type=TYPE' or '--namespace=fsdax|devdax'",
        "plan 1G --type GENERIC --shift -1 # --shift -1: write the power of two that a compound"
            + " page has of pages, 0 to 63",
        "plan 1G --type GENERIC --shift 64 # --shift 64: write the power of two that a compound"
            + " page has of pages, 0 to 63",
        "iomem --summary extra # 'extra' is one word too many",
        "iomem --summary one two # 'one', 'two' are words too many",
        "write 0x40000000 -1 # '-1' is not a number; write decimal or 0x… hexadecimal, with K, M, G or T behind it if wanted",
        "write 0x40000000 7 x # 'x' is not a number; write decimal or 0x… hexadecimal, with K, M, G or T behind it if wanted",
        "read 0x40000000 --mode WB --ioremap # --mode=FLAGS and --ioremap exclude each other; give"
            + " one of them",
        "what pfn:0x10000000000000 # a page frame number lies below 2^52, and 0x10000000000000 does"
            + " not",
      })
  @DisplayName("wrong words are named as the user wrote them, and what to write instead")
  void wrongWords(String line, String sentence) {
    CommandRun wrong =
        line.startsWith("conformance") ? run(line.split(" ")) : on(QEMU, line.strip());
    assertThat(wrong.status()).isEqualTo(2);
    assertThat(wrong.err())
        .isEqualTo(
            "memremap: %s (see 'memremap %s --help')\n".formatted(sentence, line.split(" ")[0]));
  }

  @Test
  @DisplayName("an unknown subcommand is answered with one that is near, and no other")
  void subcommands() {
    assertThat(run("foo").err())
        .isEqualTo("memremap: no subcommand 'foo' (see 'memremap --help')\n");
    assertThat(run("iomen").err())
        .isEqualTo(
            "memremap: no subcommand 'iomen'; did you mean iomem?" + " (see 'memremap --help')\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"--type GENERIC", "--namespace devdax", "--type GENERIC --shift 40"})
  @DisplayName("a plan of a range says first that no resource lies there, as every answer does")
  void hole(String of) {
    CommandRun planned = on(QEMU, "plan 0x200000000+64M " + of);
    assertThat(planned.out())
        .startsWith("no resource of the machine lies at 0x200000000-0x203ffffff\n");
    assertThat(on(QEMU, "plan 0x200000000+64M --json " + of).json().path("hole").asBoolean())
        .isTrue();
    CommandRun listed = on(QEMU, "plan 0x40000000+64M --json " + of);
    assertThat(listed.json().path("hole").asBoolean(true)).isFalse();
    assertThat(on(QEMU, "plan 64M --json " + of).json().has("hole")).isFalse();
  }

  @ParameterizedTest(name = "kernel {0}")
  @ValueSource(strings = {"6.19", "7.3"})
  @DisplayName("memory that firmware leaves for a driver is no hole, wherever the kernel lists it")
  void softReserved(String kernel) {
    String facts = " --set soft-reserved=0x200000000+256M --set kernel=" + kernel;
    boolean isApart = kernel.equals("7.3");
    String place = "0x200000000+64M";
    CommandRun explained = on(QEMU, "explain " + place + " WB" + facts);
    assertThat(explained.out())
        .doesNotContain("no resource")
        .contains(isApart ? "Soft Reserved memory lies at 0x200000000-0x20fffffff, which" : "");
    assertThat(
            on(QEMU, "explain " + place + " WB --json" + facts).json().path("hole").asBoolean(true))
        .isFalse();
    CommandRun what = on(QEMU, "what " + place + facts);
    assertThat(what.out())
        .startsWith("0x200000000-0x203ffffff lies in Soft Reserved\n")
        .contains("kind         SOFT_RESERVED: special memory");
    CommandRun whatJson = on(QEMU, "what " + place + " --json" + facts);
    assertThat(whatJson.json().path("hole").asBoolean(true)).isFalse();
    assertThat(whatJson.json().path("owners").path(0).path("name").asString(""))
        .isEqualTo("Soft Reserved");
    CommandRun planned = on(QEMU, "plan " + place + " --type GENERIC" + facts);
    assertThat(planned.out()).doesNotContain("no resource");
    assertThat(on(QEMU, "explain 0x210000000+64M WB" + facts).out())
        .contains("no resource of the machine lies at 0x210000000");
    assertThat(on(QEMU, "plan 0x210000000+64M --type GENERIC" + facts).out())
        .contains("no resource of the machine lies at 0x210000000");
  }

  @Test
  @DisplayName("a plan is told to unmap something only where something is mapped")
  void nothingToUnmap() {
    assertThat(run("plan", "0xffffffffffffffff", "--type", "GENERIC").out())
        .contains("refused for this size, EINVAL: C-11, ")
        .doesNotContain("unmap");
  }

  @Test
  @DisplayName("a region that a device has not is answered with those that it has")
  void regions() {
    Path fpga = Path.of("..", "examples", "machines", "fpga.iomem");
    assertThat(on(fpga, "what 0000:03:00.0/9").err())
        .startsWith("memremap: 0000:03:00.0 has no memory region 9; it has 0, 2 (see ");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "iomem -m ",
        "iomem --diff |x",
        "run ",
        "pages ",
        "record ",
        "what 0 --mtrr ",
        "read 0 -o ",
        "write 0 -i ",
        "conformance --save "
      })
  @DisplayName("an empty word names no file")
  void emptyNames(String line) {
    List<String> words = new ArrayList<>();
    for (String word : line.split(" ", -1)) {
      Collections.addAll(words, word.split("\\|", -1));
    }
    CommandRun empty = run(words.toArray(String[]::new));
    assertThat(empty.status()).isEqualTo(2);
    assertThat(empty.err())
        .hasLineCount(1)
        .contains("'' names no file")
        .endsWith("(see 'memremap %s --help')\n".formatted(words.getFirst()));
  }

  @Test
  @DisplayName("a file that is not a list of memory types states no memory type")
  void noMemtypes() throws IOException {
    Path file = Files.writeString(folder.resolve("notes"), "the card is at 0xfd000000\n");
    CommandRun refused = on(QEMU, "iomem --pat " + file);
    assertThat(refused.status()).isEqualTo(2);
    assertThat(refused.err())
        .isEqualTo(
            "memremap: --pat %s: it holds nothing of the kind; give a copy of /sys/kernel/debug/x86/pat_memtype_list\n"
                .formatted(file));
    Path none = Files.writeString(folder.resolve("none"), "PAT memtype list:\n");
    assertThat(on(QEMU, "iomem --pat " + none).out()).contains("memtype      none (read: ");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "iomem @",
        "what @",
        "@",
        "iomem --kind @",
        "iomem --@",
        "plan 1 --type @",
        "iomem -o @",
        "read 0x40000000+8 -o /none/@",
        "iomem -m @",
        "iomem --set @=1",
        "run @",
        "pages @",
        "conformance @",
        "what 0x100000 --set bar=@,0,0x1000+0x1000"
      })
  @DisplayName("what a user wrote is shown without what would command a terminal")
  void noCommands(String line) {
    List<String> words = new ArrayList<>();
    for (String word : line.split(" ")) {
      words.add(word.replace("@", "a\u001b[31mb\u009bc\u202ed\u2028e"));
    }
    if (!words.contains("-m") && List.of("what", "iomem", "read").contains(words.getFirst())) {
      Collections.addAll(words, "-m", QEMU.toString());
    }
    CommandRun wrong = run(words.toArray(String[]::new));
    assertThat(wrong.status()).isNotZero();
    assertThat(wrong.err() + wrong.out())
        .isNotEmpty()
        .doesNotContain("\u001b", "\u009b", "\u202e", "\u2028");
  }
}
