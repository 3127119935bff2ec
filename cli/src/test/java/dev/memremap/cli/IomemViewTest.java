// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memremap.machine.MachineDescription;
import dev.memremap.resource.ResourceSnapshot;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
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
    IomemFilter all = new IomemFilter(null, Set.of());
    return new IomemView(MACHINE, all)
        .lines(
            all.in(new ResourceSnapshot(MACHINE.root())),
            false,
            Help.defaultColorScheme(ansi),
            width);
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
}
