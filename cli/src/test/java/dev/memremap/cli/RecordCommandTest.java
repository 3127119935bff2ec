// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli;

import static dev.memremap.cli.CommandRun.run;
import static org.assertj.core.api.Assertions.assertThat;

import dev.memremap.machine.MachineDescription;
import dev.memremap.resource.Resource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What {@code memremap record} writes of a machine that was read from elsewhere. */
class RecordCommandTest {
  private static final Path FIELD = Path.of("src", "test", "resources", "field");

  /** A machine whose file is not in the strict form, with names of drivers and a GUID. */
  private static final String MACHINE =
      """
      # kernel=6.1.999-example7
      # phys-bits=40
          00001000-0009ffff : System RAM
          00100000-7fffffff : System RAM
          f8000000-fbffffff : PCI Bus 0000:00
            f8000000-f8ffffff : 0000:00:08.0
              f8000000-f8ffffff : 5620e0c7-8062-4dce-aeb7-520c7ef76171
            f9000000-f9ffffff : 0000:00:09.0
              f9000000-f9000fff : secretdrv
              f9001000-f9001fff : 5620e0c7-8062-4dce-aeb7-520c7ef76171
      """;

  @TempDir private Path folder;

  private Path machine() throws IOException {
    return Files.writeString(folder.resolve("pasted.iomem"), MACHINE);
  }

