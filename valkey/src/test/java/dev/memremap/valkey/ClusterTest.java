// SPDX-License-Identifier: Apache-2.0
package dev.memremap.valkey;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.memremap.pager.store.MarkedPages;
import dev.memremap.pager.store.PageStore;
import dev.memremap.pager.store.StoreException;
import dev.memremap.pager.store.StoreException.Kind;
import dev.memremap.valkey.servers.Engine;
import dev.memremap.valkey.servers.NeedsServers;
import dev.memremap.valkey.servers.RunningCluster;
import dev.memremap.valkey.servers.RunningNode;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A master is killed in a cluster of three masters and three replicas. */
@NeedsServers
@Tag("thorough")
class ClusterTest {
  private static final int PAGE = ModelWriters.PAGE;
  private static final int PAGES = ModelWriters.PAGES;

  @TempDir private Path folder;

  @ParameterizedTest
  @MethodSource("dev.memremap.valkey.Rounds#all")
  @DisplayName(
      "a master is killed under eight writing threads: nothing is lost, torn or old, before and after reopening")
  void masterKilled(int round) throws Exception {
    try (ChangedCluster changed = ChangedCluster.start(folder, "a master killed")) {
      changed.cluster().masters().get(round % 3).kill();
      RunningCluster.await(() -> changed.cluster().masters().size() == 3);
      changed.isWhole();
    }
  }

  @ParameterizedTest
  @MethodSource("dev.memremap.valkey.Rounds#all")
  @DisplayName(
      "a replica that lacks writes is promoted: a flush was refused before, and the new master gets them from the writer")
  void laggingReplica(int round) throws Exception {
    try (RunningCluster cluster = RunningCluster.start(Engine.VALKEY, folder)) {
      ValkeyLocation location =
          ValkeyStore.at("valkey://" + cluster.hosts()).timeout(Duration.ofMillis(800));
      try (PageStore store = location.open(PAGES, PAGE)) {
        ModelWriters.writeAll(store, 1);
        ModelWriters.flush(store);
        for (RunningNode master : cluster.masters()) {
          master.refuseReplicas();
        }
        ModelWriters.writeAll(store, 2);
        StoreException refused = catchThrowableOfType(StoreException.class, store::flush);
        assertThat(refused).isNotNull();
        assertThat(refused).hasMessageContaining("too few replicas have what was written");
        RunningNode first = cluster.masters().get(round % 3);
        for (RunningNode master : cluster.masters()) {
          if (master != first) {
            master.takeReplicas();
          }
        }
        first.kill();
        RunningCluster.await(() -> cluster.masters().size() == 3);
        ModelWriters.flush(store);
        assertThat(ModelWriters.versions(store)).containsOnly(2);
      }
      try (PageStore store = location.open(PAGES, PAGE)) {
        assertThat(ModelWriters.versions(store)).containsOnly(2);
      }
    }
  }

  private static long version(PageStore store, MemorySegment room) throws StoreException {
    return Patience.until(() -> MarkedPages.version(store.read(0, 1, room), 0));
  }

  @ParameterizedTest
  @MethodSource("dev.memremap.valkey.Rounds#all")
  @DisplayName(
      "two applications attach a store around a failover: one is refused, and no page is mixed")
  void twoApplications(int round) throws Exception {
    try (RunningCluster cluster = RunningCluster.start(Engine.VALKEY, folder)) {
      ValkeyLocation location = ValkeyStore.at("valkey://" + cluster.hosts());
      PageKeys keys = new PageKeys("memremap", PAGE);
      MemorySegment room = Arena.ofAuto().allocate(PAGE);
      try (PageStore first = location.open(PAGES, PAGE)) {
        MarkedPages.fill(room, 0, 1);
        first.write(0, room);
        first.flush();
        RunningNode owner = null;
        for (RunningNode master : cluster.masters()) {
          String lease = new String(keys.lease(), StandardCharsets.US_ASCII);
          if (!master.ask("GET", lease).startsWith("MOVED")) {
            owner = master;
          }
        }
        owner.kill();
        RunningCluster.await(() -> cluster.masters().size() == 3);
        StoreException refused =
            catchThrowableOfType(
                StoreException.class, () -> Patience.until(() -> location.open(PAGES, PAGE)));
        assertThat(refused).as("the second application got the store").isNotNull();
        assertThat(refused.kind()).isEqualTo(Kind.TAKEN);
        assertThat(refused)
            .hasMessageContaining("one writer")
            .hasMessageContaining("the store is free at");
        MarkedPages.fill(room, 0, 2);
        Patience.until(
            () -> {
              first.write(0, room);
              return true;
            });
        assertThat(version(first, room)).isEqualTo(2);
      }
      try (PageStore second = location.open(PAGES, PAGE)) {
        assertThat(version(second, room)).isEqualTo(2);
      }
    }
  }

  @Test
  @DisplayName("a cluster of which any master throws keys away when it is full is refused")
  void evictingMaster() throws Exception {
    try (RunningCluster cluster = RunningCluster.start(Engine.VALKEY, folder)) {
      ValkeyLocation location = ValkeyStore.at("valkey://" + cluster.hosts());
      for (RunningNode master : cluster.masters()) {
        master.ask("CONFIG", "SET", "maxmemory-policy", "allkeys-lru");
        StoreException refused =
            catchThrowableOfType(StoreException.class, () -> location.open(PAGES, PAGE));
        assertThat(refused.kind()).isEqualTo(Kind.UNFIT);
        assertThat(refused).hasMessageContaining(master.address() + " throws keys away");
        master.ask("CONFIG", "SET", "maxmemory-policy", "noeviction");
      }
      location.open(PAGES, PAGE).close();
    }
  }
}
