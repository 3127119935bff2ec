// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli;

import static dev.memremap.cli.CommandRun.run;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tukaani.xz.LZMA2Options;
import org.tukaani.xz.XZOutputStream;
import tools.jackson.databind.JsonNode;

/** {@code -m} with a report: a folder or an archive that holds a map and the files beside it. */
class ReportFolderTest {
  private static final Path FIELD = Path.of("src", "test", "resources", "field", "further");

  /** Where such files lie in a report that a support tool made. */
  private static final Map<String, String> PLACES =
      Map.of(
          "box.strict", "proc/iomem",
          "box.cpuinfo", "proc/cpuinfo",
          "box.mtrr", "proc/mtrr",
          "box.pat", "sys/kernel/debug/x86/pat_memtype_list",
          "box.lspci", "sos_commands/pci/lspci_-nnvv",
          "box.dmesg", "sos_commands/kernel/dmesg");

  @TempDir private Path temp;
  private final Map<String, byte[]> report = new LinkedHashMap<>();

  @BeforeEach
  void report() throws IOException {
    for (Map.Entry<String, String> place : PLACES.entrySet()) {
      report.put("box-2024/" + place.getValue(), Files.readAllBytes(FIELD.resolve(place.getKey())));
    }
    report.put("box-2024/uname", new byte[] {'x'});
    report.put("box-2024/var/log/some.core", new byte[3_000_000]);
  }

  /** How a report is packed. */
  private enum Packing {
    NONE,
    GZ,
    XZ;

    OutputStream on(OutputStream out) throws IOException {
      return switch (this) {
        case NONE -> out;
        case GZ -> new GZIPOutputStream(out);
        case XZ -> new XZOutputStream(out, new LZMA2Options(1));
      };
    }
  }

  private Path folder() throws IOException {
    for (Map.Entry<String, byte[]> file : report.entrySet()) {
      Path to = temp.resolve("folder").resolve(file.getKey());
      Files.createDirectories(to.getParent());
      Files.write(to, file.getValue());
    }
    return temp.resolve("folder");
  }

  private Path archive(Packing packing) throws IOException {
    Path file = temp.resolve("report");
    try (OutputStream out = packing.on(Files.newOutputStream(file));
        TarArchiveOutputStream tar = new TarArchiveOutputStream(out)) {
      for (Map.Entry<String, byte[]> each : report.entrySet()) {
        TarArchiveEntry entry = new TarArchiveEntry(each.getKey());
        entry.setSize(each.getValue().length);
        tar.putArchiveEntry(entry);
        tar.write(each.getValue());
        tar.closeArchiveEntry();
      }
    }
    return file;
  }

