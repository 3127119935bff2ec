// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager.internal.link;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The folder of a memory's sockets is made where it is gone, and goes with the memory. */
class SocketFolderTest {
  @TempDir private Path temporary;

  @Test
  @DisplayName("It goes with what is in it, and twice is once")
  void deletes() throws IOException {
    Path folder = temporary.resolve("memory");
    SocketFolder.keep(folder);
    Files.createFile(folder.resolve("worker"));

    SocketFolder.delete(folder);
    assertThat(folder).doesNotExist();
    SocketFolder.delete(folder);
    assertThat(temporary).isEmptyDirectory();
  }

  @Test
  @DisplayName("A standby that makes files in it until it is gone does not keep it")
  void meanwhile() throws IOException, InterruptedException {
    for (int round = 0; round < 200; round++) {
      Path folder = temporary.resolve("memory" + round);
      SocketFolder.keep(folder);
      AtomicBoolean makes = new AtomicBoolean();
      Thread standby =
          Thread.ofPlatform()
              .start(
                  () -> {
                    try {
                      for (int i = 0; i < 3; i++) {
                        Files.createFile(folder.resolve("rehearsal-" + i));
                        makes.set(true);
                      }
                    } catch (NoSuchFileException e) {
                      makes.set(true);
                    } catch (IOException e) {
                      throw new IllegalStateException(e);
                    }
                  });
      while (!makes.get()) {
        Thread.onSpinWait();
      }
      SocketFolder.delete(folder);
      standby.join();
      assertThat(folder).as("round %d", round).doesNotExist();
    }
  }
}
