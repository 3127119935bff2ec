// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memremap.testing.ChildJvm;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What holds for the process that a command is, whatever it does. */
class StartTest {
  private static final Path MAP =
      Path.of("..", "examples", "machines", "qemu-2g.iomem").toAbsolutePath().normalize();

  @TempDir private Path folder;

  private String answer(List<String> options, String... words)
      throws IOException, InterruptedException {
    ChildJvm command = ChildJvm.run(folder, options, MemremapCommand.class, words);
    assertThat(command.exitStatus()).as(command.output()).isZero();
    return command.output();
  }

  @ParameterizedTest
  @ValueSource(strings = {"iomem -m MAP", "plan 1T --type FS_DAX"})
  @DisplayName("digits are ASCII's in every language")
  void digits(String line) throws IOException, InterruptedException {
    String[] words = line.replace("MAP", MAP.toString()).split(" ");
    List<String> egyptian = List.of("-Duser.language=ar", "-Duser.country=EG");
    assertThat(answer(egyptian, words)).isEqualTo(answer(List.of(), words)).contains("1");
  }
}