  private static Path packed(Path file, Packing packing, Path to) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (OutputStream out = packing.on(bytes)) {
      out.write(Files.readAllBytes(file));
    }
    return Files.write(to, bytes.toByteArray());
  }

  private static CommandRun iomem(String... words) {
    return run(
        Stream.concat(Stream.of("iomem", "--json"), Stream.of(words)).toArray(String[]::new));
  }

  private static String box(String suffix) {
    return FIELD.resolve("box." + suffix).toString();
  }

  /** What is known when each file is given by an option of its own. */
  private static CommandRun byOptions() {
    return iomem(
        "-m",
        box("strict"),
        "--cpuinfo",
        box("cpuinfo"),
        "--mtrr",
        box("mtrr"),
        "--pat",
        box("pat"),
        "--lspci",
        box("lspci"),
        "--dmesg",
        box("dmesg"));
  }

  private static void assertSameMachine(CommandRun read) {
    assertThat(read.status()).as(read.err()).isZero();
    assertThat(read.err()).isEmpty();
    JsonNode right = byOptions().json();
    JsonNode json = read.json();
    for (String part : new String[] {"resources", "totals"}) {
      assertThat(json.get(part)).as(part).isEqualTo(right.get(part));
    }
    for (String fact : new String[] {"phys-bits", "mtrr", "memtype", "bar", "drivers"}) {
      assertThat(read.fact(fact).isMissingNode()).as(fact).isFalse();
      assertThat(read.fact(fact)).as(fact).isEqualTo(byOptions().fact(fact));
    }
    assertThat(json.get("stated")).hasSameSizeAs(right.get("stated"));
  }

  @Test
  @DisplayName("a folder that holds such files is the machine they tell of")
  void folderOfFiles() throws IOException {
    assertSameMachine(iomem("-m", folder().toString()));
  }

  @ParameterizedTest
  @EnumSource(Packing.class)
  @DisplayName("a tar archive is read, packed or not")
  void tar(Packing packing) throws IOException {
    assertSameMachine(iomem("-m", archive(packing).toString()));
  }

  @ParameterizedTest
  @EnumSource(Packing.class)
  @DisplayName("a map and the files of facts may be packed, whatever they are called")
  void files(Packing packing) throws IOException {
    Path map = packed(Path.of(box("strict")), packing, temp.resolve("a.map"));
    Path mtrr = packed(Path.of(box("mtrr")), packing, temp.resolve("b"));
    Path cpuinfo = packed(Path.of(box("cpuinfo")), packing, temp.resolve("c"));
    CommandRun read =
        iomem("-m", map.toString(), "--mtrr", mtrr.toString(), "--cpuinfo", cpuinfo.toString());
    assertThat(read.json().get("resources")).isEqualTo(byOptions().json().get("resources"));
    for (String fact : new String[] {"mtrr", "phys-bits"}) {
      assertThat(read.fact(fact)).as(fact).isEqualTo(byOptions().fact(fact));
    }
  }

  @Test
  @DisplayName("a report whose kernel log is of another boot is said to disagree with its map")
  void disagreement() throws IOException {
    report.put(
        "box-2024/sos_commands/kernel/dmesg",
        Files.readAllBytes(FIELD.resolve("other-boot.dmesg")));
    CommandRun read = iomem("-m", folder().toString());
    assertThat(read.status()).isZero();
    assertThat(read.err()).contains("dmesg").contains("disagrees with").hasLineCount(1);
  }

  @Test
  @DisplayName("without a map the firmware's map in the log is read; without either, a sentence")
  void withoutMap() throws IOException {
    report.remove("box-2024/proc/iomem");
    CommandRun read = iomem("-m", folder().toString());
    assertThat(read.status()).as(read.err()).isZero();
    assertThat(read.err()).contains("BIOS-e820");

    Files.createDirectories(temp.resolve("empty"));
    CommandRun none = iomem("-m", temp.resolve("empty").toString());
    assertThat(none.status()).isEqualTo(2);
    assertThat(none.err()).contains("iomem, dmesg or lsmem").hasLineCount(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"explain 0xe0000000 4096 WC", "plan 0xe0000000+256M --type GENERIC"})
  @DisplayName("each command that asks about a machine takes a report")
  void otherCommands(String line) throws IOException {
    CommandRun asked =
        run(
            Stream.concat(Stream.of(line.split(" ")), Stream.of("-m", folder().toString()))
                .toArray(String[]::new));
    assertThat(asked.status()).as(asked.err()).isNotEqualTo(2);
    assertThat(asked.out()).isNotBlank().doesNotContain("no MTRRs are known");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "pages --json",
        "plan 0xe0000000+256M --type GENERIC --json",
        "explain 0xe0000000 4096 WC --json",
        "read 0xe0000000 --json"
      })
  @DisplayName("what was set right, or is in doubt, stands in each document of JSON")
  void remarks(String line) throws IOException {
    Path quoted = temp.resolve("quoted.iomem");
    Files.writeString(
        quoted, Files.readString(Path.of(box("strict"))).replaceAll("(?m)^(?=.)", "> "));
    CommandRun asked =
        run(
            Stream.concat(Stream.of(line.split(" ")), Stream.of("-m", quoted.toString()))
                .toArray(String[]::new));
    assertThat(asked.err()).contains("set right").hasLineCount(1);
    JsonNode remark = asked.json().at("/remarks/0");
    assertThat(remark.get("file").asString()).isEqualTo(quoted.toString());
    assertThat(remark.get("kind").asString()).isEqualTo("repaired");
    assertThat(remark.get("message").asString()).contains("line prefixes");
  }
}
