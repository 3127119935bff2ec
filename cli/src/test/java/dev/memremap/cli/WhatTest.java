// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli;

import static dev.memremap.cli.CommandRun.run;
import static org.assertj.core.api.Assertions.assertThat;

import dev.memremap.Machine;
import dev.memremap.machine.MachineDescription;
import dev.memremap.plan.MemremapFlag;
import dev.memremap.resource.PhysRange;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** What {@code memremap what} says of a place. */
class WhatTest {
  private static final String MAP =
      """
      # arch=x86_64
      # phys-bits=40
      # mtrr-uc=0xc0000000+0x40000000
      # memtype=0xd0000000+0x1000:WC
      # bar=0000:03:00.0,2,0xd0000000+0x1000000,prefetch
      # bar=0000:04:00.0,0,0xd2000000+0x4000,nvme
      00001000-3fffffff : System RAM
        01000000-01ffffff : Kernel code
      40000000-4fffffff : Persistent Memory
      c0000000-dfffffff : PCI Bus 0000:00
        d0000000-d0ffffff : 0000:03:00.0
        d2000000-d2003fff : 0000:04:00.0
          d2000000-d2003fff : nvme
      """;

  @TempDir private Path folder;
  private Path file = Path.of("m.iomem");

  @BeforeEach
  void machineFile() throws IOException {
    file = Files.writeString(folder.resolve("m.iomem"), MAP);
  }

  private CommandRun what(String place, String... more) {
    String[] words = new String[more.length + 4];
    words[0] = "what";
    words[1] = place;
    words[2] = "-m";
    words[3] = file.toString();
    System.arraycopy(more, 0, words, 4, more.length);
    return run(words);
  }

  @Test
  @DisplayName("of a device's register it says owners, holder, device, and why each call fails")
  void ofRegister() {
    CommandRun said = what("0000:04:00.0/0+0x10");
    assertThat(said.err()).isEmpty();
    assertThat(said.status()).isZero();
    assertThat(said.lines().getFirst()).isEqualTo("0xd2000010 lies in nvme");
    assertThat(said.lines().stream().map(line -> line.strip().replaceAll(" {2,}", " ")))
        .contains(
            "owners c0000000-dfffffff : PCI Bus 0000:00, addresses that lead to a PCI bus",
            "d2000000-d2003fff : 0000:04:00.0, a base address register (BAR) of a PCI device",
            "kind PCI_DEVICE: a base address register (BAR) of a PCI device",
            "device 0000:04:00.0/0+0x10 (d2000000-d2003fff), registers: reading may do something",
            "held by the driver nvme, as nvme (d2000000-d2003fff)",
            "page 0xd2000, without a page structure",
            "what drivers' calls would answer for 0xd2000010:",
            "request_mem_region EBUSY: RES-8, 0xd2000010-0xd2000010 cannot be requested:"
                + " 'd2000000-d2003fff : nvme' is in the way",
            "devm_ioremap_resource EBUSY: RES-8, its request_mem_region fails")
        .anyMatch(line -> line.startsWith("ioremap EBUSY: LIB-9, the kernel driver nvme uses"))
        .anyMatch(line -> line.startsWith("memremap WB ENXIO: LIB-7, BAR 0 of 0000:04:00.0"));
  }

  @Test
  @DisplayName("the memory type is what is mapped there, with how that is known")
  void memoryType() {
    List<String> said =
        what("0xd0000000").lines().stream()
            .map(line -> line.strip().replaceAll(" +", " "))
            .toList();
    assertThat(said)
        .contains(
            "memory type WC if WB is asked for; 0xd0000000-0xd0000fff is mapped WC",
            "mtrr stated",
            "memtype stated")
        .anyMatch(line -> line.startsWith("memremap WC granted: a new mapping, WC"))
        .anyMatch(line -> line.startsWith("ioremap granted: registers, WC: "));
  }

  @Test
  @DisplayName("a hole is said first, and the exit status is 1")
  void hole() {
    CommandRun said = what("0x60000000+4K");
    assertThat(said.status()).isEqualTo(1);
    assertThat(said.lines().getFirst())
        .isEqualTo("no resource of the machine lies at 0x60000000-0x60000fff");
    assertThat(said.out()).contains("held by      nothing", "memremap WB            granted");
  }

