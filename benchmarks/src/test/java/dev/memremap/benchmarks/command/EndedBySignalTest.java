// SPDX-License-Identifier: Apache-2.0
package dev.memremap.benchmarks.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.memremap.benchmarks.version.Repository;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A bench that a signal ends: what it started ends, too, and every temporary file goes. */
class EndedBySignalTest {
  private static final long LOOK_AGAIN_MILLIS = 20;

  /** JMH's own lock, one for all runs on a computer; it stays. */
  private static final String LOCK = "jmh.lock";

  @TempDir private Path folder;
  private Path temporary;
  private Path cache;
  private Process bench;

  /** What the bench started, by process id. */
  private final List<Long> started = new ArrayList<>();

  @BeforeEach
  void directories() throws IOException {
    temporary = Files.createDirectory(folder.resolve("tmp"));
    cache = folder.resolve("cache");
  }

  @AfterEach
  void end() {
    // a test that failed may have left them
    started.forEach(pid -> ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly));
    if (bench != null) {
      bench.descendants().forEach(ProcessHandle::destroyForcibly);
      bench.destroyForcibly();
    }
  }

  @ParameterizedTest(name = "SIG{0} for {1}")
  @CsvSource({"TERM, the process", "INT, its process group"})
  @DisplayName("A signal in the middle of a fork ends the fork, and leaves no temporary file")
  void inTheMiddleOfFork(String signal, String whom) throws Exception {
    start("--only", "access", "--against", CoreJar.in(folder).toString());
    // the bench starts JMH, which starts the JVM that measures
    await(() -> bench.children().anyMatch(jmh -> jmh.children().findAny().isPresent()));
    bench.descendants().map(ProcessHandle::pid).forEach(started::add);
    send(signal, whom);
    for (long pid : started) {
      awaitEnd(pid);
    }
    assertThat(names(temporary)).isSubsetOf(LOCK);
  }

  @ParameterizedTest(name = "SIG{0} for {1}")
  @CsvSource({"TERM, the process", "INT, its process group"})
  @DisplayName("A signal in the middle of a commit's build ends Maven, and empties the cache")
  void inTheMiddleOfBuild(String signal, String whom) throws Exception {
    assumeThat(Repository.ofTheseClasses()).as("these classes lie in a repository").isPresent();
    Path pid = folder.resolve("pid");
    script("mvn", "echo $$ >%1$s.new && mv %1$s.new %1$s && exec sleep 100000".formatted(pid));
    start("--only", "access", "--against", "HEAD");
    await(() -> Files.exists(pid));
    started.add(Long.parseLong(Files.readString(pid).strip()));
    assertThat(cache.resolve("memremap/bench")).isNotEmptyDirectory();
    send(signal, whom);
    assertThat(cache.resolve("memremap/bench")).isEmptyDirectory();
    assertThat(temporary).isEmptyDirectory();
    awaitEnd(started.getFirst());
  }

  private void script(String name, String text) throws IOException {
    Path programs = Files.createDirectory(folder.resolve("bin"));
    Path script = Files.writeString(programs.resolve(name), "#!/bin/sh\n" + text + "\n");
    Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwx------"));
  }

  /** In a session of its own, and with signals that a build in the background may ignore. */
  private void start(String... arguments) throws IOException {
    List<String> command = new ArrayList<>();
    command.addAll(List.of("setsid", "env", "--default-signal=INT,TERM"));
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"));
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.addAll(List.of(MemremapDevCommand.class.getName(), "bench"));
    command.addAll(List.of("--out", folder.resolve("out").toString()));
    command.addAll(List.of(arguments));
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("said").toFile());
    builder.environment().put("XDG_CACHE_HOME", cache.toString());
    builder.environment().merge("PATH", folder.resolve("bin") + ":", (old, bin) -> bin + old);
    // every JVM that it starts has its temporary files here, too
    builder.environment().put("JAVA_TOOL_OPTIONS", "-Djava.io.tmpdir=" + temporary);
    bench = builder.start();
  }

  /** Returns as soon as it holds; fails if the bench ends before. */
  private void await(Callable<Boolean> condition) throws Exception {
    while (!condition.call()) {
      assertThat(bench.isAlive()).as(() -> "the bench runs; it said: " + said()).isTrue();
      Thread.sleep(LOOK_AGAIN_MILLIS);
    }
  }

  private String said() {
    try {
      return Files.readString(folder.resolve("said"));
    } catch (IOException e) {
      return e.toString();
    }
  }

  private void send(String signal, String whom) throws Exception {
    String target = (whom.equals("the process") ? "" : "-") + bench.pid();
    Process kill = new ProcessBuilder("/bin/kill", "-s", signal, "--", target).inheritIO().start();
    assertThat(kill.waitFor()).isZero();
    bench.waitFor();
  }

  /** One whose parent did not ask for its status yet has ended, too. */
  private static void awaitEnd(long pid) throws InterruptedException {
    try {
      while (Files.readAllBytes(Path.of("/proc/" + pid + "/cmdline")).length != 0) {
        Thread.sleep(LOOK_AGAIN_MILLIS);
      }
    } catch (IOException gone) {
      return;
    }
  }

  private static List<String> names(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.map(file -> file.getFileName().toString()).toList();
    }
  }
}
