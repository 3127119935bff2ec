// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager.hammer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memremap.pager.ProcessEnd;
import dev.memremap.pager.internal.process.Adoption;
import dev.memremap.pager.internal.process.RunningMemory;
import dev.memremap.pager.internal.state.Counter;
import dev.memremap.pager.internal.state.StateFile.Role;
import dev.memremap.pager.internal.sys.Native;
import dev.memremap.pager.store.FileStore;
import dev.memremap.pager.store.PageStore;
import dev.memremap.pager.store.StoreException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * A {@link Hammer} whose processes are killed at random moments: those of its pager, which others
 * go on for; all of them, and then it is adopted; and the application itself, and then its store is
 * looked at, and another application goes on with it.
 */
final class KilledProcesses implements AutoCloseable {
  /** What is killed. */
  enum Kind {
    /** Any worker: the one that serves, the standby, or one that is starting. */
    WORKER,
    /** Any guardian: the one that has the lock, or one that is starting. */
    GUARDIAN,
    /** All of the pager; then it is adopted from outside. */
    ALL,
    /** The application; and sometimes a process of the pager, or all, while that ends. */
    APPLICATION
  }

  private static final List<Kind> TEN =
      List.of(
          Kind.WORKER,
          Kind.WORKER,
          Kind.WORKER,
          Kind.WORKER,
          Kind.GUARDIAN,
          Kind.GUARDIAN,
          Kind.GUARDIAN,
          Kind.ALL,
          Kind.ALL,
          Kind.APPLICATION);
  private static final int PAGE = 4096;
  private static final int PAGES = 512;
  private static final long RESIDENT = 128L * PAGE;
  private static final int PAUSE_MILLIS = 600;
  private static final long PATIENCE_SECONDS = 180;

  private final Path store;
  private final Path journal;
  private final List<String> options;
  private final RandomGenerator random;
  private final int platform;
  private final int virtual;
  private final TreeMap<Kind, Integer> kills = new TreeMap<>();
  private boolean keeps;
  private @Nullable HammeredJvm jvm;
  private @Nullable RunningMemory memory;

  /**
   * @param folder where the store is
   * @param options of the application's JVM
   * @param platform how many platform threads it has
   * @param virtual how many virtual ones
   */
  KilledProcesses(
      Path folder, List<String> options, RandomGenerator random, int platform, int virtual) {
    this.store = folder.resolve("store");
    this.journal = folder.resolve("journal");
    this.options = options;
    this.random = random;
    this.platform = platform;
    this.virtual = virtual;
  }

  /** How often each was killed. */
  TreeMap<Kind, Integer> kills() {
    return kills;
  }

  /** Kills ten times, and lets the last application end by itself; returns what it said. */
  String ten() throws Exception {
    List<Kind> kinds = new ArrayList<>(TEN);
    Collections.shuffle(kinds, Random.from(random));
    start();
    for (Kind kind : kinds) {
      if (random.nextBoolean()) {
        awaitServed(); // else most kills would meet processes that are starting
      }
      Thread.sleep(random.nextInt(PAUSE_MILLIS));
      kill(kind);
      kills.merge(kind, 1, Integer::sum);
    }
    awaitWhole();
    application().tellToEnd();
    await("the application ends", () -> !application().isAlive());
    assertThat(application().end(1)).as(application().said()).isZero();
    assertThat(application().said()).contains("closed").doesNotContain("WRONG");
    awaitPagersEnd();
    look(true, true);
    return application().said();
  }

  private HammeredJvm application() {
    return java.util.Objects.requireNonNull(jvm);
  }

  private RunningMemory memory() {
    return java.util.Objects.requireNonNull(memory);
  }

  private void start() throws Exception {
    close();
    keeps = random.nextBoolean();
    HammeredJvm started =
        HammeredJvm.start(
            options,
            Hammer.class,
            FileStore.at(store).uri(),
            (long) PAGES * PAGE,
            RESIDENT,
            platform,
            virtual,
            Long.MAX_VALUE,
            journal,
            keeps ? "keeps" : "forgets");
    jvm = started;
    started.await("open");
    assertThat(started.isAlive()).as(started.said()).isTrue();
    memory = RunningMemory.of(Native.calls(), started.pid()).get(0);
  }