  @Test
  @DisplayName("a range over several resources lists them all")
  void several() {
    CommandRun said = what("3ffff000-40000fff");
    assertThat(said.lines().getFirst())
        .isEqualTo("0x3ffff000-0x40000fff lies in several resources, or partly in none");
    assertThat(said.out())
        .contains("00001000-3fffffff : System RAM", "40000000-4fffffff : Persistent Memory")
        .contains("memremap WB            ENXIO: MR-3");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "0xd1fff000+8K | the driver nvme, as nvme (d2000000-d2003fff); nothing else in it is busy",
        "0xd2000000+16K | the driver nvme, as nvme (d2000000-d2003fff)",
        "0x00fff000+8K | System RAM (00001000-3fffffff), Kernel code (01000000-01ffffff)",
        "0x01000000+8K | Kernel code (01000000-01ffffff)",
        "0x3ffff000+8K | System RAM (00001000-3fffffff); nothing else in it is busy",
        "0x48000000+8K | nothing: no resource around it is busy",
      })
  @DisplayName("a range is held by whatever holds a byte of it")
  void holders(String place, String said) {
    assertThat(what(place).lines()).contains("  held by      " + said);
  }

  @Test
  @DisplayName("System RAM's memory type is the direct map's")
  void ofRam() {
    assertThat(what("0x100000").lines())
        .contains("  memory type  WB in the direct map; no other mapping is known");
    assertThat(what("0x40000000").lines())
        .contains("  memory type  WB if WB is asked for; no other mapping is known");
  }

  @ParameterizedTest
  @CsvSource({"0x100000", "Kernel code", "Persistent Memory", "pfn:0x40000", "0xd0000000+8K"})
  @DisplayName("each answer is the machine's own plan, and JSON says the same as the text")
  void asPlanned(String place) {
    CommandRun said = what(place, "--json");
    JsonNode json = said.json();
    PhysRange range =
        PhysRange.parse(
            json.at("/range/start").asString() + "-" + json.at("/range/end").asString());
    String text = what(place).out();
    try (Machine machine = Machine.simulated(MachineDescription.parse(MAP))) {
      for (JsonNode call : json.get("calls")) {
        String name = call.get("call").asString();
        boolean granted = call.get("granted").asBoolean();
        JsonNode why = call.get(granted ? "because" : "refused");
        assertThat(text).contains(why.get("reason").asString());
        switch (name) {
          case "request_mem_region" ->
              assertThat(granted).isEqualTo(machine.resources().landing(range).refusal().isEmpty());
          case "ioremap" ->
              assertThat(granted).isEqualTo(machine.explainIoremap(range).isGranted());
          case "memremap WB", "memremap WT", "memremap WC" -> {
            var plan = machine.explain(range, MemremapFlag.valueOf(name.substring(9)));
            assertThat(granted).as(name).isEqualTo(plan.isGranted());
            plan.refusal()
                .ifPresent(
                    refused ->
                        assertThat(why.get("errno").asString()).isEqualTo(refused.errno().name()));
          }
          default -> assertThat(name).isIn("devm_ioremap_resource", "memremap_pages");
        }
      }
    }
    assertThat(
            StreamSupport.stream(json.get("calls").spliterator(), false)
                .map(call -> call.get("call").asString())
                .collect(Collectors.joining(" ")))
        .isEqualTo(
            "request_mem_region devm_ioremap_resource ioremap memremap WB memremap WT memremap WC"
                + " memremap_pages");
  }

  @Test
  @DisplayName("a machine of an architecture without rules says what lies there, and that alone")
  void withoutRules() throws IOException {
    file =
        Files.writeString(
            folder.resolve("arm.iomem"), "# arch=aarch64\n40000000-7fffffff : System RAM\n");
    CommandRun said = what("0x40000000");
    assertThat(said.status()).isZero();
    assertThat(said.out())
        .contains("0x40000000 lies in System RAM", "EOPNOTSUPP: C-19")
        .contains("memory type  no mapping is known");
    assertThat(what("0x90000000").out())
        .contains("devm_ioremap_resource  EOPNOTSUPP: C-19, rules are missing: ")
        .doesNotContain("ENOMEM");
  }

  @Test
  @DisplayName("on this computer each way is named by its file")
  void ofHardware() {
    try (Machine machine = FakeDevices.machine()) {
      WhatView view = WhatView.of(machine, Where.parse("fd000000-fdffffff").on(machine), null);
      assertThat(view.lines().stream().map(line -> line.strip().replaceAll(" +", " ")))
          .contains("file /bar2", "file /bar2_wc")
          .anyMatch(
              line -> line.startsWith("memremap WB granted:") && line.endsWith("through /bar2"))
          .anyMatch(line -> line.startsWith("memremap WT ENOENT: LIB-6"));
    }
  }
}
