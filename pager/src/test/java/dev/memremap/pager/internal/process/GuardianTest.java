// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager.internal.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.memremap.pager.NeedsUserfaultfd;
import dev.memremap.pager.RemoteMemory;
import dev.memremap.pager.RemoteMemoryException;
import dev.memremap.pager.toy.ToyStore;
import dev.memremap.testing.ChildJvm;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a guardian does where no worker can begin. */
class GuardianTest {
  private static final String WORKER = "dev.memremap.pager.worker";

  @TempDir private Path folder;

  @AfterEach
  void clear() {
    System.clearProperty(WORKER);
  }

  @Test
  @NeedsUserfaultfd
  @DisplayName(
      "a memory whose workers all end at their start is not opened, and a sentence says so")
  void noWorker() {
    System.setProperty(WORKER, "dev.memremap.NoSuchWorker");
    ToyStore.Location store = new ToyStore.Location(folder.resolve("a"));
    assertThatThrownBy(() -> RemoteMemory.open(store, 1 << 20))
        .isInstanceOf(RemoteMemoryException.class)
        .hasMessage(
            "remote memory of %s: each worker of the pager ends at its start; its own words are on standard error",
            store.uri());
    assertThat(ProcessHandle.current().children())
        .noneMatch(each -> each.info().commandLine().orElse("").contains("Guardian"));
  }

  @Test
  @DisplayName("a worker whose starter has gone ends without a word")
  void alone() throws IOException, InterruptedException {
    ChildJvm worker =
        ChildJvm.run(
            folder,
            List.of("--enable-native-access=ALL-UNNAMED"),
            Worker.class,
            folder.resolve("none").toString());
    assertThat(worker.output()).isEmpty();
    assertThat(worker.exitStatus()).isEqualTo(1);
  }
}
