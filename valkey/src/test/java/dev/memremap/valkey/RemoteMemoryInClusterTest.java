// SPDX-License-Identifier: Apache-2.0
package dev.memremap.valkey;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.memremap.pager.Advice;
import dev.memremap.pager.NeedsUserfaultfd;
import dev.memremap.pager.RemoteMemory;
import dev.memremap.pager.RemoteMemoryException;
import dev.memremap.valkey.servers.Engine;
import dev.memremap.valkey.servers.NeedsServers;
import dev.memremap.valkey.servers.RunningCluster;
import dev.memremap.valkey.servers.RunningNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A remote memory whose pages live in a cluster of three masters. */
@NeedsServers
@NeedsUserfaultfd
@Tag("thorough")
class RemoteMemoryInClusterTest {
  private static final int PAGE = 4096;
  private static final long PART = 1 << 20;
  private static final int PARTS = 64;

  @TempDir private Path folder;

  @ParameterizedTest
  @MethodSource("dev.memremap.valkey.Rounds#all")
  @DisplayName(
      "a master and its replica stand still: their pages are poisoned, all others come, and all are right thereafter")
  void slotsLost(int round) throws Exception {
    // unless told so, a cluster that lacks slots serves none
    try (RunningCluster cluster =
        RunningCluster.start(Engine.VALKEY, folder, "--cluster-require-full-coverage", "no")) {
      ValkeyLocation location =
          ValkeyStore.at("valkey://" + cluster.hosts()).timeout(Duration.ofSeconds(1));
      try (RemoteMemory memory =
          RemoteMemory.open(
              location,
              PARTS * PART,
              RemoteMemory.resident(8 << 20),
              RemoteMemory.limit(Duration.ofSeconds(1)))) {
        for (int part = 0; part < PARTS; part++) {
          memory.putLong(part * PART, part + 1);
        }
        memory.flush();
        memory.advise(0, memory.byteSize(), Advice.DONT_NEED);
        RunningCluster.await(() -> memory.figures().resident() == 0);
        RunningNode master = cluster.masters().get(round % 3);
        List<Integer> lost = partsAt(master);
        assertThat(lost).isNotEmpty().hasSizeLessThan(PARTS);
        List<RunningNode> stopped = new ArrayList<>(cluster.replicasOf(master));
        assertThat(stopped).hasSize(1);
        stopped.add(master);
        signal(stopped, "STOP");
        try {
          for (int part = 0; part < PARTS; part++) {
            long at = part * PART;
            if (lost.contains(part)) {
              assertThatThrownBy(() -> memory.getLong(at))
                  .isInstanceOf(RemoteMemoryException.class);
            } else {
              assertThat(memory.getLong(at)).isEqualTo(part + 1);
            }
          }
        } finally {
          signal(stopped, "CONT");
        }
        RunningCluster.await(() -> memory.figures().poisoned() == 0);
        for (int part = 0; part < PARTS; part++) {
          assertThat(memory.getLong(part * PART)).isEqualTo(part + 1);
        }
      }
    }
  }

  private static void signal(List<RunningNode> nodes, String name) throws Exception {
    for (RunningNode node : nodes) {
      node.signal(name);
    }
  }

  private static List<Integer> partsAt(RunningNode master) throws IOException {
    PageKeys keys = new PageKeys("memremap", PAGE);
    List<Integer> parts = new ArrayList<>();
    for (int part = 0; part < PARTS; part++) {
      String key = new String(keys.fence(part), StandardCharsets.US_ASCII);
      if (!master.ask("GET", key).startsWith("MOVED")) {
        parts.add(part);
      }
    }
    return parts;
  }
}
