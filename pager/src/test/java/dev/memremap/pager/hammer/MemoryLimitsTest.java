// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager.hammer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.memremap.pager.NeedsUserfaultfd;
import dev.memremap.pager.store.FileStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** The limits that docs/remote-memory.md gives for cgroups, at four times 64 MiB. */
@NeedsUserfaultfd
@Execution(ExecutionMode.CONCURRENT) // it waits for a JVM of its own
class MemoryLimitsTest {
  private static final long MIB = 1 << 20;
  private static final long HEAP = 128 * MIB;
  private static final long RESIDENT = 64 * MIB;
  private static final long MORE = 200 * MIB;
  private static final long PAGERS = 512 * MIB;

  /** So many that memory is full, and pages leave it. */
  private static final long MISSES = 25_000;

  @TempDir private Path folder;

  private HammeredJvm hammer(List<String> prefix) throws IOException {
    return HammeredJvm.start(
        prefix,
        List.of("-Xms128m", "-Xmx128m", "-XX:+AlwaysPreTouch", "-XX:+UseSerialGC"),
        Hammer.class,
        FileStore.at(folder.resolve("store")).uri(),
        4 * RESIDENT,
        RESIDENT,
        16,
        200,
        MISSES);
  }

  @Test
  @DisplayName("Heap + resident size + 200 MiB are enough for the application, 512 for its pager")
  void groups() throws Exception {
    Optional<String> why = MemoryGroup.whyNot();
    assumeTrue(why.isEmpty(), why.orElse(""));
    String name = "memremap-" + ProcessHandle.current().pid();
    try (MemoryGroup ours = MemoryGroup.of(name + "-app", HEAP + RESIDENT + MORE);
        MemoryGroup pagers = MemoryGroup.of(name + "-pager", PAGERS);
        HammeredJvm jvm = hammer(ours.prefix())) {
      jvm.await("open");
      int most = 0;
      while (jvm.isAlive()) {
        for (long pid : ours.processes()) {
          if (pid != jvm.pid()) {
            pagers.take(pid);
          }
        }
        most = Math.max(most, pagers.processes().size());
        Thread.sleep(20);
      }
      assertThat(jvm.end(60)).as(jvm.said()).isZero();
      assertThat(jvm.said()).contains("closed").doesNotContain("WRONG", "pager:");
      assertThat(ours.killed() + pagers.killed()).as("killed by the kernel").isZero();
      assertThat(most).as("guardian, worker and standby").isGreaterThanOrEqualTo(3);
      // that these limits were in force is seen by what was counted
      assertThat(ours.mostBytes()).isBetween(HEAP, HEAP + RESIDENT + MORE);
      assertThat(pagers.mostBytes()).isBetween(64 * MIB, PAGERS);
      assertThat(ours.mostBytes() + pagers.mostBytes()).isGreaterThan(HEAP + RESIDENT + 64 * MIB);
    }
  }

  /** What a process has beside pages of files, which the kernel takes back when it needs them. */
  private static long ownBytes(long pid) {
    try {
      String status = Files.readString(Path.of("/proc/%d/status".formatted(pid)));
      Matcher own = Pattern.compile("RssAnon:\\s+(\\d+) kB").matcher(status);
      return own.find() ? Long.parseLong(own.group(1)) << 10 : 0;
    } catch (IOException e) {
      return 0; // it has ended
    }
  }

  @Test
  @DisplayName("Without cgroups: no process has more memory of its own than its part of that")
  void own() throws Exception {
    assumeTrue(MemoryGroup.whyNot().isPresent(), "the kernel itself holds them to it, see above");
    try (HammeredJvm jvm = hammer(List.of())) {
      jvm.await("open");
      TreeMap<Long, Long> most = new TreeMap<>();
      long application = 0;
      while (jvm.isAlive()) {
        application = Math.max(application, ownBytes(jvm.pid()) + jvm.residentBytes());
        for (String role : List.of("Guardian", "Worker")) {
          for (long pid : jvm.pagers(role)) {
            most.merge(pid, ownBytes(pid), Math::max);
          }
        }
        Thread.sleep(50);
      }
      assertThat(jvm.end(60)).as(jvm.said()).isZero();
      assertThat(most).as("guardian, worker and standby").hasSize(3);
      assertThat(most.values().stream().mapToLong(bytes -> bytes).sum())
          .as("of all: %s", most)
          .isBetween(60 * MIB, PAGERS);
      assertThat(application).isBetween(HEAP + RESIDENT * 9 / 10, HEAP + RESIDENT + MORE);
    }
  }
}
