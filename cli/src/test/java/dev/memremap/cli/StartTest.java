// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memremap.testing.ChildJvm;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What holds for the process that a command is, and what each start would pay for. */
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
  @ValueSource(strings = {"--version", "iomem -m MAP", "what 0xfd000000 -m MAP"})
  @DisplayName("a start searches the jars for no class that is not there")
  void searches(String line) throws IOException, InterruptedException {
    String said =
        answer(List.of("-Xlog:exceptions=info"), line.replace("MAP", MAP.toString()).split(" "));
    assertThat(said.lines()).noneMatch(one -> one.contains("java/lang/ClassNotFoundException"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"--version", "iomem -m MAP", "what 0xfd000000 -m MAP"})
  @DisplayName("a command that ends well makes no logger, for which the JDK searches every jar")
  void logger(String line) throws IOException, InterruptedException {
    String said =
        answer(List.of("-Xlog:class+load"), line.replace("MAP", MAP.toString()).split(" "));
    assertThat(said)
        .contains(" dev.memremap.cli.MemremapCommand ")
        .doesNotContain(" jdk.internal.logger.")
        .doesNotContain(" java.util.ServiceLoader ");
  }

  @ParameterizedTest
  @ValueSource(strings = {"--version", "--help", "iomem -m MAP", "serve --help", "pager --help"})
  @DisplayName(
      "a start loads nothing of what serves pages or remote memory, and no server, unless it serves")
  void serves(String line) throws IOException, InterruptedException {
    String said =
        answer(List.of("-Xlog:class+load"), line.replace("MAP", MAP.toString()).split(" "));
    assertThat(said)
        .contains(" dev.memremap.cli.MemremapCommand ")
        .doesNotContain(" dev.memremap.serve.")
        .doesNotContain(" dev.memremap.pager.")
        .doesNotContain(" dev.memremap.internal.watch.")
        .doesNotContain(" com.sun.net.httpserver.")
        .doesNotContain(" javax.management.")
        .doesNotContain(" io.micrometer.");
  }

  @ParameterizedTest
  @ValueSource(strings = {"iomem -m MAP", "what 0xfd000000 -m MAP", "read 0x40000000 -m MAP"})
  @DisplayName("a start asks no provider for random numbers, and links no record's hash code")
  void links(String line) throws IOException, InterruptedException {
    String said =
        answer(List.of("-Xlog:class+load"), line.replace("MAP", MAP.toString()).split(" "));
    assertThat(said)
        .contains(" dev.memremap.cli.MemremapCommand ")
        .doesNotContain(" java.security.SecureRandom ")
        .doesNotContain(" java.lang.runtime.ObjectMethods ");
  }

  @ParameterizedTest
  @ValueSource(strings = {"iomem -m MAP", "plan 1T --type FS_DAX"})
  @DisplayName("digits are ASCII's in every language")
  void digits(String line) throws IOException, InterruptedException {
    String[] words = line.replace("MAP", MAP.toString()).split(" ");
    List<String> egyptian = List.of("-Duser.language=ar", "-Duser.country=EG");
    assertThat(answer(egyptian, words)).isEqualTo(answer(List.of(), words)).contains("1");
  }

  @Test
  @DisplayName("a command that does not end well exits with its status")
  void status() throws IOException, InterruptedException {
    ChildJvm refused =
        ChildJvm.run(
            folder,
            List.of(),
            MemremapCommand.class,
            "iomem",
            "--at",
            "0x7f0000000000",
            "-m",
            MAP.toString());
    assertThat(refused.exitStatus()).isEqualTo(1);
  }
}
