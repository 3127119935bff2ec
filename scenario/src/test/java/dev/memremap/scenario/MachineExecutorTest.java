// SPDX-License-Identifier: Apache-2.0
package dev.memremap.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.memremap.machine.MemmapGeometry;
import dev.memremap.page.Page;
import dev.memremap.rule.Rule;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The rules that hold while a scenario runs, on a small machine. */
class MachineExecutorTest {
  private static final String MAP =
      """
      # phys-bits=40
      # mtrr-uc=0x80000000+0x80000000
      00000000-00000fff : Reserved
      00001000-3fffffff : System RAM
      40000000-4fffffff : Persistent Memory (legacy)
      """;

  @TempDir private Path folder;

  @BeforeEach
  void machineFile() throws IOException {
    Files.writeString(folder.resolve("m.iomem"), MAP);
  }

  private Scenario scenario(String... operations) {
    return Scenario.parse(folder.resolve("a.scenario"), String.join("\n", operations));
  }

  private List<Answer> run(String... operations) {
    return runOn("m.iomem", operations);
  }

  private List<Answer> runOn(String machine, String... operations) {
    Scenario scenario = scenario("machine " + machine + "\n" + String.join("\n", operations));
    List<Answer> answers = new ArrayList<>();
    try (ScenarioExecutor executor = MachineExecutor.open(scenario)) {
      scenario.operations().forEach(operation -> answers.add(executor.execute(operation)));
    }
    assertThat(answers.removeFirst().text()).isEqualTo("ok");
    return answers;
  }

  private List<String> texts(String... operations) {
    return run(operations).stream().map(Answer::text).toList();
  }

  @Test
  @DisplayName("a load sees what a store left, little-endian, cut to its width")
  void loadAndStore() {
    assertThat(
            texts(
                "memremap a 0x40000000 4K WB",
                "load a 0 64",
                "store a 8 64 0x1122334455667788",
                "load a 8 8",
                "load a 8 16",
                "load a 9 32",
                "store a 0 8 0xabc",
                "load a 0 64",
                "store a 0 64 0xffffffffffffffff",
                "load a 0 64",
                "load a 1 32"))
        .containsExactly(
            "ok mode=WB direct=no",
            "0x0",
            "ok",
            "0x88",
            "0x7788",
            "0x44556677",
            "ok",
            "0xbc",
            "ok",
            "0xffffffffffffffff",
            "0xffffffff");
  }

  @Test
  @DisplayName("a load or store beyond the mapping is refused and changes nothing")
  void beyond() {
    assertThat(
            texts(
                "memremap a 0x40000000 4K WB",
                "memremap b 0x40000000 8K WB",
                "load a 4095 8",
                "load a 4095 16",
                "store a 4093 32 0xffffffff",
                "load b 4092 64",
                "load a 4096 8",
                "load a 0xffffffffffffffff 8",
                "load a 0x7fffffffffffffff 64",
                "store a 0x8000000000000000 8 1"))
        .containsExactly(
            "ok mode=WB direct=no",
            "ok mode=WB direct=no",
            "0x0",
            "refused",
            "refused",
            "0x0",
            "refused",
            "refused",
            "refused",
            "refused");
  }

  @Test
  @DisplayName("a name is live from ok to memunmap: before and after it is not-live, twice refused")
  void names() {
    assertThat(
            texts(
                "memremap a 0x40000000 4K 0",
                "load a 0 8",
                "store a 0 8 1",
                "memunmap a",
                "memremap a 0x40000000 4K WC",
                "memremap a 0x40002000 4K WB",
                "memremap b 0x40000000 4K WB",
                "memunmap a",
                "memunmap a",
                "load a 0x10000 8",
                "memremap a 0x1000 4K WB",
                "memunmap a",
                "memremap a 0x1000 4K WB"))
        .containsExactly(
            "null",
            "not-live",
            "not-live",
            "not-live",
            "ok mode=WC direct=no",
            "refused",
            "ok mode=WC direct=no",
            "ok",
            "not-live",
            "not-live",
            "ok mode=WB direct=yes",
            "ok",
            "ok mode=WB direct=yes");
  }

  @Test
  @DisplayName("MR-1 region answers how a range lies to System RAM")
  void region() {
    assertThat(texts("region 0x1000 4K", "region 0x40000000 4K", "region 0 8K", "region 0x2000 0"))
        .containsExactly("INTERSECTS", "DISJOINT", "MIXED", "INTERSECTS");
  }

