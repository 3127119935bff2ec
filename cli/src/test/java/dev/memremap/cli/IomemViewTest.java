// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.STRING;

import dev.memremap.cli.terminal.Letters;
import dev.memremap.machine.MachineDescription;
import dev.memremap.reading.Reading;
import dev.memremap.resource.ResourceSnapshot;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine.Help;
import picocli.CommandLine.Help.Ansi;

/** How the lines of a resource tree fit a terminal. */
class IomemViewTest {
  private static final MachineDescription MACHINE =
      MachineDescription.parse(
          """
          00001000-3fffffff : System RAM
            01000000-01ffffff : Kernel code
          40000000-4fffffff : Persistent Memory
          """);

  private static List<String> lines(int width, Ansi ansi) {
    return lines(MACHINE, width, ansi, Letters.UTF_8);
  }

  private static List<String> lines(
      MachineDescription machine, int width, Ansi ansi, Letters letters) {
    IomemFilter all = new IomemFilter(null, Set.of());
    return new IomemView(machine, all)
        .lines(
            all.in(new ResourceSnapshot(machine.root())),
            false,
            Help.defaultColorScheme(ansi),
            width,
            letters);
  }

  /** Names of wide letters, of letters that combine, and one that turns letters round. */
  private static final MachineDescription NAMES =
      MachineDescription.parse(
          """
          00001000-3fffffff : \u5bbd\u5b57\u7b26\u8bbe\u5907
          40000000-4fffffff : e\u0301clair
          50000000-5fffffff : \u202ertl
          """);

  @ParameterizedTest
  @ValueSource(ints = {70, 80, 100, 120})
  @DisplayName("a name counts as the columns that a terminal shows it in")
  void columns(int width) {
    assertThat(lines(NAMES, width, Ansi.OFF, Letters.UTF_8))
        .allMatch(line -> Letters.UTF_8.columns(line) <= width);
    IomemFilter all = new IomemFilter(null, Set.of());
    List<String> table =
        IomemColumn.table(
            List.of(IomemColumn.NAME, IomemColumn.START),
            all.in(new ResourceSnapshot(NAMES.root())),
            false,
            Letters.UTF_8);
    assertThat(table.stream().skip(1))
        .extracting(line -> Letters.UTF_8.columns(line.substring(0, line.indexOf("0x"))))
        .containsOnly(12);
    IomemDiff diff = IomemDiff.between(NAMES.root(), NAMES.root());
    assertThat(diff.lines("a", "b", Letters.UTF_8).stream().skip(1).limit(3))
        .extracting(line -> line.substring(0, line.lastIndexOf(" : ") - 17))
        .extracting(Letters.UTF_8::columns)
        .containsOnly(55);
  }

  @Test
  @DisplayName("a name is shown without what would command a terminal, and is whole in JSON")
  void plainNames() {
    assertThat(String.join("\n", lines(NAMES, 100, Ansi.OFF, Letters.UTF_8)))
        .contains("?rtl")
        .doesNotContain("\u202e");
    IomemView view = new IomemView(NAMES, new IomemFilter(null, Set.of()));
    assertThat(view.toJson(new Reading(NAMES, List.of(), List.of()))).contains("\u202ertl");
  }

  @Test
  @DisplayName("totals end at one column, in bytes, too")
  void totals() {
    MachineDescription large =
        MachineDescription.parse(
            """
            00001000-3fffffff : System RAM
            100000000-ffffffffff : Reserved
            """);
    for (boolean bytes : new boolean[] {false, true}) {
      assertThat(new IomemView(large, new IomemFilter(null, Set.of())).totals(bytes))
          .hasSize(2)
          .satisfies(lines -> assertThat(lines.getFirst()).hasSameSizeAs(lines.getLast()));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {70, 80, 100, 120})
  @DisplayName("no line is longer than the terminal is wide, and nothing but meanings is cut")
  void fits(int width) {
    List<String> fitted = lines(width, Ansi.OFF);
    assertThat(fitted).allMatch(line -> line.length() <= width);
    String all =
        lines(Integer.MAX_VALUE, Ansi.OFF).stream()
            .map(line -> line.replaceAll("  — .*", ""))
            .collect(Collectors.joining(" "))
            .replaceAll(" +", " ");
    String some =
        fitted.stream()
            .map(line -> line.replaceAll("  — .*", ""))
            .collect(Collectors.joining(" "))
            .replaceAll(" +", " ");
    assertThat(some).isEqualTo(all);
  }

  @Test
  @DisplayName("a meaning that is cut ends in dots, with colours and without")
  void cut() {
    assertThat(lines(80, Ansi.OFF))
        .anyMatch(line -> line.matches("00001000-3fffffff +\\S+  System RAM  — ordinary memor.*…"));
    assertThat(lines(80, Ansi.ON)).anyMatch(line -> line.contains("\u001b[") && line.endsWith("…"));
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("a long name is whole, and its meaning is left out for want of room")
  void longName(Letters letters) {
    String name = "a-name-that-is-longer-than-half-of-a-usual-terminal";
    MachineDescription machine =
        MachineDescription.parse(
            "00001000-3fffffff : " + name + "\n40000000-4fffffff : Persistent Memory\n");
    List<String> lines = lines(machine, 80, Ansi.OFF, letters);
    assertThat(lines).anyMatch(line -> line.endsWith("  " + name));
    assertThat(lines)
        .filteredOn(line -> line.startsWith("4"))
        .singleElement(STRING)
        .hasSizeLessThanOrEqualTo(80)
        .contains("  Persistent Memory  ")
        .endsWith(letters.cut());
  }

  @ParameterizedTest
  @ValueSource(ints = {60, 70, 71, 80, 1000})
  @DisplayName("in ASCII no line has other letters, and none is longer than the terminal")
  void ascii(int width) {
    String map = "40000000-4fffffff : Persistent Memory (legacy)\n50000000-50000fff : Reserved\n";
    assertThat(lines(MachineDescription.parse(map), width, Ansi.OFF, Letters.ASCII))
        .filteredOn(line -> line.startsWith("40") || line.startsWith("50"))
        .hasSize(2)
        .allMatch(line -> line.chars().allMatch(letter -> letter < 0x80))
        .allMatch(line -> line.length() <= Math.max(width, 72));
  }
}
