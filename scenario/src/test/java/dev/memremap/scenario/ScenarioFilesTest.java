// SPDX-License-Identifier: Apache-2.0
package dev.memremap.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which scenarios a command line means. */
class ScenarioFilesTest {
  @TempDir private Path temp;

  @Test
  @DisplayName("a link to a folder means the scenarios below it, by the link's name")
  void link() throws IOException {
    Path below = Files.createDirectories(temp.resolve("folder/below"));
    Files.writeString(below.resolve("b.scenario"), "");
    Files.writeString(temp.resolve("folder/a.scenario"), "");
    Files.writeString(temp.resolve("folder/a.txt"), "");
    Path link = Files.createSymbolicLink(temp.resolve("link"), temp.resolve("folder"));
    for (Path named : List.of(link, temp.resolve("folder"))) {
      assertThat(ScenarioFiles.toRun(List.of(named)).files())
          .containsExactly(named.resolve("a.scenario"), named.resolve("below/b.scenario"));
    }
  }
}
