// SPDX-License-Identifier: Apache-2.0
package dev.memremap.valkey;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.memremap.pager.NeedsUserfaultfd;
import dev.memremap.pager.RemoteMemory;
import dev.memremap.pager.RemoteMemoryException;
import dev.memremap.pager.internal.process.RunningMemory;
import dev.memremap.pager.internal.state.StateFile.Role;
import dev.memremap.pager.internal.sys.Native;
import dev.memremap.valkey.servers.Engine;
import dev.memremap.valkey.servers.NeedsServers;
import dev.memremap.valkey.servers.RunningCluster;
import dev.memremap.valkey.servers.RunningNode;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A remote memory whose pages live in a node. */
@NeedsServers
@NeedsUserfaultfd
class RemoteMemoryInValkeyTest {
  private static final long PAGE = 4096;
  private static final long RESIDENT = 1 << 20;
  private static final long BYTES = 4 * RESIDENT;
  private static final String PASSWORD = "nine-lives-in-no-list";

  @TempDir private Path folder;

  private static long value(long page) {
    return page * 0x9e3779b97f4a7c15L + 1;
  }

  private static void write(MemorySegment all) {
    for (long page = 0; page < BYTES / PAGE; page++) {
      all.set(ValueLayout.JAVA_LONG, page * PAGE + 8 * (page % 512), value(page));
    }
  }

  private static void compare(MemorySegment all) {
    for (long page = 0; page < BYTES / PAGE; page++) {
      assertThat(all.get(ValueLayout.JAVA_LONG, page * PAGE + 8 * (page % 512)))
          .as("page %d", page)
          .isEqualTo(value(page));
    }
  }

  @Test
  @DisplayName(
      "four times as much as fits is written, read and flushed, and read again after reopening; the password is in no command line, environment or message")
  void largerThanMemory() throws Exception {
    try (RunningNode node = RunningNode.start(Engine.VALKEY, folder, "--requirepass", PASSWORD)) {
      ValkeyLocation location =
          ValkeyStore.at("valkey://" + node.address()).user("default", PASSWORD);
      try (RemoteMemory memory =
          RemoteMemory.open(location, BYTES, RemoteMemory.resident(RESIDENT))) {
        write(memory.segment());
        compare(memory.segment());
        memory.flush();
        assertThat(memory.figures().bytesRead()).isGreaterThan(BYTES);
        assertThat(memory.store().toString()).contains("default:***@");
        assertThat(memory.toString()).doesNotContain(PASSWORD);
        assertThat(saysOfPagers()).isNotEmpty().noneMatch(text -> text.contains(PASSWORD));
        assertThatThrownBy(() -> RemoteMemory.open(location, BYTES))
            .isInstanceOf(RemoteMemoryException.class)
            .hasMessageContaining("has it; a store has one writer at a time")
            .hasMessageNotContaining(PASSWORD);
      }
      try (RemoteMemory memory =
          RemoteMemory.open(location, BYTES, RemoteMemory.resident(RESIDENT))) {
        compare(memory.segment());
      }
    }
  }

  /** The command lines and environments of this JVM's children, and of theirs. */
  private static List<String> saysOfPagers() throws Exception {
    List<String> all = new ArrayList<>();
    try (Stream<ProcessHandle> descendants = ProcessHandle.current().descendants()) {
      for (ProcessHandle each : descendants.toList()) {
        Path process = Path.of("/proc/" + each.pid());
        String line = Files.readString(process.resolve("cmdline"), StandardCharsets.ISO_8859_1);
        if (line.contains("dev.memremap.pager")) {
          all.add(line);
          all.add(Files.readString(process.resolve("environ"), StandardCharsets.ISO_8859_1));
        }
      }
    }
    return all;
  }

  private static void killWorker() throws Exception {
    try (RunningMemory running =
        RunningMemory.of(Native.calls(), ProcessHandle.current().pid()).getFirst()) {
      RunningCluster.await(() -> running.lives(Role.STANDBY));
      ProcessHandle.of(running.state().process(Role.WORKER)).orElseThrow().destroyForcibly();
    }
  }

  @Test
  @DisplayName("a worker is killed: the standby takes the store at once, and nothing is lost")
  void workerKilled() throws Exception {
    try (RunningNode node = RunningNode.start(Engine.VALKEY, folder)) {
      // a standby that waited for the end of the lease would wait longer than any fault may
      ValkeyLocation location =
          ValkeyStore.at("valkey://" + node.address()).lease(Duration.ofHours(1));
      try (RemoteMemory memory =
          RemoteMemory.open(
              location,
              BYTES,
              RemoteMemory.resident(RESIDENT),
              RemoteMemory.limit(Duration.ofMinutes(2)))) {
        write(memory.segment());
        long takeovers = memory.figures().takeovers();
        killWorker();
        compare(memory.segment());
        assertThat(memory.figures().takeovers()).isGreaterThan(takeovers);
      }
    }
  }
}
