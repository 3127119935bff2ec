// SPDX-License-Identifier: Apache-2.0
package dev.memremap.serve;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class JvmLinkTest {
  @Test
  @DisplayName("a process runs until it ended, even if its parent does not collect it")
  void ended() throws IOException, InterruptedException {
    Process parent = new ProcessBuilder("bash", "-c", "sleep 1 & echo $!; exec sleep 600").start();
    try (BufferedReader said = parent.inputReader()) {
      long child = Long.parseLong(said.readLine());
      Path state = Path.of("/proc", String.valueOf(child), "stat");
      while (!Files.readString(state).contains(") Z ")) {
        Thread.sleep(10);
      }
      assertThat(JvmLink.isRunning(child)).isFalse();
      assertThat(JvmLink.isRunning(parent.pid())).isTrue();
    } finally {
      parent.destroyForcibly();
    }
    parent.waitFor();
    assertThat(JvmLink.isRunning(parent.pid())).isFalse();
  }

  @Test
  @DisplayName("a process that ends in a moment does not run")
  void ending() throws IOException {
    Process process = new ProcessBuilder("sleep", "0.5").start();
    assertThat(JvmLink.isRunning(process.pid())).isFalse();
  }
}