  @Test
  @DisplayName("an answer by a departure carries its number, another one does not")
  void departures() {
    List<Answer> answers =
        run(
            "memremap a 0x2000 0 WB",
            "memremap b 0x40000000 0 WB",
            "memremap c 0xfffffff000 8K WB",
            "memremap d 0x10000000000 4K WB");
    assertThat(answers).extracting(Answer::text).containsOnly("null");
    assertThat(answers.get(0).departure()).contains(Rule.D_8);
    assertThat(answers.get(1).departure()).isEmpty();
    assertThat(answers.get(2).departure()).contains(Rule.D_9);
    assertThat(answers.get(3).departure()).isEmpty();
    assertThat(answers).noneMatch(Answer::parts);
    assertThat(answers).noneMatch(answer -> answer.explanation().isEmpty());
  }

  @Test
  @DisplayName("devices can be made and released")
  void devices() {
    assertThat(texts("device d", "device-release d", "device e", "device-release d"))
        .containsExactly("ok", "ok", "ok", "ok");
  }

  @Test
  @DisplayName(
      "W-8, C-2 a map with the caller's reference drains until page, lookup and hint are put")
  void callersReference() {
    assertThat(
            texts(
                "ref r",
                "pgmap p type=GENERIC range=0x40000000+2M ref=r",
                "pgmap q type=GENERIC range=0x40000000+2M",
                "remap-pages p",
                "lookup a 0x40000",
                "lookup b 0x40001",
                "page-get 0x40002",
                "ref-kill r",
                "lookup c 0x40000",
                "lookup d 0x40003 hint=a",
                "unmap-pages p",
                "unmap-pages p",
                "remap-pages p",
                "remap-pages q",
                "page 0x40002",
                "put b",
                "put d",
                "put d",
                "ref-state r",
                "page-put 0x40002",
                "ref-state r",
                "page 0x40002",
                "ref-exit r",
                "remap-pages q"))
        .containsExactly(
            "ok",
            "ok",
            "ok",
            "ok direct=yes",
            "pgmap=p",
            "pgmap=p",
            "ok",
            "ok",
            "none",
            "pgmap=p",
            "ok",
            "refused",
            "refused",
            "error EEXIST",
            "zone=device pgmap=p ref=2",
            "ok",
            "ok",
            "not-live",
            "dying=yes zero=no",
            "ok",
            "dying=yes zero=yes",
            "none",
            "ok",
            "ok direct=yes");
  }

  @Test
  @DisplayName(
      "an explanation names the mapping's size, the rule of an empty range, and whose it is")
  void explanations() {
    List<Answer> answers =
        run(
            "memremap a 0x40000000 12K WB",
            "load a 12288 8",
            "region 0x2000 4K",
            "region 0x2000 0",
            "page-get 0x40000");
    assertThat(answers.get(1).explanation())
        .containsExactly("not all of it lies in the mapping, which has 0x3000 bytes");
    assertThat(answers.get(2).explanation()).singleElement().asString().startsWith("RI-3, ");
    assertThat(answers.get(3).explanation()).singleElement().asString().startsWith("RI-5, ");
    assertThat(answers.get(4).explanation()).containsExactly("no page map has page 0x40000");
  }

  @Test
  @DisplayName("D-12 a kernel's page frame number has bit 51, but no higher bit")
  void upperBitsOfAPfn() {
    List<Answer> answers =
        run(
            "pgmap p type=GENERIC range=0x40000000+2M",
            "remap-pages p",
            "lookup a 0x8000000040000",
            "lookup b 0x10000000040000",
            "lookup c 0x8000000000040000",
            "lookup d 0x10000000040200",
            "lookup e 0x40000");
    assertThat(answers.subList(2, 7))
        .extracting(Answer::text)
        .containsExactly("none", "none", "none", "none", "pgmap=p");
    assertThat(answers.subList(2, 7))
        .extracting(answer -> answer.departure().orElse(null))
        .containsExactly(null, Rule.D_12, Rule.D_12, null, null);
  }

  private static final String[] DEAD_HINTS = {
    "ref r",
    "pgmap p type=GENERIC range=0x40000000+2M,0x40400000+2M ref=r",
    "remap-pages p",
    "lookup a 0x40000",
    "lookup b 0x40400 hint=a",
    "ref-kill r",
    "lookup c 0x401ff hint=b",
    "lookup d 0x40400 hint=c",
    "lookup e 0x405ff hint=d"
  };

