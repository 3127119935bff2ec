// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.memremap.pager.hammer.HammeredJvm;
import dev.memremap.pager.internal.process.RunningMemory;
import dev.memremap.pager.internal.state.Counter;
import dev.memremap.pager.internal.state.StateFile.Role;
import dev.memremap.pager.internal.sys.Native;
import dev.memremap.pager.store.FileStore;
import dev.memremap.pager.store.StoreException;
import dev.memremap.pager.store.StoreLocation;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A remote memory as its application uses it, in a JVM of its own. */
@NeedsUserfaultfd
class RemoteMemoryTest {
  private static final int PAGE = 4096;
  private static final int PAGES = 512;
  @TempDir private Path folder;
  @TempDir private Path temporary;

  private HammeredJvm start(String which, Object... more) throws IOException {
    Object[] arguments = new Object[2 + more.length];
    arguments[0] = which;
    arguments[1] = "toy:" + folder.resolve("store");
    System.arraycopy(more, 0, arguments, 2, more.length);
    return HammeredJvm.start(
        List.of("-Xmx128m", "-ea", "-Djava.io.tmpdir=" + temporary),
        RemoteMemoryApp.class,
        arguments);
  }

  private String run(String which, Object... more) throws Exception {
    try (HammeredJvm jvm = start(which, more)) {
      assertThat(jvm.end(120)).as(jvm.said()).isZero();
      assertThat(jvm.said()).endsWith("done").doesNotContain("memremap pager:");
      assertNothingIsLeft();
      return jvm.said();
    }
  }

  /** Its processes end by themselves, and its folder is gone then. */
  private void assertNothingIsLeft() throws IOException {
    for (ProcessHandle each : ProcessHandle.allProcesses().toList()) {
      if (commandLine(each).contains(temporary.toString())) {
        ProcessEnd.await(each);
      }
    }
    try (Stream<Path> all = Files.list(temporary)) {
      assertThat(all.filter(path -> path.getFileName().toString().startsWith("memremap")))
          .isEmpty();
    }
  }

  private static String commandLine(ProcessHandle process) {
    try {
      return Files.readString(Path.of("/proc/%d/cmdline".formatted(process.pid())));
    } catch (IOException e) {
      return ""; // it has ended
    }
  }

  @Test
  @DisplayName("It is zeros at first, and what was stored is there when it is opened again")
  void contents() throws Exception {
    assertThat(run("contents")).contains("closed: Already closed");
  }

  @Test
  @DisplayName("What is pinned stays, at most 7 of 8 pages, and a pin is closed once")
  void pins() throws Exception {
    assertThat(run("pins"))
        .contains(
            "1 pages cannot be pinned: 56 are, and of the 64 that may be in memory at once 56 can be");
  }

  @Test
  @DisplayName(
      "Pins that are closed while the next worker is told of them are gone, the others stay")
  void pinsClosedAtTakeover() throws Exception {
    try (HammeredJvm jvm = start("pins-closed-at-takeover")) {
      jvm.await("ready");
      while (jvm.pagers("Worker").size() < 2) {
        Thread.sleep(5); // the standby comes
      }
      jvm.kill("Worker");
      assertThat(jvm.end(120)).as(jvm.said()).isZero();
      assertNothingIsLeft();
    }
  }

  @Test
  @DisplayName("preload brings pages in and says how many bytes; DONT_NEED sends them out")
  void residence() throws Exception {
    run("residence");
  }

  @ParameterizedTest
  @ValueSource(strings = {"dies", "dies-keeping"})
  @DisplayName(
      "After kill -9 all that was flushed is in the store, and the rest if it was asked for")
  void dies(String which) throws Exception {
    try (HammeredJvm jvm = start(which)) {
      jvm.await("ready");
      ProcessHandle.of(jvm.pid()).orElseThrow().destroyForcibly();
      jvm.end(60);
      assertThat(jvm.said()).isEqualTo("ready");
      assertNothingIsLeft();
    }
    try (FileChannel store = FileChannel.open(folder.resolve("store"))) {
      for (int page = 0; page < PAGES; page++) {
        ByteBuffer words = ByteBuffer.allocate(16).order(ByteOrder.nativeOrder());
        store.read(words, (long) page * PAGE);
        assertThat(words.getLong(0)).as("page %d", page).isEqualTo(page + 1);
        if (which.equals("dies-keeping")) {
          assertThat(words.getLong(8)).as("page %d", page).isEqualTo(page + 1);
        }
      }
    }
  }

