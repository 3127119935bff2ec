// SPDX-License-Identifier: Apache-2.0
package dev.memremap.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.memremap.machine.MemmapGeometry;
import dev.memremap.rule.Rule;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** The rules that hold while a scenario runs, but for those of page maps. */
class MachineExecutorTest extends OnSmallMachine {
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