  @ParameterizedTest
  @CsvSource({"6.1, , D_3, D_3", "6.14, , D_3, D_3", "6.18, D_19, D_19, D_19"})
  @DisplayName(
      "D-3, D-19 a dead map's hint departs for its second range, and for all without hints")
  void hintOfTwoRanges(
      String kernel, @Nullable Rule first, @Nullable Rule second, @Nullable Rule third) {
    List<Answer> answers = runOn("m.iomem kernel=" + kernel, DEAD_HINTS);
    assertThat(answers.subList(3, 9))
        .filteredOn(answer -> !answer.text().equals("ok"))
        .extracting(Answer::text)
        .containsOnly("pgmap=p");
    assertThat(answers)
        .extracting(answer -> answer.departure().orElse(null))
        .containsExactly(null, null, null, null, null, null, first, second, third);
  }

  @Test
  @DisplayName("D-18 a reference that left per-CPU mode again exits as in a kernel")
  void exitAfterPercpuMode() {
    List<Answer> answers =
        run(
            "ref r reinit",
            "ref-to-atomic r",
            "ref-put r",
            "ref-to-percpu r",
            "ref-get r",
            "ref-to-atomic r",
            "ref-exit r",
            "ref-state r");
    assertThat(answers).extracting(Answer::departure).containsOnly(Optional.empty());
  }

  @ParameterizedTest
  @ValueSource(strings = {"64", "0x100000000", "0x100000009", "0xffffffffffffffff"})
  @DisplayName("CG-1 a shift beyond an int's bits is refused, and never cut to a small one")
  void largeShift(String shift) {
    assertThat(texts("pgmap p type=GENERIC range=0x40000000+2M shift=" + shift, "remap-pages p"))
        .containsExactly("ok", "error EINVAL");
  }

  @Test
  @DisplayName("a put through a tail page gives back what a get through it took, at the end, too")
  void compoundPages() {
    Scenario scenario =
        scenario(
            "machine m.iomem",
            "pgmap p type=GENERIC range=0x40000000+4M shift=9",
            "remap-pages p",
            "page-get 0x40001",
            "page-get 0x40002",
            "page-put 0x40003",
            "page-put 0x40000");
    MachineExecutor executor = MachineExecutor.open(scenario);
    for (Operation operation : scenario.operations()) {
      assertThat(executor.execute(operation).text()).startsWith("ok");
    }
    Page head = Objects.requireNonNull(executor.machine().page(0x40000));
    assertThat(head.refCount()).isEqualTo(1);
    executor.close();
    assertThat(head.refCount()).isEqualTo(1);
  }

  @Test
  @DisplayName("C-19 what an unsupported operation names is unknown afterwards, each of its names")
  void everyNameIsUnknown() throws IOException {
    Files.writeString(folder.resolve("m.iomem"), "# arch=arm64\n" + MAP);
    assertThat(
            texts(
                "device d",
                "device e",
                "pgmap p type=GENERIC range=0x40000000+2M",
                "remap-pages p dev=d",
                "unmap-pages p",
                "device-release d",
                "device-release e"))
        .containsExactly("ok", "ok", "ok", "unsupported", "unsupported", "unsupported", "ok");
  }

  @Test
  @DisplayName("C-19 on another architecture memremap is unsupported, and so is what it would name")
  void otherArchitecture() throws IOException {
    Files.writeString(folder.resolve("m.iomem"), "# arch=arm64\n" + MAP);
    List<Answer> answers =
        run("region 0x1000 4K", "memremap a 0x1000 4K WB", "load a 0 8", "memunmap a");
    assertThat(answers)
        .extracting(Answer::text)
        .containsExactly("INTERSECTS", "unsupported", "unsupported", "unsupported");
    assertThat(answers.get(1).explanation()).singleElement().asString().contains("arm64");
  }

  @Test
  @DisplayName("a scenario's KEY=VALUE wins over the machine file's")
  void settings() {
    Scenario scenario = scenario("machine m.iomem phys-bits=41", "memremap a 0x10000000000 4K WB");
    try (ScenarioExecutor executor = MachineExecutor.open(scenario)) {
      assertThat(executor.execute(scenario.operations().getLast()).text())
          .isEqualTo("ok mode=WB direct=no");
    }
  }

