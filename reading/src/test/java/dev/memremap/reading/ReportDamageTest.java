// SPDX-License-Identifier: Apache-2.0
package dev.memremap.reading;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A report with a file that cannot be read is read without it, and that is said. */
class ReportDamageTest {
  private static final byte[] CUT = Arrays.copyOf(Archives.gzip(new byte[5000]), 20);
  private static final String LOG =
      "Linux version 6.12.9-amd64 (gcc)\nBIOS-e820: [mem 0x100000-0x7fffffff] usable\n";

  @TempDir private Path temp;

  private Path put(String name, String text) {
    return Archives.write(temp.resolve("report").resolve(name), text);
  }

  private Path put(String name, byte[] bytes) {
    return Archives.write(temp.resolve("report").resolve(name), bytes);
  }

  private Reading read() {
    return MachineReader.of(temp.resolve("report")).read();
  }

  private void assertDoubt(Reading reading, String file, String said) {
    assertThat(reading.machine().root().children()).isNotEmpty();
    assertThat(reading.isInDoubt()).isTrue();
    assertThat(reading.lines()).singleElement().asString().contains(file).contains(said);
  }

  @Test
  @DisplayName("a damaged file in a folder is left out by its own name")
  void damaged() {
    put("proc/iomem", Archives.MAP);
    put("proc/cpuinfo.gz", CUT);
    assertDoubt(read(), "report/proc/cpuinfo.gz", "left out: it cannot be read (it ends too early");
  }

  @Test
  @DisplayName("a damaged file in an archive is left out by its own name")
  void damagedInArchive() {
    byte[] archive =
        Archives.tar(
            tar -> {
              Archives.add(tar, "proc/cpuinfo.gz", CUT);
              Archives.add(tar, "proc/iomem", Archives.MAP);
            });
    Archives.write(temp.resolve("report"), archive);
    assertDoubt(read(), "report:proc/cpuinfo.gz", "left out: it cannot be read (it ends too early");
  }

  @Test
  @DisplayName("an archive that is cut behind its map is read in part; before it, refused")
  void cutArchive() {
    byte[] archive =
        Archives.tar(
            tar -> {
              Archives.add(tar, "proc/iomem", Archives.MAP);
              Archives.add(tar, "proc/random", new byte[100_000]);
            });
    Archives.write(temp.resolve("report"), Arrays.copyOf(archive, 5000));
    assertDoubt(read(), "report: ", "only its beginning was read");
    Archives.write(temp.resolve("report"), Arrays.copyOf(archive, 560));
    assertThatThrownBy(this::read)
        .hasMessageStartingWith(temp.resolve("report") + ": cannot be read (")
        .hasMessageNotContaining("null");
  }

  @Test
  @DisplayName("a better file of a role counts, wherever an archive has it")
  void better() {
    byte[] archive =
        Archives.tar(
            tar -> {
              Archives.add(tar, "a/b/iomem", "00001000-00001fff : System RAM\n");
              Archives.add(tar, "a/iomem", Archives.MAP);
              Archives.add(tar, "a/b/c/iomem.gz", CUT);
            });
    Archives.write(temp.resolve("report"), archive);
    Reading reading = read();
    assertThat(reading.machine().root().children()).hasSize(2);
    assertThat(reading.remarks()).isEmpty();
  }

  @Test
  @DisplayName("a log larger than any that is read is left out")
  void largeLog() {
    put("proc/iomem", Archives.MAP);
    put("var/log/kern.log", new byte[(32 << 20) + 1]);
    assertDoubt(read(), "kern.log", "left out: it cannot be read (more than 32 MiB");
  }

  @ParameterizedTest
  @ValueSource(strings = {"system.journal", "user-1000.journal", "system@0006.journal~"})
  @DisplayName("a journal as systemd keeps it is not taken for a log")
  void binaryJournal(String name) {
    put("var/log/" + name, "LPKSHHRH\0\0\0 Linux version 1.2 [mem 0x");
    put("var/log/other/journalctl_--boot", LOG);
    Reading reading = read();
    assertThat(reading.machine().kernel()).isEqualTo("6.12.9-amd64");
    assertThat(reading.machine().root().children()).hasSize(1);
  }

