// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager.hammer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memremap.pager.NeedsUserfaultfd;
import dev.memremap.pager.ProcessEnd;
import dev.memremap.pager.internal.process.Adoption;
import dev.memremap.pager.internal.process.RunningMemory;
import dev.memremap.pager.internal.state.Counter;
import dev.memremap.pager.internal.state.StateFile.Role;
import dev.memremap.pager.internal.sys.Native;
import dev.memremap.pager.store.FileStore;
import dev.memremap.pager.store.PageStore;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A worker that takes over goes on with the store that the memory had, or says why it does not. */
@NeedsUserfaultfd
@Execution(ExecutionMode.CONCURRENT) // its tests wait for JVMs of their own
class OwnStoreTest {
  private static final String ALL_RIGHT = "{right=%d}".formatted(OwnStoreApp.PAGES);
  private static final long PATIENCE_NANOS = 120_000_000_000L;

  @TempDir private Path folder;
  private Path file;
  private HammeredJvm application;
  private RunningMemory memory;

  /** What has to come. */
  private interface Condition {
    boolean holds() throws Exception;
  }

  private static void await(Condition condition) throws Exception {
    long until = System.nanoTime() + PATIENCE_NANOS;
    while (!condition.holds()) {
      assertThat(System.nanoTime()).as("patience").isLessThan(until);
      Thread.sleep(5);
    }
  }

  private static HammeredJvm started(Path store, String choice) throws Exception {
    HammeredJvm jvm =
        HammeredJvm.start(List.of("-Xmx64m"), OwnStoreApp.class, FileStore.at(store).uri(), choice);
    jvm.await("open");
    assertThat(jvm.isAlive()).as(jvm.said()).isTrue();
    return jvm;
  }

  @BeforeEach
  void files() {
    file = folder.resolve("store");
  }

  private void open(String choice) throws Exception {
    application = started(file, choice);
    memory = RunningMemory.of(Native.calls(), application.pid()).getFirst();
  }

  @AfterEach
  void end() throws Exception {
    if (application != null) {
      application.close();
    }
    if (memory != null) {
      memory.close();
    }
  }

  /** Has an application do something, and returns what came of it. */
  private static String told(HammeredJvm jvm, String line) throws Exception {
    int before = jvm.said().length();
    jvm.tell(line);
    String done = "done " + line + ": ";
    await(() -> jvm.said().indexOf(done, before) >= 0 || !jvm.isAlive());
    assertThat(jvm.isAlive()).as(jvm.said()).isTrue();
    String said = jvm.said();
    int at = said.indexOf(done, before) + done.length();
    int end = said.indexOf('\n', at);
    return end < 0 ? said.substring(at) : said.substring(at, end);
  }

  private String told(String line) throws Exception {
    return told(application, line);
  }

  private void store(int version) throws Exception {
    assertThat(told("fill " + version)).isEqualTo("well");
    assertThat(told("flush")).isEqualTo("well");
  }

  private void killWorker() throws Exception {
    await(() -> memory.lives(Role.STANDBY) && memory.lives(Role.WORKER));
    long takeovers = memory.state().get(Counter.TAKEOVERS);
    ProcessHandle.of(memory.state().process(Role.WORKER)).orElseThrow().destroyForcibly();
    await(() -> memory.state().get(Counter.TAKEOVERS) > takeovers);
  }

  /** Returns when they have ended: one that is ending may still have the store. */
  private void killAll() throws Exception {
    for (List<Long> left = pagers(); !left.isEmpty(); left = pagers()) {
      for (long each : left) {
        ProcessHandle.of(each).ifPresent(ProcessEnd::kill);
      }
    }
    await(() -> !memory.isServed() && !memory.isGuarded());
  }

  private List<Long> pagers() throws Exception {
    List<Long> all = new ArrayList<>(application.pagers("Guardian"));
    all.addAll(application.pagers("Worker"));
    return all;
  }

  /**
   * Pages fail for that reason, and none reads as zeros or as it was before. A busy machine may say
   * first that it has waited too long.
   */
  private void fails(int version, String reason) throws Exception {
    await(() -> counted(application, version).contains(reason));
  }

  private void isRight(HammeredJvm jvm, int version) throws Exception {
    await(() -> counted(jvm, version).equals(ALL_RIGHT));
  }