  @Test
  @DisplayName("C-8 a scenario's page structures are the kernel's unless it says otherwise")
  void geometry() {
    assertThat(geometryOf("machine m.iomem")).isEqualTo(MemmapGeometry.KERNEL);
    assertThat(geometryOf("machine m.iomem memmap=compact")).isEqualTo(MemmapGeometry.COMPACT);
  }

  private MemmapGeometry geometryOf(String selection) {
    try (MachineExecutor executor = MachineExecutor.open(scenario(selection))) {
      return executor.machine().description().memmap();
    }
  }

  @Test
  @DisplayName("where memory is encrypted every run has the same ciphertext")
  void fixedKey() {
    Scenario scenario =
        scenario(
            "machine m.iomem mem-encrypt=tdx kernel=6.18",
            "memremap a 0x40000000 4K WB|ENC",
            "store a 0 64 0x1234",
            "memunmap a",
            "memremap b 0x40000000 4K WB|DEC",
            "load b 0 64");
    List<List<String>> runs = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      try (ScenarioExecutor executor = MachineExecutor.open(scenario)) {
        runs.add(
            scenario.operations().stream()
                .map(operation -> executor.execute(operation).text())
                .toList());
      }
    }
    assertThat(runs.get(0)).isEqualTo(runs.get(1));
    assertThat(runs.get(0).getLast()).isNotIn("0x1234", "0x0");
  }

  @Test
  @DisplayName("a page is handed out and taken back, and broken memory is told to whom it concerns")
  void handOut() {
    assertThat(
            texts(
                "pgmap p type=PRIVATE range=0x40000000+2M ops=page_free,migrate_to_ram owner=o",
                "remap-pages p",
                "page-init 0x40000",
                "page 0x40000",
                "page-init 0x40000",
                "unmap-pages p",
                "page-put 0x40000",
                "page 0x40000",
                "page-init 0x40200",
                "page-init 0x40008 3",
                "memory-failure 0x80000",
                "free-region 0+1T 2M",
                "free-region 0+2M 2M",
                "free-region 0+0 2M"))
        .containsExactly(
            "ok",
            "ok direct=yes",
            "ok",
            "zone=device pgmap=p ref=1",
            "refused",
            "busy",
            "ok",
            "zone=device pgmap=p ref=0",
            "refused",
            "refused",
            "error ENXIO",
            "ok start=0xfff8000000 size=0x8000000",
            "refused",
            "refused");
  }

  @Test
  @DisplayName("MF-3 no verb gives a page a mapping, so broken memory of a live map is EBUSY")
  void memoryFailure() {
    assertThat(
            texts(
                "pgmap p type=GENERIC range=0x40000000+2M",
                "remap-pages p",
                "memory-failure 0x40001",
                "memory-failure 0x40200"))
        .containsExactly("ok", "ok direct=yes", "error EBUSY", "error ENXIO");
  }

  @Test
  @DisplayName(
      "a machine that is not there, is wrong or cannot be reached is a mistake with its place")
  void noMachine() throws IOException {
    String file = folder.resolve("a.scenario").toString();
    assertThatThrownBy(() -> MachineExecutor.open(scenario("machine none.iomem")))
        .isInstanceOf(ScenarioSyntaxException.class)
        .hasMessageStartingWith(file + ":1:9: " + folder.resolve("none.iomem"));
    assertThatThrownBy(() -> MachineExecutor.open(scenario("machine m.iomem phys-bits=99")))
        .isInstanceOf(ScenarioSyntaxException.class)
        .hasMessageStartingWith(file + ":1:17: ");
    assertThatThrownBy(() -> MachineExecutor.open(scenario("machine host")))
        .isInstanceOf(ScenarioSyntaxException.class)
        .hasMessageStartingWith(file + ":1:9: real memory needs the module dev.memremap.linux");
    Files.writeString(folder.resolve("bad.iomem"), "00000000-00000fff : Reserved\nnoise\n");
    assertThatThrownBy(() -> MachineExecutor.open(scenario("machine bad.iomem")))
        .isInstanceOf(ScenarioSyntaxException.class)
        .hasMessageStartingWith(file + ":1:9: " + folder.resolve("bad.iomem") + ":2");
    assertThatThrownBy(
            () ->
                MachineExecutor.open(
                    scenario("machine m.iomem memtype=0x40000000+4K:WB,0x40000000+4K:WC")))
        .isInstanceOf(ScenarioSyntaxException.class);
  }
}
