// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager.hammer;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** A cgroup with a limit of memory, of version 1 or 2, below the root of its hierarchy. */
final class MemoryGroup implements AutoCloseable {
  private static final Path ONE = Path.of("/sys/fs/cgroup/memory");
  private static final Path TWO = Path.of("/sys/fs/cgroup");

  private final Path folder;
  private final boolean isTwo;

  private MemoryGroup(Path folder, boolean isTwo) {
    this.folder = folder;
    this.isTwo = isTwo;
  }

  /** Why none can be made here; empty if one can. */
  static Optional<String> whyNot() {
    try {
      of("memremap-try-" + ProcessHandle.current().pid(), 1 << 30).close();
      return Optional.empty();
    } catch (IOException e) {
      return Optional.of("no cgroup with a limit of memory can be made here: " + e);
    }
  }

  /** Makes one. */
  static MemoryGroup of(String name, long bytes) throws IOException {
    boolean isTwo = !Files.exists(ONE.resolve("memory.limit_in_bytes"));
    Path folder = (isTwo ? TWO : ONE).resolve(name);
    if (isTwo) {
      Files.writeString(TWO.resolve("cgroup.subtree_control"), "+memory");
    }
    Files.createDirectory(folder);
    MemoryGroup made = new MemoryGroup(folder, isTwo);
    Files.writeString(made.file("memory.limit_in_bytes", "memory.max"), Long.toString(bytes));
    if (isTwo && Files.exists(folder.resolve("memory.swap.max"))) {
      Files.writeString(folder.resolve("memory.swap.max"), "0");
    }
    return made;
  }

  private Path file(String ofOne, String ofTwo) {
    return folder.resolve(isTwo ? ofTwo : ofOne);
  }

  /** The words before a command line that is to run in it. */
  List<String> prefix() {
    String script = "echo $$ > %s && exec \"$@\"".formatted(folder.resolve("cgroup.procs"));
    return List.of("sh", "-c", script, "sh");
  }

  /** Moves a process here; what it starts from now on is here, too. */
  void take(long pid) throws IOException {
    Files.writeString(folder.resolve("cgroup.procs"), Long.toString(pid));
  }

  /** Its processes. */
  List<Long> processes() throws IOException {
    List<Long> found = new ArrayList<>();
    try (Stream<String> lines = Files.lines(folder.resolve("cgroup.procs"))) {
      lines.forEach(line -> found.add(Long.parseLong(line)));
    }
    return found;
  }

  /** How much memory it had at most; what the kernel can take back at any time is in it. */
  long mostBytes() throws IOException {
    return Long.parseLong(
        Files.readString(file("memory.max_usage_in_bytes", "memory.peak")).strip());
  }

  /** How many of its processes the kernel has killed, since the limit was too low. */
  long killed() throws IOException {
    try (Stream<String> lines = Files.lines(file("memory.oom_control", "memory.events"))) {
      return lines
          .filter(line -> line.startsWith("oom_kill "))
          .mapToLong(line -> Long.parseLong(line.substring("oom_kill ".length())))
          .sum();
    }
  }

  @Override
  public void close() throws IOException {
    while (!processes().isEmpty()) {
      Thread.onSpinWait(); // one that was killed has not quite gone
    }
    Files.delete(folder);
  }
}