  private static String permissions(Path file) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
  }

  @Test
  @DisplayName("a record is in the strict form, which anyone can replay")
  void strict() throws IOException {
    Path file = folder.resolve("recorded.iomem");
    CommandRun recorded = run("record", "-m", machine().toString(), file.toString());
    assertThat(recorded.status()).as(recorded.err()).isZero();
    assertThat(Files.readString(file))
        .isEqualTo(MACHINE.replaceAll("(?m)^ {4}", ""))
        .isEqualTo(MachineDescription.read(file).toText());
    assertThat(run("iomem", "-m", file.toString()).err()).isEmpty();
  }

  @Test
  @DisabledOnOs(OS.WINDOWS)
  @DisplayName("only its owner may read a record, a file that --force overwrites included")
  void ownerOnly() throws IOException {
    Path file = folder.resolve("recorded.iomem");
    String from = machine().toString();
    assertThat(run("record", "-m", from, file.toString()).status()).isZero();
    assertThat(permissions(file)).isEqualTo("rw-------");

    Path open = Files.writeString(folder.resolve("open.iomem"), "a line\n".repeat(1000));
    Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rw-r--r--"));
    assertThat(run("record", "-m", from, open.toString()).err()).contains("--force overwrites it");
    assertThat(Files.readString(open)).startsWith("a line\n");
    assertThat(run("record", "-m", from, "--force", open.toString()).status()).isZero();
    assertThat(permissions(open)).isEqualTo("rw-------");
    assertThat(Files.readString(open)).isEqualTo(Files.readString(file));
  }

  @Test
  @DisplayName("--anonymous replaces names that Linux does not give, each by one word everywhere")
  void anonymous() throws IOException {
    CommandRun recorded = run("record", "--anonymous", "-m", machine().toString(), "-");
    assertThat(recorded.out())
        .isEqualTo(
            """
            # kernel=6.1.999
            # phys-bits=40
            00001000-0009ffff : System RAM
            00100000-7fffffff : System RAM
            f8000000-fbffffff : PCI Bus 0000:00
              f8000000-f8ffffff : 0000:00:08.0
                f8000000-f8ffffff : name1
              f9000000-f9ffffff : 0000:00:09.0
                f9000000-f9000fff : name2
                f9001000-f9001fff : name1
            """);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "odd-names.iomem",
        "further/names-hyperv.iomem",
        "further/names-iommu.iomem",
        "further/names-server.iomem",
        "further/names-board.iomem"
      })
  @DisplayName("a machine without its names is the same machine: ranges, kinds and what is busy")
  void sameMachine(String name) {
    String file = FIELD.resolve(name).toString();
    MachineDescription named = MachineDescription.parse(run("record", "-m", file, "-").out());
    MachineDescription anonymous =
        MachineDescription.parse(run("record", "--anonymous", "-m", file, "-").out());
    assertSame(named.root(), anonymous.root());
    assertThat(anonymous.facts()).isEqualTo(named.facts());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "System RAM (dbhost7)",
        "CXL Window dbhost7",
        "PCI MMCONFIG dbhost7",
        "PCI ECAM 0000 [bus 00-ff] dbhost7",
        "Device Backed Vmemmap dbhost7",
        "MSFT0101:00 dbhost7",
        "MSFT0101:00 name with dbhost7",
        "fe201000.dbhost7",
        "fe201000.dbhost7 dbhost7@7e201000",
        "dbhost7@7e201000",
        "fe201000.plic dbhost7",
        "APEI DBHOST",
        "APEI dbhost7",
        "dbhost7"
      })
  @DisplayName("what is not Linux's in a name is replaced, and the name stays of its kind")
  void openNames(String name) throws IOException {
    String map = "00100000-3fffffff : System RAM\nfe201000-fe201fff : " + name + "\n";
    Path file = Files.writeString(folder.resolve("open.iomem"), map);
    CommandRun recorded = run("record", "--anonymous", "-m", file.toString(), "-");
    assertThat(recorded.out()).doesNotContainIgnoringCase("dbhost").contains("name1");
    MachineDescription read = MachineDescription.parse(recorded.out());
    assertSame(MachineDescription.parse(map).root(), read.root());
    assertThat(read.architecture()).isEqualTo(MachineDescription.parse(map).architecture());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "System RAM (kmem)",
        "CXL Window 0",
        "PCI MMCONFIG 0000 [bus 00-ff]",
        "Device Backed Vmemmap",
        "MSFT0101:00 MSFT0101:00",
        "Persistent Memory (legacy)",
        "APEI ERST",
        "APEI EINJ",
        "APEI BERT",
        "<BAD>"
      })
  @DisplayName("a name that Linux gives stays as it is")
  void linuxNames(String name) throws IOException {
    String map = "00100000-3fffffff : System RAM\nfe201000-fe201fff : " + name + "\n";
    Path file = Files.writeString(folder.resolve("linux.iomem"), map);
    assertThat(run("record", "--anonymous", "-m", file.toString(), "-").out()).isEqualTo(map);
  }

  /** A report of a host, in a folder that has its name: two lines there cannot be understood. */
  private Path report() throws IOException {
    Path report = Files.createDirectories(folder.resolve("sosreport-dbhost7"));
    Path field = FIELD.resolve("further");
    Files.copy(field.resolve("box.strict"), report.resolve("iomem"));
    Files.copy(field.resolve("box.cpuinfo"), report.resolve("cpuinfo"));
    Files.copy(field.resolve("box.lspci"), report.resolve("lspci"));
    Files.copy(field.resolve("box.dmesg"), report.resolve("dmesg"));
    Files.writeString(
        report.resolve("mtrr"),
        Files.readString(field.resolve("box.mtrr")) + "alice@dbhost7:~$ logout\n");
    Files.writeString(
        report.resolve("pat_memtype_list"),
        Files.readString(field.resolve("box.pat")) + "PAT: [alice@dbhost7]\n");
    return report;
  }

  @Test
  @DisplayName("--anonymous says what kind of file a fact was read from, and no name or line of it")
  void anonymousReport() throws IOException {
    String report = report().toString();
    CommandRun named = run("record", "-m", report, "-");
    assertThat(named.out()).contains("dbhost7", "alice");
    CommandRun recorded = run("record", "--anonymous", "-m", report, "-");
    assertThat(recorded.out())
        .startsWith(
            "# recorded: kernel from dmesg, phys-bits from /proc/cpuinfo,"
                + " mtrr from /proc/mtrr without the default type,"
                + " memtype from pat_memtype_list, bar from lspci, drivers from lspci\n")
        .doesNotContain("dbhost7", "alice", folder.toString());

    Path file = Files.writeString(folder.resolve("anonymous"), recorded.out());
    assertThat(run("record", "--anonymous", "-m", file.toString(), "-").out())
        .as("recorded again")
        .isEqualTo(recorded.out());
    MachineDescription read = MachineDescription.parse(recorded.out());
    MachineDescription whole = MachineDescription.parse(named.out());
    assertThat(read.mtrrs()).isEqualTo(whole.mtrrs());
    assertThat(read.memtypes()).isEqualTo(whole.memtypes());
    assertSame(whole.root(), read.root());
  }

  @Test
  @DisplayName("files whose names have several lines are recorded in one")
  void nameOfTwoLines() throws IOException {
    Path field = FIELD.resolve("further");
    String map = field.resolve("box.strict").toString();
    Path lspci = Files.copy(field.resolve("box.lspci"), folder.resolve("l\n# arch=s390x"));
    Path dmesg = Files.copy(field.resolve("box.dmesg"), folder.resolve("d\n# arch=s390x"));
    CommandRun recorded =
        run("record", "-m", map, "--lspci", lspci.toString(), "--dmesg", dmesg.toString(), "-");
    assertThat(recorded.out().lines())
        .filteredOn(line -> line.contains("arch="))
        .singleElement()
        .asString()
        .matches(
            "# recorded: kernel from .*d.# arch=s390x, bar from .*l.# arch=s390x, drivers from"
                + " .*l.# arch=s390x");
  }

  @Test
  @DisplayName("a device that bar= names is called what the map calls it")
  void anonymousBar() throws IOException {
    Path file =
        Files.writeString(
            folder.resolve("bars.iomem"),
            """
            # recorded: bar from /home/alice/dbhost7.txt
            # bar=0000:03:00.0,0,0xfd000000+0x1000,secretdrv
            # bar=dbhost7,2,0xfd002000+0x1000,prefetch
            fd000000-fd000fff : 0000:03:00.0
              fd000000-fd000fff : secretdrv
            fd002000-fd002fff : dbhost7
            """);
    assertThat(run("record", "--anonymous", "-m", file.toString(), "-").out())
        .isEqualTo(
            """
            # recorded: bar from lspci, drivers from lspci
            # bar=0000:03:00.0,0,0xfd000000+0x1000,name1
            # bar=name2,2,0xfd002000+0x1000,prefetch
            fd000000-fd000fff : 0000:03:00.0
              fd000000-fd000fff : name1
            fd002000-fd002fff : name2
            """);
  }

  private static void assertSame(Resource named, Resource anonymous) {
    assertThat(anonymous.children()).hasSameSizeAs(named.children());
    for (int i = 0; i < named.children().size(); i++) {
      Resource one = named.children().get(i);
      Resource other = anonymous.children().get(i);
      assertThat(other.range()).isEqualTo(one.range());
      assertThat(other.kind()).as("kind of %s", one).isEqualTo(one.kind());
      assertThat(other.isBusy()).as("whether %s is busy", one).isEqualTo(one.isBusy());
      assertSame(one, other);
    }
  }
}
