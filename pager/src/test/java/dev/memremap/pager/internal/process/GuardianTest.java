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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

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

  @ParameterizedTest
  @ValueSource(classes = {Worker.class, Guardian.class})
  @DisplayName("a process of the pager whose starter has gone ends without a word")
  void alone(Class<?> process) throws IOException, InterruptedException {
    ChildJvm child =
        ChildJvm.run(
            folder,
            List.of("--enable-native-access=ALL-UNNAMED"),
            process,
            folder.resolve("none").toString());
    assertThat(child.output()).isEmpty();
    assertThat(child.exitStatus()).isEqualTo(1);
  }
}
