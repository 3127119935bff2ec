// SPDX-License-Identifier: Apache-2.0
package dev.memremap.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** With scripts in the places of launchers, which write down how they were started. */
class WarmStartsTest {
  private static final WarmStarts IOMEM = WarmStarts.of("iomem", "-m", WarmStarts.MACHINE);

  @TempDir private Path folder;

  private Path log;
  private Path here;
  private Path there;

  @BeforeEach
  void launchers() throws IOException {
    log = folder.resolve("log");
    here = launcher("here", "");
    there = launcher("there", "");
  }

  private Path launcher(String name, String more) throws IOException {
    Path tree = Files.createDirectories(folder.resolve(name));
    Path script =
        Files.writeString(
            tree.resolve("memremap"),
            "#!/bin/sh\necho \"%s $MEMREMAP_AOT $_JAVA_OPTIONS $*\" >>'%s'\n%s\n"
                .formatted(name, log, more));
    assertThat(script.toFile().setExecutable(true)).isTrue();
    return script;
  }

  private List<String> started() throws IOException {
    return Files.readAllLines(log).stream()
        .filter(line -> line.contains("AOTMode=on"))
        .map(line -> line.substring(0, line.indexOf(' ')))
        .toList();
  }

  @Test
  @DisplayName("two launchers are started in turn, as often; who goes first changes pair by pair")
  void inTurn() throws Exception {
    WarmStarts.Pairs pairs = IOMEM.inTurn(here, there, true, false);
    assertThat(pairs.here()).hasSize(12).allMatch(took -> took > 0);
    assertThat(pairs.there()).hasSize(12).allMatch(took -> took > 0);
    // the first pair warms the disk's cache
    assertThat(started()).hasSize(26).startsWith("here", "there", "there", "here", "here", "there");
    Files.delete(log);
    assertThat(IOMEM.inTurn(here, there, false, true).there()).hasSize(1);
    assertThat(started()).containsExactly("there", "here", "here", "there");
  }

  @Test
  @DisplayName("both are started with their caches, on the machine file of this version")
  void words() throws Exception {
    IOMEM.inTurn(here, there, true, true);
    Path machine = here.resolveSibling("examples/machines/qemu-2g.iomem");
    assertThat(Files.readAllLines(log))
        .startsWith("here off  --version", "there off  --version")
        .filteredOn(line -> line.contains("AOTMode=on"))
        .contains(
            "here on -XX:AOTMode=on iomem -m " + machine,
            "there on -XX:AOTMode=on iomem -m " + machine);
  }

  @Test
  @DisplayName("a command that the other version lacks is no failure, and is said with its words")
  void notThere() throws IOException {
    Path old =
        launcher(
            "old",
            "[ \"$1\" = --version ] || { echo \"memremap: no $1\" >&2; echo more; exit 2; }");
    assertThatThrownBy(() -> IOMEM.inTurn(here, old, true, false))
        .isInstanceOf(WarmStarts.NotThere.class)
        .hasMessage("there, 'memremap iomem' ends with status 2: memremap: no iomem");
    assertThat(started()).isEmpty();
  }

  @Test
  @DisplayName("a launcher that cannot build, and a command that fails here, are failures")
  void fails() throws IOException {
    Path broken = launcher("broken", "exit 2");
    assertThatThrownBy(() -> IOMEM.inTurn(here, broken, true, false))
        .isInstanceOf(IOException.class)
        .hasMessageEndingWith("--version] ended with status 2");
    Path refusing = launcher("refusing", "[ \"$1\" = --version ]");
    assertThatThrownBy(() -> IOMEM.inTurn(refusing, there, true, false))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("iomem")
        .hasMessageEndingWith("ended with status 1");
  }

  @Test
  @DisplayName("the median of an even number of costs lies between the two in the middle")
  void median() {
    assertThat(WarmStarts.median(List.of(9.0, 1.0, 5.0))).isEqualTo(5);
    assertThat(WarmStarts.median(List.of(9.0, 1.0, 5.0, 6.0))).isEqualTo(5.5);
  }
}
