// SPDX-License-Identifier: Apache-2.0
package dev.memremap;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memremap.LostMemoryReader.Way;
import dev.memremap.testing.ChildJvm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The table of docs/lost-memory.md, whose cells are made by programs. */
class LostMemoryTableTest {
  private static final Path DOCUMENT = Path.of("../docs/lost-memory.md");
  private static final int ENOUGH_FOR_THE_COMPILERS = 20_000;

  @TempDir Path directory;

  private static List<List<String>> rows() throws IOException {
    return Files.readAllLines(DOCUMENT).stream()
        .filter(line -> line.startsWith("| ") && !line.startsWith("| way"))
        .map(line -> Arrays.stream(line.split("\\|")).skip(1).map(String::strip).toList())
        .toList();
  }

  private String outcome(Way way, int rounds) throws IOException, InterruptedException {
    ChildJvm child =
        ChildJvm.run(directory, List.of(), LostMemoryReader.class, way.name(), "" + rounds);
    if (child.output().contains("SIGBUS")) {
      assertThat(child.exitStatus()).as(child.output()).isNotZero();
      return "SIGBUS";
    }
    assertThat(child.exitStatus()).as(child.output()).isZero();
    return child.lines("outcome: ").getFirst().substring("outcome: ".length());
  }

  @Test
  @DisplayName("LIB-8 the table has a row for each way, and no other")
  void eachWayHasARow() throws IOException {
    assertThat(rows())
        .extracting(List::getFirst)
        .containsExactlyElementsOf(
            Arrays.stream(Way.values()).map(Way::words).collect(Collectors.toList()));
  }

  @Tag("thorough")
  @ParameterizedTest
  @EnumSource(Way.class)
  @DisplayName("LIB-8 what happens to each way of the JDK is what the table says")
  void cells(Way way) throws Exception {
    List<String> row =
        List.of(way.words(), outcome(way, 0), outcome(way, ENOUGH_FOR_THE_COMPILERS));
    System.out.println("| " + String.join(" | ", row) + " |");
    assertThat(rows()).contains(row);
  }
}