  @Test
  @DisplayName("a table that is wrong spoils a report no more than one that is missing")
  void wrongTable() throws IOException {
    put("proc/iomem", Archives.MAP);
    Path cpuinfo = put("proc/cpuinfo", "address sizes\t: 999 bits physical, 48 bits virtual\n");
    assertDoubt(read(), "proc/cpuinfo", "left out: phys-bits");
    Path map = temp.resolve("report/proc/iomem");
    assertThatThrownBy(() -> MachineReader.of(map).beside(FactFile.CPUINFO, cpuinfo).read())
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  @DisplayName("a folder that may not be read does not end the search")
  void unreadableFolder() throws IOException {
    put("proc/iomem", Archives.MAP);
    Path secret = put("a/secret/iomem", Archives.MAP).getParent();
    Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString("---------"));
    try {
      assumeThat(Files.isReadable(secret)).as("root reads everything").isFalse();
      assertDoubt(read(), "report/a/secret", "left out: it cannot be read (permission denied)");
    } finally {
      Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString("rwx------"));
    }
  }

  @Test
  @DisplayName("a link to a folder is the folder, and its files have the link's name")
  void link() throws IOException {
    put("proc/iomem", Archives.MAP);
    put("proc/cpuinfo.gz", CUT);
    Path link = Files.createSymbolicLink(temp.resolve("link"), temp.resolve("report"));
    assertDoubt(MachineReader.of(link).read(), link + "/proc/cpuinfo.gz", "left out");
  }

  @Test
  @DisplayName("what lies too deep is said not to have been looked at")
  void deep() {
    put("proc/iomem", Archives.MAP);
    put("a/".repeat(14) + "cpuinfo", "address sizes : 40 bits physical");
    assertDoubt(read(), "report: ", "more than 12 folders deep");
  }

  @ParameterizedTest
  @ValueSource(strings = {"evil\u001b[31m\n/iomem", "evil\u202e/iomem"})
  @DisplayName("a name from an archive cannot command a terminal, nor begin a line of a record")
  void names(String name) {
    byte[] archive =
        Archives.tar(
            tar -> {
              Archives.add(tar, name, "> " + Archives.MAP.replace("\n0", "\n> 0"));
              Archives.add(
                  tar, name.replace("iomem", "cpuinfo"), "address sizes : 40 bits physical");
            });
    Archives.write(temp.resolve("report"), archive);
    Reading reading = read();
    assertThat(reading.machine().physBits()).isEqualTo(40);
    assertThat(reading.remarks()).isNotEmpty();
    assertThat(reading.lines() + reading.machine().toText().replace("\n", "") + reading.facts())
        .contains("evil?")
        .doesNotContainPattern("[\\p{Cntrl}\u202e]");
  }

  @Test
  @DisplayName("files that cannot be read are said to be so in words, without their path twice")
  void sentences() {
    Path missing = temp.resolve("missing");
    assertThatThrownBy(() -> MachineReader.of(missing).read())
        .hasMessage(missing + ": no such file");
    Path cut = put("cut.gz", CUT);
    assertThatThrownBy(() -> MachineReader.of(cut).read())
        .hasMessage(cut + ": cannot be read (it ends too early, and may be cut)");
    Path xz = put("cut.xz", Arrays.copyOf(Archives.xzOfZeros(1), 30));
    assertThatThrownBy(() -> MachineReader.of(xz).read())
        .hasMessage(xz + ": cannot be read (it ends too early, and may be cut)");
    assertThat(UnreadableFile.of("x", new java.nio.file.AccessDeniedException("x")))
        .hasMessage("x: cannot be read (permission denied)");
    assertThat(UnreadableFile.of("x", new java.nio.file.FileSystemException("x")))
        .hasMessage("x: cannot be read (the system gives no reason)");
  }
}