  private static String counted(HammeredJvm jvm, int version) throws Exception {
    String counted = told(jvm, "count " + version);
    assertThat(counted).doesNotContain("ZERO").doesNotContain("OTHER");
    return counted;
  }

  @Test
  @DisplayName(
      "the store was deleted, and the worker is killed: no page reads as zeros, none is made")
  void deleted() throws Exception {
    open("FAIL");
    store(1);
    Files.delete(file);
    assertThat(told("flush")).contains("was deleted while it was open");
    assertThat(told("close")).contains("was deleted while it was open");
    killWorker();
    fails(1, file + " is gone: it was deleted or moved");
    assertThat(told("flush")).contains("is gone");
    assertThat(file).doesNotExist();
    assertThat(told("abandon")).isEqualTo("well");
    assertThat(file).doesNotExist();
  }

  @Test
  @DisplayName(
      "a backup was put in the store's place, and the worker is killed: put back, all goes on")
  void replaced() throws Exception {
    open("FAIL");
    store(1);
    Path backup = Files.copy(file, folder.resolve("backup"));
    store(2);
    Path away = Files.move(file, folder.resolve("away"));
    Files.move(backup, file);
    assertThat(told("flush")).contains("that one was moved; put it back");
    killWorker();
    fails(2, file + " is another file than the one that this memory had");
    Files.move(file, backup);
    Files.move(away, file);
    await(() -> memory.state().get(Counter.POISONED) == 0);
    isRight(application, 2);
    killWorker();
    isRight(application, 2);
    store(3);
    assertThat(told("close")).isEqualTo("well");
    has(3);
  }

  @Test
  @DisplayName("with WAIT an access waits until the store is put back, and is right")
  void waits() throws Exception {
    open("WAIT");
    store(1);
    Path away = Files.move(file, folder.resolve("away"));
    killWorker();
    application.tell("count 1");
    long outages = memory.state().get(Counter.OUTAGES);
    await(() -> memory.state().get(Counter.OUTAGES) > outages + 3);
    assertThat(application.said()).doesNotContain("done count");
    Files.move(away, file);
    await(() -> application.said().contains("done count 1: " + ALL_RIGHT));
    assertThat(told("close")).isEqualTo("well");
  }

  @ParameterizedTest
  @CsvSource({"true", "false"})
  @DisplayName(
      "another application had the store while no process of the pager lived: the adopted memory reads and writes nothing there")
  void split(boolean isOpen) throws Exception {
    open("FAIL");
    store(5);
    assertThat(told("fill 6")).as("pages that only memory has").isEqualTo("well");
    killAll();
    try (HammeredJvm second = started(file, "FAIL")) {
      assertThat(told(second, "fill 9")).isEqualTo("well");
      if (!isOpen) {
        assertThat(told(second, "close")).isEqualTo("well");
      }
      assertThat(Adoption.of(memory)).isInstanceOf(Adoption.Outcome.Adopted.class);
      fails(6, " has had it meanwhile, as another memory");
      assertThat(told("flush")).contains(" has had it meanwhile, as another memory");
      assertThat(told("close")).contains("abandon this memory");
      killWorker();
      fails(6, " has had it meanwhile, as another memory");
      assertThat(told("abandon")).isEqualTo("well");
      if (isOpen) {
        isRight(second, 9);
        assertThat(told(second, "close")).isEqualTo("well");
      }
    }
    has(9);
  }

  @Test
  @DisplayName("memory is adopted again and again where no other one had the store")
  void adopted() throws Exception {
    open("FAIL");
    store(1);
    for (int version = 2; version < 4; version++) {
      assertThat(told("fill " + version)).isEqualTo("well");
      killAll();
      assertThat(Adoption.of(memory)).isInstanceOf(Adoption.Outcome.Adopted.class);
      isRight(application, version);
    }
    assertThat(told("close")).isEqualTo("well");
    has(3);
  }

  /** Each page of the store is of that version. */
  private void has(int version) throws Exception {
    try (Arena arena = Arena.ofConfined();
        PageStore opened = FileStore.at(file).open(OwnStoreApp.PAGES, 4096)) {
      MemorySegment room = arena.allocate(4096, 4096);
      for (int page = 0; page < OwnStoreApp.PAGES; page++) {
        assertThat(opened.read(page, 1, room).get(ValueLayout.JAVA_LONG, 0))
            .as("page %d", page)
            .isEqualTo(OwnStoreApp.value(page, version));
      }
    }
  }
}
