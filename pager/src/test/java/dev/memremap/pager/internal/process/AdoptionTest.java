// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager.internal.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.memremap.Machine;
import dev.memremap.pager.NeedsUserfaultfd;
import dev.memremap.pager.ProcessEnd;
import dev.memremap.pager.internal.process.Adoption.Outcome;
import dev.memremap.pager.internal.state.StateFile.Role;
import dev.memremap.pager.internal.sys.Native;
import dev.memremap.pager.internal.sys.Syscalls;
import dev.memremap.pager.toy.Application;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.HdrHistogram.AtomicHistogram;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What takes over from outside when guardian and workers are gone. */
@NeedsUserfaultfd
class AdoptionTest {
  private static final int EPERM = -1;
  private static final long PIDFD_GETFD = 438;

  private final Syscalls calls = Native.calls();
  @TempDir private Path folder;
  private Application.@Nullable Running application;
  private List<RunningMemory> memories = List.of();

  private void open(String... files) throws IOException {
    application =
        Application.Running.start(Stream.of(files).map(folder::resolve).toArray(Path[]::new));
    memories = RunningMemory.of(calls, application.pid());
  }

  @AfterEach
  void end() throws IOException {
    if (application != null) {
      application.close();
    }
    for (RunningMemory memory : memories) {
      killAll(memory);
      memory.close();
    }
  }

  /** Kills what serves a memory, and what it starts meanwhile. */
  private static void killAll(RunningMemory memory) throws IOException {
    boolean isLeft = true;
    while (isLeft) {
      isLeft = false;
      for (Role role : List.of(Role.GUARDIAN, Role.STANDBY, Role.WORKER)) {
        if (memory.lives(role)) {
          isLeft = true;
          ProcessHandle.of(memory.state().process(role)).ifPresent(ProcessEnd::killWithChildren);
        }
      }
    }
  }

  private static void deleteFolder(Path gone) throws IOException {
    try (Stream<Path> all = Files.list(gone)) {
      for (Path each : all.toList()) {
        Files.delete(each);
      }
    }
    Files.delete(gone);
  }

  @Test
  @DisplayName(
      "two memories whose guardians and workers were killed are adopted while the JVM stands")
  void adopts() throws IOException {
    open("a", "b");
    application.tell("gc");
    application.answered("gc");
    for (RunningMemory memory : memories) {
      killAll(memory);
    }
    application.tell("read");
    for (RunningMemory memory : memories) {
      Outcome outcome = Adoption.of(memory);
      assertThat(outcome)
          .isEqualTo(
              new Outcome.Adopted(
                  memory.state().process(Role.GUARDIAN), memory.state().process(Role.WORKER)));
      assertThat(memory.lives(Role.GUARDIAN)).isTrue();
      assertThat(memory.lives(Role.WORKER)).isTrue();
    }
    application.answered("read");
    application.tell("write");
    application.answered("write");
    application.tell("read");
    application.answered("read");
    application.tell("close");
    application.answered("close");
  }

  @Test
  @DisplayName("a folder of sockets that was deleted is made anew, for its user alone")
  void folder() throws IOException {
    open("a");
    RunningMemory memory = memories.get(0);
    Path sockets = memory.state().settings().folder();
    for (RunningMemory each : memories) {
      killAll(each);
      deleteFolder(each.state().settings().folder());
    }
    for (RunningMemory each : memories) {
      assertThat(Adoption.of(each)).isInstanceOf(Outcome.Adopted.class);
    }
    assertThat(Files.getPosixFilePermissions(sockets)).hasSize(3);
    // closing is a message, which needs the socket
    application.tell("close");
    application.answered("close");
    assertThat(sockets).doesNotExist();
  }

  @Test
  @DisplayName(
      "a memory that its application has closed is gone, and one that never was has a sentence")
  void none() throws IOException {
    open("a");
    application.tell("close");
    application.answered("close");
    assertThatThrownBy(() -> RunningMemory.of(calls, application.pid()))
        .hasMessage("process %d has no remote memory", application.pid());
    assertThat(Adoption.of(memories.get(0))).isEqualTo(new Outcome.Ended());
    assertThatThrownBy(() -> RunningMemory.of(calls, Integer.MAX_VALUE))
        .hasMessage("no process has the number %d", Integer.MAX_VALUE);
  }

