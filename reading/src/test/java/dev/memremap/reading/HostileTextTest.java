// SPDX-License-Identifier: Apache-2.0
package dev.memremap.reading;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Texts whose lines or ranges would keep a pattern or a table busy for hours. */
class HostileTextTest {
  /** Far beyond what a busy machine needs; without bounds it would be hours. */
  private static final Duration HANG = Duration.ofMinutes(5);

  private static final int LONG = 3_000_000;

  @TempDir private Path temp;

  private static void read(String text) {
    FileText file = FileText.of("pasted", text.getBytes(StandardCharsets.UTF_8));
    assertTimeoutPreemptively(HANG, () -> MapFile.read(file, new Remarks()));
  }

  @ParameterizedTest
  @CsvSource({"a, ''", "sudo , '$ '", "x@, ''", "' ', '> '", "'- ', ''"})
  @DisplayName("a line too long for any map is refused with its number, whatever it says")
  void longLine(String piece, String beginning) {
    String text = beginning + (piece + " ").substring(0, piece.length()).repeat(LONG);
    assertThatThrownBy(() -> read(Archives.MAP + text + "\n" + Archives.MAP))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("pasted:3: ")
        .hasMessageContaining("more than 4096 characters");
  }

  @ParameterizedTest
  @CsvSource({"a", "'abc '", "' a'", "'a@b '"})
  @DisplayName("many lines of a length that maps may have are read in a time that grows with them")
  void manyLines(String piece) {
    String line = piece.repeat(4_000 / piece.length()) + "\n";
    assertThatThrownBy(() -> read(line.repeat(1_000) + "no map\n"))
        .isInstanceOf(IllegalArgumentException.class);
    read(line.repeat(500) + Archives.MAP);
  }

  @Test
  @DisplayName("a long line of a log is passed over")
  void longLineOfLog() {
    read(
        "BIOS-e820: [mem 0x0000000000100000-0x000000007fffffff] usable\n"
            + "[mem 0x0-0x1] ".repeat(LONG / 10)
            + "\nefi: mem00: "
            + "[".repeat(LONG)
            + "\n");
  }

  @Test
  @DisplayName("a region of lspci with a hundred thousand marks is passed over")
  void marks() {
    String region = "\tRegion 0: Memory at e0000000 (64-bit)%s [size=1M]\n";
    FileText list =
        FileText.of(
            "lspci",
            ("0a:00.0 VGA\n" + region.formatted(" [virtual]".repeat(100_000)))
                .getBytes(StandardCharsets.UTF_8));
    assertThat(LspciList.bars(list)).isEmpty();
  }

  @Test
  @DisplayName("a firmware's map of more ranges than a kernel keeps is refused with its line")
  void ranges() {
    StringBuilder log = new StringBuilder();
    for (int i = 1; i <= 3_000; i++) {
      log.append(
          "BIOS-e820: [mem 0x%x-0x%x] usable\n".formatted((long) i << 20, ((long) i << 20) + 4095));
      log.append("e820: update [mem 0x0-0xfffffffffffff] usable ==> reserved\n");
    }
    assertThatThrownBy(() -> read(log.toString()))
        .hasMessageStartingWith("pasted:2049: ")
        .hasMessageContaining("more than 1024 ranges");
  }

  @Test
  @DisplayName("a firmware's map that changes without end is refused")
  void changes() {
    String log =
        "BIOS-e820: [mem 0x100000-0x7fffffff] usable\n"
            + "e820: update [mem 0x200000-0x200fff] usable ==> reserved\n".repeat(70_000);
    assertThatThrownBy(() -> read(log)).hasMessageContaining("changes more than 65536 times");
  }

  @Test
  @DisplayName("ten thousand BARs are added at once, and those left out are one remark")
  void bars() {
    StringBuilder list = new StringBuilder();
    for (int i = 0; i < 10_000; i++) {
      list.append("%04x:00:00.0 VGA\n".formatted(i));
      list.append("\tRegion 0: Memory at e0000000 (64-bit) [size=4K]\n");
      list.append("\tRegion 2: Memory at d0000000 (64-bit) [size=4K]\n");
    }
    Path map =
        Archives.write(temp.resolve("map"), Archives.MAP + "e0000000-efffffff : PCI Bus 0000:00\n");
    Path lspci = Archives.write(temp.resolve("lspci"), list.toString());
    Reading reading =
        assertTimeoutPreemptively(
            HANG, () -> MachineReader.of(map).beside(FactFile.LSPCI, lspci).read());
    assertThat(reading.machine().bars()).hasSize(10_000);
    assertThat(reading.facts()).hasSize(10_000).noneMatch(fact -> fact.value().contains("d0000"));
    assertThat(reading.remarks().getFirst().sentence())
        .isEqualTo(
            "left out: 10000 BARs, in no resource of the map but System RAM; the first is BAR 2 of"
                + " 0000:00:00.0 at 0xd0000000-0xd0000fff");
  }

  @Test
  @DisplayName("four thousand BARs of a pasted head are added at once, each checked by its line")
  void barsOfHead() {
    StringBuilder head = new StringBuilder("> # a comment\n");
    for (int i = 0; i < 4_090; i++) {
      head.append("> # bar=%04x:00:00.0,0,0x%x+0x1000\n".formatted(i, 0xe0000000L + (i << 12)));
    }
    String map = "> e0000000-efffffff : PCI Bus 0000:00\n";
    FileText file = FileText.of("pasted", (head + map).getBytes(StandardCharsets.UTF_8));
    assertThat(MapFile.read(file, new Remarks()).bars()).hasSize(4_090);
    for (String wrong :
        List.of("0001:00:00.0,0,0xe0000000+0x1000", "f000:00:00.0,0,0x1000+0x1000")) {
      assertThatThrownBy(() -> read(head + "> # bar=" + wrong + "\n> # phys-bits=what\n" + map))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageStartingWith("pasted:4092: ")
          .hasMessageContaining(wrong.substring(0, 12));
    }
  }

  @Test
  @DisplayName("a list of lsmem in JSON that is longer than any is not made into a tree")
  void json() {
    assertThatThrownBy(() -> read("{\"memory\": [" + "1,".repeat(4 << 20) + "1]}"))
        .hasMessageContaining("at most 4 MiB");
  }

  @Test
  @DisplayName("many facts of a head, and many gaps, cost no more than one sentence each")
  void headAndGaps() {
    StringBuilder head = new StringBuilder("> # a comment\n");
    for (int i = 0; i < 20_000; i++) {
      head.append("> # memtype=0x%x+0x1000:WB\n".formatted(i << 12));
    }
    assertThatThrownBy(() -> read(head + "> " + Archives.MAP))
        .hasMessageContaining("more than 4096 facts");

    Remarks remarks = new Remarks();
    MapFile.read(
        FileText.of("pasted", ("--\n".repeat(500) + Archives.MAP).getBytes(StandardCharsets.UTF_8)),
        remarks);
    assertThat(remarks.all()).hasSizeLessThan(6);
  }
}
