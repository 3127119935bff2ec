// SPDX-License-Identifier: Apache-2.0
package dev.memremap.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ScratchDirectoryTest {
  @TempDir private Path parent;

  @BeforeEach
  void busyboxIsThere() {
    Guests.assumeBusybox();
  }

  @Test
  @DisplayName("Closing it removes it with all that is in it")
  void removed() throws Exception {
    ScratchDirectory directory = ScratchDirectory.create(parent, "it's a name");
    assertThat(directory.path()).isEmptyDirectory().hasParent(parent);
    Files.createDirectories(directory.path().resolve("a/b"));
    Files.writeString(directory.path().resolve("a/b/c"), "text");
    assertThat(directory.isClosed()).isFalse();
    directory.close();
    assertThat(directory.isClosed()).isTrue();
    assertThat(parent).isEmptyDirectory();
    directory.close();
  }

  @Test
  @DisplayName("Closing it kills the process in it, and what that process started")
  void processKilled() throws Exception {
    ScratchDirectory directory = ScratchDirectory.create(parent, "scratch");
    String script = "sleep 1000 & echo $! >\"$1/child\"; mv \"$1/child\" \"$1/ready\"; wait";
    Process process =
        directory.start(
            List.of("/bin/sh", "-c", script, "sh", directory.path().toString()),
            ProcessBuilder.Redirect.DISCARD);
    Path ready = directory.path().resolve("ready");
    Eventually.holds(() -> Files.exists(ready));
    long child = Long.parseLong(Files.readString(ready).strip());
    assertThat(process.isAlive()).isTrue();

    directory.close();

    assertThat(process.waitFor()).as("128 + SIGKILL").isEqualTo(137);
    Eventually.holds(() -> Eventually.isGone(child));
    assertThat(parent).isEmptyDirectory();
  }

  @Test
  @DisplayName("A process does not start in a directory that is about to go")
  void tooLate() throws Exception {
    Path marker = parent.resolve("marker");
    ScratchDirectory directory = ScratchDirectory.create(parent, "scratch");
    directory.close();
    Process late =
        directory.start(List.of("/bin/touch", marker.toString()), ProcessBuilder.Redirect.DISCARD);
    assertThat(late.waitFor()).isNotZero();
    assertThat(marker).doesNotExist();
  }

  @Test
  @DisplayName("Where the watcher was killed, closing removes it all the same")
  void watcherKilled() throws Exception {
    List<Long> before = children();
    ScratchDirectory directory = ScratchDirectory.create(parent, "scratch");
    Files.writeString(directory.path().resolve("file"), "text");
    children().stream()
        .filter(id -> !before.contains(id))
        .forEach(id -> ProcessHandle.of(id).ifPresent(ProcessHandle::destroyForcibly));
    Process process =
        directory.start(List.of("/bin/sleep", "1000"), ProcessBuilder.Redirect.DISCARD);
    directory.close();
    assertThat(process.waitFor()).as("128 + SIGKILL").isEqualTo(137);
    assertThat(parent).isEmptyDirectory();
  }

  @Test
  @DisplayName("What is in the way is told in one sentence")
  void refusals() {
    assertThatThrownBy(() -> ScratchDirectory.create(parent.resolve("absent"), "scratch"))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith("No directory could be made in " + parent.resolve("absent"));
    assertThatThrownBy(
            () -> ScratchDirectory.create(Path.of("/no/such/busybox"), parent, "scratch"))
        .isInstanceOf(GuestUnavailableException.class)
        .hasMessageStartingWith(
            "nothing would remove temporary files if this JVM were killed: /no/such/busybox does"
                + " not start");
  }

  private static List<Long> children() {
    return ProcessHandle.current().children().map(ProcessHandle::pid).toList();
  }
}
