// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager.internal.process;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memremap.pager.NeedsUserfaultfd;
import dev.memremap.pager.internal.link.Request.Operation;
import dev.memremap.pager.internal.link.WorkerLink;
import dev.memremap.pager.internal.state.StateFile;
import dev.memremap.pager.internal.state.StateFile.Role;
import dev.memremap.pager.internal.sys.Native;
import dev.memremap.pager.toy.Application;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The folder of the sockets is deleted under a live memory, as what cleans /tmp does. */
@NeedsUserfaultfd
class DeletedSocketsTest {
  @TempDir private Path folder;

  private static void delete(Path sockets) throws IOException {
    try (Stream<Path> all = Files.list(sockets)) {
      for (Path each : all.toList()) {
        Files.delete(each);
      }
    }
    Files.delete(sockets);
  }

  private static void ask(Path sockets) {
    try (WorkerLink link = new WorkerLink(sockets.resolve(Worker.SOCKET), () -> {})) {
      link.start();
      assertThat(link.ask(Operation.FLUSH, 0, 0, "").join().isDone()).isTrue();
    }
  }

  @Test
  @DisplayName("They are made anew, for this user alone, and processes take over from each other")
  void deleted() throws Exception {
    try (Application.Running application = Application.Running.start(folder.resolve("a"));
        RunningMemory memory = RunningMemory.of(Native.calls(), application.pid()).get(0)) {
      StateFile state = memory.state();
      Path sockets = state.settings().folder();
      awaitStandby(memory);
      delete(sockets);
      ask(sockets); // waits until there is a socket
      assertThat(Files.getPosixFilePermissions(sockets)).hasSize(3);

      delete(sockets);
      long standby = state.process(Role.STANDBY);
      ProcessHandle.of(state.process(Role.WORKER)).orElseThrow().destroyForcibly();
      application.tell("read");
      application.answered("read");
      assertThat(state.process(Role.WORKER)).isEqualTo(standby);
      ask(sockets);
      awaitStandby(memory);

      delete(sockets);
      long guardian = state.process(Role.GUARDIAN);
      ProcessHandle.of(guardian).orElseThrow().destroyForcibly();
      while (state.process(Role.GUARDIAN) == guardian || !memory.lives(Role.GUARDIAN)) {
        Thread.sleep(5);
      }
      application.tell("close");
      application.answered("close");
      while (Files.exists(sockets)) {
        Thread.sleep(5);
      }
    }
  }

  private static void awaitStandby(RunningMemory memory) throws Exception {
    while (!memory.lives(Role.STANDBY)) {
      Thread.sleep(5);
    }
  }
}
