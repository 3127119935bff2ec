// SPDX-License-Identifier: Apache-2.0
package dev.memremap.conformance;

import static dev.memremap.conformance.FakeQemu.RUN_ON;
import static dev.memremap.conformance.FakeQemu.START;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A JVM that is killed while it holds a guest: QEMU goes with it, and every file. */
class OrphanTest {
  @TempDir private Path directory;

  @ParameterizedTest(name = "SIG{0} for {1}")
  @CsvSource({
    "KILL, the process",
    "KILL, its process group",
    "TERM, the process",
    "INT, its process group"
  })
  @DisplayName("A JVM that is killed leaves no QEMU and no file behind")
  void leavesNothing(String signal, String whom) throws Exception {
    Guests.assumeBusybox();
    FakeQemu.of(Files.createDirectory(directory.resolve("fake")), START + "; " + RUN_ON);
    leavesNothing(signal, whom.equals("the process"), directory.resolve("fake").toString());
  }

  @Test
  @Tag("guest")
  @DisplayName("A JVM that is killed with SIGKILL in the middle of a real guest's command, too")
  void realGuest() throws Exception {
    Guests.assumePossible();
    leavesNothing("KILL", true);
  }

  private void leavesNothing(String signal, boolean alone, String... arguments) throws Exception {
    Path temporary = Files.createDirectory(directory.resolve("tmp"));
    Process holder = holder(temporary, arguments);
    try {
      String line = holder.inputReader().readLine();
      assertThat(line).as("QEMU's process id").isNotNull();
      long qemu = Long.parseLong(line);
      assertThat(Eventually.isGone(qemu)).isFalse();
      assertThat(temporary).isNotEmptyDirectory();

      String target = (alone ? "" : "-") + holder.pid();
      Process kill =
          new ProcessBuilder("/bin/kill", "-s", signal, "--", target).inheritIO().start();
      assertThat(kill.waitFor()).isZero();

      holder.waitFor();
      Eventually.holds(() -> Eventually.isGone(qemu));
      Eventually.holds(() -> isEmpty(temporary));
    } finally {
      holder.destroyForcibly();
    }
  }

  /** In a session of its own, and with signals that a build in the background may ignore. */
  private static Process holder(Path temporary, String... arguments) throws Exception {
    List<String> command = new ArrayList<>();
    command.addAll(List.of("setsid", "env", "--default-signal=INT,TERM"));
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:-UsePerfData"));
    command.add("-Djava.io.tmpdir=" + temporary);
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.add(GuestHolder.class.getName());
    command.addAll(List.of(arguments));
    return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
  }

  private static boolean isEmpty(Path temporary) throws IOException {
    try (Stream<Path> files = Files.list(temporary)) {
      return files.findAny().isEmpty();
    }
  }
}