  private void kill(Kind kind) throws Exception {
    switch (kind) {
      case WORKER -> killOne("Worker");
      case GUARDIAN -> killOne("Guardian");
      case ALL -> killAll();
      case APPLICATION -> killApplication();
    }
    assertThat(application().isAlive()).as(application().said()).isTrue();
    if (holders().isEmpty()) {
      adopt();
    }
  }

  private void killOne(String role) throws Exception {
    List<Long> found = new ArrayList<>();
    await(
        "there is a " + role,
        () -> {
          found.addAll(pagers(role));
          return !found.isEmpty();
        });
    destroy(found.get(random.nextInt(found.size())));
  }

  private static void destroy(long pid) {
    ProcessHandle.of(pid).ifPresent(ProcessEnd::kill);
  }

  private void killAll() throws IOException {
    for (List<Long> left = pagers(""); !left.isEmpty(); left = pagers("")) {
      left.forEach(KilledProcesses::destroy);
    }
  }

  private void adopt() throws Exception {
    await("what was killed is gone", () -> pagers("").isEmpty());
    assertThat(Adoption.of(memory())).isInstanceOf(Adoption.Outcome.Adopted.class);
  }

  private void killApplication() throws Exception {
    application().kill();
    boolean isLost = false;
    switch (random.nextInt(4)) {
      case 0 -> {
        Thread.sleep(random.nextInt(150));
        List<Long> holders = holders();
        if (holders.size() > 1) {
          destroy(holders.get(random.nextInt(holders.size())));
        }
      }
      case 1 -> {
        Thread.sleep(random.nextInt(150));
        killAll();
        isLost = true; // what was not flushed may be: all that had it is gone
      }
      default -> {
        // the pager ends by itself
      }
    }
    await("the application ends", () -> !application().isAlive());
    assertThat(application().said()).doesNotContain("WRONG");
    awaitPagersEnd();
    look(keeps && !isLost, false);
    start();
  }

  private void awaitPagersEnd() throws Exception {
    await("the pager ends", () -> pagers("").isEmpty());
  }

  private void awaitServed() throws Exception {
    long faults = memory().state().get(Counter.FAULTS);
    await("faults are served", () -> memory().state().get(Counter.FAULTS) > faults + 1_000);
  }

  /** Waits until a guardian, a worker and a standby are there, and faults are served. */
  private void awaitWhole() throws Exception {
    await(
        "all processes are there",
        () ->
            memory().lives(Role.GUARDIAN)
                && memory().lives(Role.WORKER)
                && memory().lives(Role.STANDBY));
    awaitServed();
  }

  /** The processes of the pager that run a class; all for an empty name. */
  private List<Long> pagers(String role) throws IOException {
    String folder = memory().state().settings().folder() + "/";
    List<Long> found = new ArrayList<>();
    try (DirectoryStream<Path> all = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
      for (Path each : all) {
        try {
          String line = Files.readString(each.resolve("cmdline")).replace('\0', ' ');
          if (line.contains(folder) && line.contains("." + role)) {
            found.add(Long.parseLong(each.getFileName().toString()));
          }
        } catch (IOException e) {
          // it has ended
        }
      }
    }
    return found;
  }

  /** Those of them that have the memory's files, so that others can go on after them. */
  private List<Long> holders() throws IOException {
    List<Long> found = new ArrayList<>();
    for (long pid : pagers("")) {
      try (DirectoryStream<Path> files =
          Files.newDirectoryStream(Path.of("/proc/%d/fd".formatted(pid)))) {
        for (Path file : files) {
          if (Files.readSymbolicLink(file).toString().startsWith("/memfd:remote-pages")) {
            found.add(pid);
            break;
          }
        }
      } catch (IOException | java.nio.file.DirectoryIteratorException e) {
        // it has ended
      }
    }
    return found;
  }

