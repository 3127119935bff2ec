// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli;

import static dev.memremap.cli.CommandRun.run;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.math.BigInteger;
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
import tools.jackson.databind.JsonNode;

/**
 * Memory maps and lists as people post them, each with the right answer: the strict file that says
 * what it means, and what the command says was set right or is in doubt.
 */
class FieldReadingTest {
  @TempDir private Path folder;

  private static final Path FOLDER = Path.of("src", "test", "resources", "field");

  private static final Path OF_CORE = Path.of("..", "core").resolve(FOLDER);

  private static String file(String name) {
    return FOLDER.resolve(name).toString();
  }

  private static CommandRun iomem(String... words) {
    return run(
        Stream.concat(Stream.of("iomem", "--json"), Stream.of(words)).toArray(String[]::new));
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      nullValues = "-",
      value = {
        "pasted-indented.iomem, pasted-indented.strict, indented by 4 as a whole",
        "pasted-flowed.iomem, pasted-flowed.strict, nesting taken from the addresses",
        "pasted-flat.iomem, pasted-flat.strict, nesting taken from the addresses",
        "pasted-grep.iomem, pasted-grep.strict, -",
        "blank-last-line.iomem, blank-last-line.strict, 1 blank line",
        "further/mail-quote.iomem, further/box.strict, 27 line prefixes",
        "further/syslog.iomem, further/box.strict, 27 line prefixes",
        "further/prompt-upper.iomem, further/box.strict, upper-case hexadecimal",
        "further/tabs.iomem, further/box.strict, tabs",
        "further/grep-numbers.iomem, further/box.strict, 27 line prefixes",
        "further/bom-six.iomem, further/box.strict, byte order mark",
        "further/first-line.iomem, further/box.strict, nesting taken from the addresses",
        "further/fence.iomem, further/box.strict, line that is not a resource",
        "further/ellipsis.iomem, further/ellipsis.strict, lines are missing",
        "further/cut-address.iomem, further/cut-address.strict, is cut",
        "further/table.iomem, further/table.strict, 'set right: 4 line prefixes, 4 bars at the ends"
            + " of lines, 2 lines that are not resources'",
      })
  @DisplayName("a map as it was pasted is the map, and one line says what was set right")
  void pasted(String input, String strict, String said) {
    CommandRun read = iomem("-m", file(input));
    assertThat(read.status()).as(read.err()).isZero();
    assertThat(read.json().get("resources"))
        .isEqualTo(iomem("-m", file(strict)).json().get("resources"));
    if (said == null) {
      assertThat(read.err()).isEmpty();
    } else {
      assertThat(read.err()).contains(input).contains(said).hasLineCount(1);
      assertThat(remarks(read)).anyMatch(remark -> remark.contains(said));
    }
  }