  @Test
  @DisplayName(
      "where descriptors of another process may not be taken, one sentence says what to do")
  void refused() throws IOException {
    open("a");
    killAll(memories.get(0));
    Syscalls denying =
        (Syscalls)
            Proxy.newProxyInstance(
                Syscalls.class.getClassLoader(),
                new Class<?>[] {Syscalls.class},
                (proxy, method, arguments) -> {
                  boolean isTaking =
                      method.getName().equals("syscall") && arguments[0].equals(PIDFD_GETFD);
                  return isTaking ? (Object) (long) EPERM : carriedOut(method, arguments);
                });
    List<RunningMemory> asked = RunningMemory.of(denying, application.pid());
    try {
      RunningMemory same =
          asked.stream()
              .filter(each -> each.number() == memories.get(0).number())
              .findFirst()
              .orElseThrow();
      assertThatThrownBy(() -> Adoption.of(same))
          .isInstanceOf(UnreachableMemoryException.class)
          .hasMessage(
              "this user may not take descriptors of process %d (kernel.yama.ptrace_scope of 1 or more leaves that to root); run this as root",
              application.pid());
    } finally {
      asked.forEach(RunningMemory::close);
    }
  }

  private Object carriedOut(java.lang.reflect.Method method, Object... arguments) throws Throwable {
    try {
      return method.invoke(calls, arguments);
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
  }

  @Test
  @DisplayName(
      "memories are found once each, by whatever process; while they are served, nothing is done")
  void served() throws IOException {
    open("a", "b");
    List<RunningMemory> all = RunningMemory.all(calls);
    RunningMemory memory = memories.get(0);
    long worker = memory.state().process(Role.WORKER);
    List<RunningMemory> byWorker = RunningMemory.of(calls, worker);
    try {
      assertThat(all)
          .filteredOn(each -> each.state().application() == application.pid())
          .extracting(each -> each.state().settings().store().toString())
          .containsExactlyInAnyOrder("toy:" + folder.resolve("a"), "toy:" + folder.resolve("b"));
      assertThat(byWorker).hasSize(1);
      assertThat(byWorker.get(0).state().application()).isEqualTo(application.pid());
      assertThat(Adoption.of(byWorker.get(0))).isEqualTo(new Outcome.Lives(Role.WORKER, worker));
      assertThat(memory.state().process(Role.WORKER)).isEqualTo(worker);
    } finally {
      all.forEach(RunningMemory::close);
      byWorker.forEach(RunningMemory::close);
    }
  }

  @Test
  @DisplayName("root adopts another user's memory, and its new processes are that user's")
  void asRoot() throws Exception {
    assumeTrue(System.getProperty("user.name").equals("root"), "needs root");
    Path theirs = Files.createTempDirectory("memremap-adopted-");
    Files.setAttribute(theirs, "unix:uid", 65534);
    List<String> prefix = List.of("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups");
    try (Application.Running other =
        Application.Running.start(prefix, readable(theirs), theirs.resolve("c"))) {
      RunningMemory memory = RunningMemory.of(calls, other.pid()).get(0);
      killAll(memory);
      deleteFolder(memory.state().settings().folder());
      other.tell("read");
      assertThat(Adoption.of(memory)).isInstanceOf(Outcome.Adopted.class);
      other.answered("read");
      assertThat(user(memory.state().process(Role.GUARDIAN))).isEqualTo(65534);
      assertThat(user(memory.state().process(Role.WORKER))).isEqualTo(65534);
      assertThat(Files.getAttribute(memory.state().settings().folder(), "unix:uid"))
          .isEqualTo(65534);
      other.tell("close");
      other.answered("close");
      memory.close();
    } finally {
      deleteFolder(theirs);
    }
  }

  /** A class path that another user can read, too: jars may lie in this user's own folder. */
  private static String readable(Path copies) throws Exception {
    List<String> entries = new ArrayList<>();
    for (Class<?> each :
        List.of(RunningMemory.class, AdoptionTest.class, Machine.class, AtomicHistogram.class)) {
      Path source = Path.of(each.getProtectionDomain().getCodeSource().getLocation().toURI());
      if (Files.isRegularFile(source)) {
        source = Files.copy(source, copies.resolve(source.getFileName()));
        Files.setPosixFilePermissions(source, PosixFilePermissions.fromString("rw-r--r--"));
      }
      entries.add(source.toString());
    }
    return String.join(File.pathSeparator, entries);
  }

  private static int user(long pid) {
    try {
      return (int) Files.getAttribute(Path.of("/proc", Long.toString(pid)), "unix:uid");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