  /** Each long of the store is what a thread stored there last, or, if that may be lost, before. */
  private void look(boolean keeps, boolean isClosed) throws IOException, StoreException {
    try (Arena arena = Arena.ofConfined();
        PageStore opened = FileStore.at(store).open(PAGES, PAGE)) {
      Journal said = Journal.open(journal, platform + virtual, PAGES, arena);
      MemorySegment room = arena.allocate(PAGE, PAGE);
      for (int page = 0; page < PAGES; page++) {
        MemorySegment found = opened.read(page, 1, room);
        for (int thread = 0; thread < platform + virtual; thread++) {
          int done = said.done(thread, page);
          int least = keeps ? done : said.flushed(thread, page);
          int most = isClosed ? done : said.begun(thread, page);
          long value = found.get(ValueLayout.JAVA_LONG, thread * 8L);
          int version = version(thread, page, value, least, most);
          if (version < 0) {
            throw new AssertionError(
                "page %d in the store has %x of thread %d, and its versions %d to %d have not; %d was flushed, %d stored, %d begun; %s"
                    .formatted(
                        page,
                        value,
                        thread,
                        least,
                        most,
                        said.flushed(thread, page),
                        done,
                        said.begun(thread, page),
                        dump()));
          }
          said.found(thread, page, version);
        }
      }
    }
  }

  private static int version(int thread, int page, long value, int least, int most) {
    for (int version = least; version <= most; version++) {
      if (Hammer.value(thread, page, version) == value) {
        return version;
      }
    }
    return -1;
  }

  /** What has to come. */
  private interface Condition {
    boolean holds() throws Exception;
  }

  private void await(String what, Condition condition) throws Exception {
    long until = System.nanoTime() + PATIENCE_SECONDS * 1_000_000_000;
    while (!condition.holds()) {
      if (System.nanoTime() > until) {
        throw new AssertionError("%s: not in %d s; %s".formatted(what, PATIENCE_SECONDS, dump()));
      }
      Thread.sleep(2);
    }
  }

  /** What can be seen of its processes, of their threads, and of its pages. */
  private String dump() throws IOException {
    StringBuilder all = new StringBuilder("kills so far: " + kills + "\n");
    all.append("phase ").append(memory().state().phase()).append('\n');
    for (Role role : Role.values()) {
      all.append(role).append(' ').append(memory().state().process(role));
      all.append(memory().lives(role) ? " lives\n" : " has ended\n");
    }
    for (Counter counter : Counter.values()) {
      all.append(counter).append(' ').append(memory().state().get(counter)).append('\n');
    }
    TreeMap<String, Integer> states = new TreeMap<>();
    for (int page = 0; page < PAGES; page++) {
      states.merge(Integer.toBinaryString(memory().state().page(page)), 1, Integer::sum);
    }
    all.append("pages ").append(states).append('\n');
    List<Long> processes = new ArrayList<>(pagers(""));
    processes.add(application().pid());
    for (long pid : processes) {
      all.append("process ").append(pid).append(": ").append(threads(pid)).append('\n');
    }
    return all.append(application().said()).toString();
  }

  private static TreeMap<String, Integer> threads(long pid) {
    TreeMap<String, Integer> found = new TreeMap<>();
    try (DirectoryStream<Path> all =
        Files.newDirectoryStream(Path.of("/proc/%d/task".formatted(pid)))) {
      for (Path each : all) {
        String name = Files.readString(each.resolve("comm")).strip();
        found.merge(name + " " + Files.readString(each.resolve("wchan")), 1, Integer::sum);
      }
    } catch (IOException e) {
      found.put(e.toString(), 1);
    }
    return found;
  }

  @Override
  public void close() throws IOException {
    if (jvm != null) {
      jvm.kill();
    }
    if (memory != null) {
      killAll();
      memory.close();
      memory = null;
    }
  }
}