  /** The remarks in JSON, each as the text says it. */
  private static List<String> remarks(CommandRun read) {
    List<String> texts = new ArrayList<>();
    for (JsonNode remark : read.json().get("remarks")) {
      boolean isRepair = remark.get("kind").asString().equals("repaired");
      texts.add(
          remark.get("file").asString()
              + (isRepair ? ": set right: " : ": ")
              + remark.get("message").asString());
    }
    return texts;
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "further/cut-name.iomem, 'System R'",
    "further/cut-name-newline.iomem, 'System RA'",
    "further/cut-known.iomem, may be cut",
  })
  @DisplayName("a last line that may be cut inside its name is marked")
  void cut(String input, String said) {
    CommandRun read = iomem("-m", file(input));
    assertThat(read.err()).contains(said).contains("may be cut").hasLineCount(1);
    assertThat(read.status()).isZero();
  }

  private static final String RAM = "00001000-0009ffff : System RAM\n";

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      nullValues = "-",
      value = {
        "```\\nMAP```\\n | set right: 2 fences around the text",
        "```\\nMAP``` | set right: 2 fences around the text",
        "{code}\\nMAP\\n{code}\\n | set right: 1 blank line, 2 fences around the text",
        "<pre>\\nMAP | set right: 1 fence around the text",
        "MAP00100000-3fff | line 2, '00100000-3fff', is cut, and what came after it is missing",
        "MAP00100000-3fffffff : System R | the name 'System R' of line 2 may be cut",
        "MAP00100000-3fffffff : EPC | line 2 ends without a newline and may be cut",
        "MAPalice@box:~$ exit | set right: 1 line that is not a resource",
        "MAP | -",
      })
  @DisplayName("a fence is called a fence, and a last line that may be cut is said to be so once")
  void saidOnce(String pasted, String said) throws IOException {
    String text = pasted.replace("\\n", "\n").replace("MAP", RAM);
    Path file = Files.writeString(folder.resolve("pasted"), text);
    CommandRun read = iomem("-m", file.toString());
    assertThat(read.status()).as(read.err()).isZero();
    assertThat(remarks(read)).isEqualTo(said == null ? List.of() : List.of(file + ": " + said));
  }

  @ParameterizedTest
  @CsvSource({
    "arm64-vm.iomem, false",
    "arm32-exynos.iomem, false",
    "riscv64-virt.iomem, false",
    "amd-tom2.iomem, true",
  })
  @DisplayName("C-19 JSON has what only x86-64 has of its machines alone, as the text has")
  void onlyOfX86(String input, boolean isX86) {
    String map = OF_CORE.resolve(input).toString();
    String text = run("iomem", "-m", map).out();
    CommandRun json = iomem("-m", map);
    for (String fact : List.of("mtrr", "memtype", "mem-encrypt")) {
      assertThat(!json.fact(fact).isMissingNode())
          .as(fact)
          .isEqualTo(isX86)
          .isEqualTo(text.contains("\n" + fact + " "));
    }
  }

  @Test
  @DisplayName("LIB-9 a driver that lspci names, and that decides an answer, is known")
  void driverOfLspci() throws IOException {
    Files.writeString(
        folder.resolve("iomem"),
        "00100000-7fffffff : System RAM\nfd000000-fdffffff : 0000:00:02.0\n");
    Files.writeString(
        folder.resolve("lspci"),
        """
        00:02.0 VGA compatible controller: Device 1234:1111 (rev 02)
        \tRegion 0: Memory at fd000000 (32-bit, prefetchable) [size=16M]
        \tKernel driver in use: bochs-drm
        """);
    Path record = folder.resolve("recorded/out");
    Files.createDirectories(record.getParent());
    assertThat(run("record", record.toString(), "-m", folder.toString()).status()).isZero();
    for (Path machine : List.of(folder, record)) {
      CommandRun refused = run("explain", "0xfd000000", "8M", "WC", "-m", machine.toString());
      assertThat(refused.out()).contains("the kernel driver bochs-drm uses BAR 0");
      assertThat(run("iomem", "-m", machine.toString()).out())
          .containsPattern("\ndrivers +bochs-drm \\((read|recorded): .*lspci\\)");
    }
  }

  @Test
  @DisplayName("ranges that overlap are refused with their line")
  void overlap() {
    CommandRun read = iomem("-m", file("further/overlap.iomem"));
    assertThat(read.status()).isEqualTo(2);
    assertThat(read.err()).contains("overlap.iomem:4:").contains("overlaps").hasLineCount(1);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "dmesg-e820.txt, dmesg-e820.strict, BIOS-e820",
    "further/e820-old.txt, further/e820-old.strict, BIOS-e820",
    "further/e820-journal.txt, further/e820-journal.strict, BIOS-e820",
    "further/e820-user.txt, further/e820-user.strict, user",
    "further/e820-types.txt, further/e820-types.strict, BIOS-e820",
    "further/e820-wrapped.txt, further/e820-wrapped.strict, BIOS-e820",
    "further/efi-x86.txt, further/efi-x86.strict, EFI",
    "further/efi-arm64.txt, further/efi-arm64.strict, EFI",
    "further/lsmem.txt, further/lsmem.strict, lsmem",
    "further/lsmem-merged.json, further/lsmem-merged.strict, lsmem",
  })
  @DisplayName(
      "a firmware's map or a list of memory is read as a machine, and is called what it is")
  void lists(String input, String strict, String said) {
    CommandRun read = iomem("-m", file(input));
    assertThat(read.status()).as(read.err()).isZero();
    assertThat(read.json().get("resources"))
        .isEqualTo(iomem("-m", file(strict)).json().get("resources"));
    assertThat(read.err()).contains(said).hasLineCount(1);
  }

  @Test
  @DisplayName("files of /proc and lspci beside a map state its facts")
  void factsBeside() {
    CommandRun read =
        iomem(
            "-m",
            file("further/box.strict"),
            "--cpuinfo",
            file("further/box.cpuinfo"),
            "--mtrr",
            file("further/box.mtrr"),
            "--pat",
            file("further/box.pat"),
            "--lspci",
            file("further/box.lspci"),
            "--dmesg",
            file("further/box.dmesg"));
    assertThat(read.status()).as(read.err()).isZero();
    JsonNode json = read.json();
    assertThat(read.fact("phys-bits").asInt()).isEqualTo(39);
    assertThat(read.fact("mtrr").at("/0/start").asString()).isEqualTo("0xd0000000");
    List<String> types = new ArrayList<>();
    for (JsonNode type : read.fact("memtype")) {
      types.add(
          "%s+%x:%s"
              .formatted(
                  type.get("start").asString(),
                  type.get("size").asLong(),
                  type.get("mode").asString()));
    }
    assertThat(types)
        .containsExactly("0xccc00000+100000:WB", "0xe0000000+300000:WC", "0xfed00000+1000:UC-");
    assertThat(read.fact("bar"))
        .anyMatch(bar -> bar.get("start").asString().equals("0xf7c00000"))
        .hasSize(2);
    assertThat(read.fact("drivers").toString()).isEqualTo("[\"nouveau\",\"nvme\"]");
    assertThat(json.get("stated").toString())
        .contains("0000:0a:00.0,0,0xe0000000+0x10000000,prefetch,nouveau")
        .contains("0000:0b:00.0,0,0xf7c00000+0x4000,nvme")
        .contains("box.cpuinfo", "box.mtrr", "box.pat", "box.lspci");
    assertThat(read.err()).isEmpty();
  }

  @Test
  @DisplayName("a kernel log of another boot than the map is said to disagree, and where")
  void disagreement() {
    CommandRun read =
        iomem("-m", file("further/box.strict"), "--dmesg", file("further/other-boot.dmesg"));
    assertThat(read.status()).isZero();
    assertThat(read.err())
        .contains("other-boot.dmesg")
        .contains("disagree")
        .contains("0x42f000000-0x82effffff")
        .hasLineCount(1);
  }

  @Test
  @DisplayName("an AMD server's registers are read as a fact of a file")
  void mtrrsOfAmd() {
    CommandRun read = iomem("-m", file("amd-tom2.iomem"), "--mtrr", file("amd-tom2.mtrr"));
    assertThat(read.status()).as(read.err()).isZero();
    assertThat(read.json().get("stated").toString()).contains("mtrr-uc").contains("amd-tom2.mtrr");
    assertThat(read.fact("mtrr").at("/0/start").asString()).isEqualTo("0xbf800000");
  }

  @ParameterizedTest(name = "{0}: {1} {2}")
  @CsvSource({
    "pmem-in-window.iomem, Persistent memory, 2147483648",
    "pmem-in-window.iomem, CXL windows, 2147483648",
    "device-backed-vmemmap.iomem, Persistent memory, 3221225472",
    "device-backed-vmemmap.iomem, CXL windows, 6442450944",
    "virtio-mem.iomem, System RAM, 3757699072",
    "virtio-mem.iomem, Virtio memory, 16441671680",
    "further/totals-kmem.iomem, System RAM, 3220828160",
    "further/totals-kmem.iomem, CXL windows, 6442450944",
    "further/totals-bars.iomem, PCI devices, 16842752",
    "further/totals-bars.iomem, PCI buses, 1056899072",
    "further/totals-bars.iomem, Devices of the mainboard, 268435456",
    "further/totals-pmem.iomem, Persistent memory, 3221225472",
    "further/totals-pmem.iomem, Persistent memory (legacy), 1073741824",
    "further/totals-pmem.iomem, System RAM, 2146435072",
    "further/totals-soft.iomem, System RAM, 4294565888",
    "further/totals-soft.iomem, Soft reserved, 2147483648",
    "amd-tom2.iomem, RAM buffer, 8388608",
    "further/totals-rom.iomem, ROM, 98304",
    "further/totals-rom.iomem, Reserved, 16875520",
    "further/totals-rom.iomem, Devices that ACPI names, 65536",
  })
  @DisplayName("totals count each byte once, by its innermost owner that has a kind")
  void totals(String input, String label, String bytes) {
    JsonNode totals = iomem("-m", file(input)).json().get("totals");
    assertThat(totals.has(label)).as("%s in %s", label, totals).isTrue();
    assertThat(totals.get(label).toString()).isEqualTo(bytes);
  }

  @ParameterizedTest
  @CsvSource({
    "0000000000000000-ffffffffffffffff : Reserved, Reserved, 18446744073709551616, 16E",
    "00000000-ffffffffffffffff : PCI Bus 0000:00, PCI buses, 18446744073709551616, 16E",
    "00000000-bfffffffffffffff : Reserved, Reserved, 13835058055282163712, 12E"
  })
  @DisplayName("sizes and totals are exact up to all 2^64 addresses")
  void allAddresses(String line, String label, String bytes, String shown) throws IOException {
    Path map = Files.writeString(folder.resolve("all.iomem"), line + "\n");
    JsonNode json = iomem("-m", map.toString()).json();
    String hex = "0x" + new BigInteger(bytes).toString(16);
    assertThat(json.at("/resources/0/size").asString()).isEqualTo(hex);
    assertThat(json.get("totals").get(label).asString()).isEqualTo(hex);
    assertThat(run("iomem", "-m", map.toString()).out())
        .containsPattern(label + " in all +" + shown + "\n");
  }

  @ParameterizedTest(name = "{0}: {1}")
  @CsvSource({
    "odd-names.iomem, Unknown E820 type, UNKNOWN_E820, true",
    "odd-names.iomem, Video RAM area, VIDEO_RAM, true",
    "odd-names.iomem, Graphics Stolen Memory, GRAPHICS_MEMORY, true",
    "odd-names.iomem, APEI ERST, APEI, true",
    "odd-names.iomem, APEI EINJ, APEI, true",
    "odd-names.iomem, PCI Bus #01, PCI_BUS, false",
    "odd-names.iomem, MSFT0101:00, ACPI_DEVICE, false",
    "odd-names.iomem, INT0800:00, ACPI_DEVICE, false",
    "odd-names.iomem, EPC, OTHER, false",
    "further/names-hyperv.iomem, 5620e0c7-8062-4dce-aeb7-520c7ef76171, OTHER, true",
    "further/names-hyperv.iomem, MSFT0101:00, ACPI_DEVICE, false",
    "further/names-hyperv.iomem, MSFT0101:00 MSFT0101:00, DRIVER_REGION, true",
    "further/names-iommu.iomem, dmar1, IOMMU, true",
    "further/names-iommu.iomem, amd_iommu, IOMMU, true",
    "further/names-iommu.iomem, GART, GART, false",
    "further/names-iommu.iomem, Vendor Thing, OTHER, false",
    "further/names-board.iomem, fd580000.ethernet ethernet@7d580000, DRIVER_REGION, true",
    "further/names-board.iomem, local_intc, OTHER, false",
    "further/names-server.iomem, APEI BERT, APEI, true",
    "further/names-server.iomem, VMD CFGBAR, VMD_WINDOW, false",
    "further/names-server.iomem, megasas: LSI, OTHER, true",
    "further/names-server.iomem, intel_tpm, OTHER, false",
    "further/names-cxl.iomem, region0, CXL_REGION, false",
    "further/names-cxl.iomem, virtio2, VIRTIO_MEMORY, false",
    "further/names-cxl.iomem, hmem.0, SOFT_RESERVED_DEVICE, false",
  })
  @DisplayName("a kernel's own name has a kind, another is unknown; busy is what Linux marks so")
  void names(String input, String name, String kind, boolean busy) {
    JsonNode found = named(iomem("-m", file(input)).json().get("resources"), name);
    assertThat(found.get("kind").asString()).isEqualTo(kind);
    assertThat(found.get("busy").asBoolean()).isEqualTo(busy);
  }

  private static JsonNode named(JsonNode resources, String name) {
    for (JsonNode resource : resources) {
      if (resource.path("name").asString("").equals(name)) {
        return resource;
      }
      JsonNode below = named(resource.path("children"), name);
      if (!below.isMissingNode()) {
        return below;
      }
    }
    return tools.jackson.databind.node.MissingNode.getInstance();
  }

  @ParameterizedTest
  @CsvSource({"odd-names.iomem", "further/names-iommu.iomem", "further/names-server.iomem"})
  @DisplayName("an unknown name is called unknown to memremap, never a driver's region")
  void unknown(String input) {
    CommandRun shown = run("iomem", "-m", file(input));
    assertThat(shown.out()).contains("unknown to memremap").doesNotContain("that a driver holds");
  }
}
