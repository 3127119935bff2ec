// SPDX-License-Identifier: Apache-2.0
package dev.memremap.valkey;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.memremap.pager.store.StoreException;
import dev.memremap.pager.store.StoreException.Kind;
import dev.memremap.valkey.servers.NeedsServers;
import dev.memremap.valkey.servers.RunningCluster;
import dev.memremap.valkey.servers.RunningNode;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What happens to a cluster under eight writing threads: nothing that a flush acknowledged is lost,
 * and no page is torn or old.
 */
@NeedsServers
@Tag("thorough")
class ChangedClusterTest {
  /** Longer than a read may take, and than a cluster waits before it promotes a replica. */
  private static final long STOPPED_MILLIS = 6_000;

  private static final int MOVED_SLOTS = 1_000;

  @TempDir private Path folder;

  @ParameterizedTest
  @MethodSource("dev.memremap.valkey.Rounds#all")
  @DisplayName("a master stands still until its replica is promoted, and then goes on")
  void stopped(int round) throws Exception {
    try (ChangedCluster changed = ChangedCluster.start(folder, "a master stopped")) {
      RunningNode master = changed.cluster().masters().get(round % 3);
      master.signal("STOP");
      try {
        Thread.sleep(STOPPED_MILLIS);
      } finally {
        master.signal("CONT");
      }
      changed.isWhole();
      RunningCluster.await(() -> changed.cluster().masters().size() == 3);
    }
  }

  @ParameterizedTest
  @MethodSource("dev.memremap.valkey.Rounds#all")
  @DisplayName("masters and replicas do not reach each other: a flush is refused until they do")
  void apart(int round) throws Exception {
    try (ChangedCluster changed = ChangedCluster.start(folder, "replicas apart")) {
      List<RunningNode> masters = changed.cluster().masters();
      for (RunningNode master : masters) {
        master.refuseReplicas();
      }
      changed.writers().awaitRounds(1);
      StoreException refused =
          catchThrowableOfType(StoreException.class, () -> changed.store().flush());
      assertThat(refused).isNotNull();
      assertThat(refused.kind()).isEqualTo(Kind.OUTAGE);
      for (RunningNode master : masters) {
        master.takeReplicas();
      }
      changed.isWhole();
    }
  }

  @ParameterizedTest
  @MethodSource("dev.memremap.valkey.Rounds#all")
  @DisplayName("a thousand slots move from a master to another one")
  void slotsMoved(int round) throws Exception {
    try (ChangedCluster changed = ChangedCluster.start(folder, "slots moved")) {
      List<RunningNode> masters = changed.cluster().masters();
      changed.cluster().move(masters.get(round % 3), masters.get((round + 1) % 3), MOVED_SLOTS);
      changed.isWhole();
    }
  }

  @ParameterizedTest
  @MethodSource("dev.memremap.valkey.Rounds#all")
  @DisplayName("a master is added, and gets slots of each other one")
  void added(int round) throws Exception {
    try (ChangedCluster changed = ChangedCluster.start(folder, "a master added")) {
      changed.cluster().add(folder, MOVED_SLOTS);
      changed.isWhole();
      assertThat(changed.cluster().masters()).hasSize(4);
    }
  }

  @ParameterizedTest
  @MethodSource("dev.memremap.valkey.Rounds#all")
  @DisplayName("all replicas are killed: a flush waits for none, and for all once they are back")
  void replicasLost(int round) throws Exception {
    try (ChangedCluster changed = ChangedCluster.start(folder, "all replicas lost")) {
      List<RunningNode> replicas = changed.cluster().replicas();
      for (RunningNode replica : replicas) {
        replica.kill();
      }
      ModelWriters.flush(changed.store());
      for (RunningNode replica : replicas) {
        replica.run();
      }
      changed.cluster().awaitInStep();
      changed.isWhole();
    }
  }
}