  @Test
  @DisplayName("During an outage close is refused and it stays open, and abandon ends it")
  void abandons() throws Exception {
    assertThat(run("abandons", folder.resolve("store.fails")))
        .contains("refused: remote memory of toy:", "the toy is broken");
  }

  @Test
  @DisplayName("One JVM can have two")
  void two() throws Exception {
    run("two", "toy:" + folder.resolve("other"));
  }

  @Test
  @DisplayName("Two hundred virtual threads that touch pin no carrier")
  void virtual() throws Exception {
    assertThat(run("virtual")).contains("pinned carriers: 0, touched: 1005");
  }

  @Test
  @DisplayName("No descriptor of the memory reaches a child of the application")
  void children() throws Exception {
    String said = run("children");

    assertThat(said).contains("own /memfd:remote-memory", "own anon_inode:[userfaultfd]");
    String theirs = said.substring(said.indexOf("total 0"));
    assertThat(theirs)
        .contains("built 0", "system 0", " 1 -> ")
        .doesNotContain("memfd", "userfault", "socket:");
  }

  @Test
  @DisplayName(
      "A worker that takes over keeps the store from other writers before a page is asked for")
  void holdsStore() throws Exception {
    StoreLocation store = FileStore.at(folder.resolve("store"));
    try (HammeredJvm jvm =
        HammeredJvm.start(
            List.of("-Xmx128m", "-Djava.io.tmpdir=" + temporary),
            RemoteMemoryApp.class,
            "dies",
            store.uri())) {
      jvm.await("ready");
      try (RunningMemory memory = RunningMemory.of(Native.calls(), jvm.pid()).get(0)) {
        jvm.kill("Worker");
        while (memory.state().get(Counter.TAKEOVERS) == 0) {
          Thread.sleep(5);
        }
      }
      // a program that opened it sooner would have it, and the memory be refused for good
      while (!isLocked(folder.resolve("store")) && jvm.isAlive()) {
        Thread.sleep(5);
      }
      assertThat(jvm.isAlive()).as(jvm.said()).isTrue();
      StoreException refused =
          catchThrowableOfType(StoreException.class, () -> store.open(PAGES, PAGE));
      assertThat(refused.kind()).isEqualTo(StoreException.Kind.TAKEN);
    }
  }

  /** Whether any process has a lock of a file. */
  private static boolean isLocked(Path file) throws IOException {
    String number = ":" + Files.getAttribute(file, "unix:ino") + " ";
    return Files.readString(Path.of("/proc/locks")).contains(number);
  }

  @Test
  @DisplayName("A worker that is killed while it closes is followed by one that closes")
  void closesTwice() throws Exception {
    Path dies = Files.createFile(folder.resolve("store.dies"));
    try (HammeredJvm jvm = start("two", "toy:" + folder.resolve("other"))) {
      assertThat(jvm.end(60)).as(jvm.said()).isZero();
    }
    assertThat(dies).doesNotExist();
    assertNothingIsLeft();
  }

  @Test
  @DisplayName("An interrupted thread opens and closes one, and stays interrupted")
  void interrupted() throws Exception {
    run("interrupted");
  }

  @Test
  @DisplayName("Any number of hints keeps no page from coming that a thread asks for")
  void hints() throws Exception {
    run("hints");
  }

  @Test
  @DisplayName("A worker that is stopped is ended, and the next one serves")
  void stopped() throws Exception {
    try (HammeredJvm jvm = start("dies")) {
      jvm.await("ready");
      try (RunningMemory memory = RunningMemory.of(Native.calls(), jvm.pid()).get(0)) {
        long worker = memory.state().process(Role.WORKER);
        while (memory.state().process(Role.STANDBY) == 0) {
          Thread.sleep(5);
        }
        new ProcessBuilder("kill", "-STOP", Long.toString(worker)).start().waitFor();
        while (memory.state().get(Counter.TAKEOVERS) == 0 && jvm.isAlive()) {
          Thread.sleep(5);
        }
        assertThat(ProcessHandle.of(worker)).as(jvm.said()).isEmpty();
        assertThat(jvm.said()).contains("process %d has been stopped".formatted(worker));
      }
    }
  }
}
