// SPDX-License-Identifier: Apache-2.0
package dev.memremap.reading;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.memremap.machine.MachineDescription;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What logs, lists and tables say, read whole and without a word too many. */
class ReadingFaultsTest {
  private static final String BUS = "e0000000-efffffff : PCI Bus 0000:00\n";

  @TempDir private Path temp;

  private Path file(String name, String text) {
    return Archives.write(temp.resolve(name), text);
  }

  private static FileText text(String text) {
    return FileText.of("file", text.getBytes(StandardCharsets.UTF_8));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "[virtual] Memory at e0000000 (32-bit, non-prefetchable) [size=1M]",
        "[enhanced] Memory at e0000000 (32-bit, non-prefetchable) [size=1M]",
        "Memory at e0000000 (32-bit, non-prefetchable) [virtual] [size=1M]",
        "Memory at e0000000 (32-bit, non-prefetchable) [disabled] [size=1M]",
        "[virtual] Memory at e0000000 (32-bit, non-prefetchable) [disabled] [size=1M]"
      })
  @DisplayName("lspci marks a region before or behind its address")
  void marks(String region) {
    assertThat(LspciList.bars(text("0a:00.0 VGA\n\tRegion 0: " + region + "\n")))
        .extracting(MachineDescription.Bar::toString)
        .containsExactly("0000:0a:00.0,0,0xe0000000+0x100000");
  }

  @Test
  @DisplayName("a driver's name with a control character is left out")
  void driver() {
    String list =
        "0a:00.0 VGA\n\tRegion 0: Memory at e0000000 (32-bit) [size=1M]\n"
            + "\tKernel driver in use: %s\n";
    assertThat(LspciList.bars(text(list.formatted("i2c_i801"))))
        .first()
        .extracting("driver")
        .isEqualTo("i2c_i801");
    assertThat(LspciList.bars(text(list.formatted("a\u001b[31m"))))
        .first()
        .extracting("driver")
        .isNull();
  }

  @Test
  @DisplayName("a BAR that the map's head gives already is left out, and the head's stays")
  void givenTwice() {
    Path map = file("map", "# bar=0000:0a:00.0,0,0xe0000000+0x1000\n" + BUS);
    Path lspci = file("lspci", "0a:00.0 VGA\n\tRegion 0: Memory at e0000000 (32-bit) [size=1M]\n");
    Reading reading = MachineReader.of(map).beside(FactFile.LSPCI, lspci).read();
    assertThat(reading.machine().bars()).hasSize(1);
    assertThat(reading.facts()).isEmpty();
    assertThat(reading.lines().toString())
        .contains("left out: BAR 0 of 0000:0a:00.0 at 0xe0000000-0xe00fffff, given already");
  }

  @ParameterizedTest
  @CsvSource({
    "'efi: mem00: [Conventional|   |WB] range=[0x%s-0x%s] (1MB)', x86",
    "'efi: mem00: type=7, attr=0xf, range=[0x%s-0x%s) (1MB)', old x86",
    "'efi:  0x%s-0x%s [Conventional|   |WB]', arm64"
  })
  @DisplayName("of two boots' EFI maps in one log the last is taken, and that is said")
  void boots(String line) {
    String first = line.formatted("00100000", "7fffffff") + "\n";
    String second = line.formatted("00100000", "3fffffff") + "\n";
    Remarks remarks = new Remarks();
    MachineDescription machine = MapFile.read(text(first + second), remarks);
    assertThat(machine.root().children()).singleElement().asString().contains("3fff");
    assertThat(remarks.all())
        .anyMatch(
            each -> each.sentence().equals("it holds 2 EFI maps, of which the last was taken"));
  }

  @Test
  @DisplayName("a log alone tells the kernel's release, too")
  void kernelOfLog() {
    Path log =
        file(
            "dmesg.txt",
            "Linux version 6.1.0-9-amd64 (gcc)\nBIOS-e820: [mem 0x100000-0x7fffffff] usable\n");
    Reading reading = MachineReader.of(log).read();
    assertThat(reading.machine().kernel()).isEqualTo("6.1.0-9-amd64");
    assertThat(reading.facts())
        .containsExactly(new FileFact("kernel", "6.1.0-9-amd64", log.toString()));
  }

  @Test
  @DisplayName("a kernel's release ends before what no release has")
  void kernelOfBadLog() {
    Path map = file("map", Archives.MAP);
    Path log = file("dmesg", "Linux version 6.1\u001b[31m\n");
    Reading reading = MachineReader.of(map).beside(FactFile.DMESG, log).read();
    assertThat(reading.machine().kernel()).isEqualTo("6.1");
  }

  @Test
  @DisplayName("a log whose map is wrong leaves the machine as it is, in doubt")
  void comparedLog() {
    Path map = file("map", Archives.MAP);
    Path log = file("dmesg", "Linux version 6.1\nBIOS-e820: [mem 0x7fffffff-0x100000] usable\n");
    Reading reading = MachineReader.of(map).beside(FactFile.DMESG, log).read();
    assertThat(reading.machine().kernel()).isEqualTo("6.1");
    assertThat(reading.lines())
        .containsExactly(
            log
                + ": its map was not compared with "
                + map
                + ": line 2: the range 7fffffff-100000 holds nothing");
  }

  @ParameterizedTest
  @CsvSource({"1, the first resource", "3, the first 3 resources"})
  @DisplayName("resources of zeros before others are left out, and that is said")
  void zeros(int count, String said) {
    Remarks remarks = new Remarks();
    MachineDescription machine =
        MapFile.read(
            text("> 00000000-00000000 : Reserved\n".repeat(count) + Archives.MAP), remarks);
    assertThat(machine.root().children()).hasSize(2);
    assertThat(remarks.all())
        .filteredOn(each -> each.kind() == Remark.Kind.DOUBT)
        .extracting(Remark::sentence)
        .singleElement()
        .asString()
        .contains(said);
  }

  @Test
  @DisplayName("a map of nothing but zeros is refused")
  void onlyZeros() {
    assertThatThrownBy(() -> MapFile.read(text("> 00000000-00000000 : Reserved\n"), new Remarks()))
        .hasMessageContaining("every address is zero");
  }

  @ParameterizedTest
  @EnumSource(
      value = FactFile.class,
      names = {"CPUINFO", "MTRR", "PAT"})
  @DisplayName("a shell's prompts around a table are left out of it")
  void prompts(FactFile kind) {
    String table =
        switch (kind) {
          case CPUINFO -> "address sizes\t: 40 bits physical, 48 bits virtual";
          case MTRR -> "reg00: base=0x0c0000000 ( 3072MB), size= 1024MB, count=1: uncachable";
          default -> "PAT: [mem 0x00000000e0000000-0x00000000e0300000] write-combining";
        };
    List<String> prompts =
        List.of("alice@dbhost:~$ cat /" + kind.path(), "# cat /" + kind.path(), "root@host:~#");
    for (String prompt : prompts) {
      Path map = file("map", Archives.MAP);
      Path file = file("table", prompt + "\n" + table + "\n" + prompt + "\n");
      MachineDescription machine = MachineReader.of(map).beside(kind, file).read().machine();
      assertThat(machine.toText()).doesNotContain("skipped", "host");
      Path plain = file("table", table + "\n");
      MachineDescription right = MachineReader.of(map).beside(kind, plain).read().machine();
      assertThat(machine.toText()).isEqualTo(right.toText());
      assertThat(machine.facts()).isEqualTo(right.facts());
    }
  }
}
