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
import dev.memremap.valkey.servers.RunningSentinels;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A store in a master with two replicas, which three Sentinels watch. */
@NeedsServers
@Tag("thorough")
class SentinelTest {
  private static final int PAGE = 4096;
  private static final int PAGES = 600;

  @TempDir private Path folder;
  private final MemorySegment room = Arena.ofAuto().allocate((long) PAGES * PAGE);

  private void write(PageStore store, long version) throws StoreException {
    MarkedPages.fill(room, PAGE, 0, version);
    store.write(0, room);
  }

  private void isRead(PageStore store, long version) throws StoreException {
    store.read(0, PAGES, room);
    for (int page = 0; page < PAGES; page++) {
      assertThat(MarkedPages.version(room.asSlice((long) page * PAGE, PAGE), page))
          .as("page %d", page)
          .isEqualTo(version);
    }
  }

  private boolean isTaken(PageStore store) {
    try {
      store.flush();
      return true;
    } catch (StoreException e) {
      assertThat(e.kind()).isEqualTo(Kind.OUTAGE);
      return false;
    }
  }

  @Test
  @DisplayName(
      "the master is killed: the store goes on at the one that is promoted, with all pages; a second application is refused")
  void masterKilled() throws Exception {
    try (RunningSentinels all = RunningSentinels.start(Engine.VALKEY, folder)) {
      ValkeyLocation location =
          ValkeyStore.at(
              "valkey-sentinel://%s?master=%s".formatted(all.hosts(), RunningSentinels.MASTER));
      try (PageStore store = location.open(PAGES, PAGE)) {
        write(store, 1);
        store.flush();
        for (RunningNode node : all.nodes()) {
          // three parts, each with a fence; and geometry, epoch, lease and owner
          assertThat(node.ask("DBSIZE")).isEqualTo("" + (PAGES + 3 + 4));
        }
        write(store, 2);
        RunningNode first = all.master();
        first.kill();
        RunningCluster.await(() -> all.master() != first);
        RunningCluster.await(() -> isTaken(store));
        isRead(store, 2);
        StoreException refused =
            catchThrowableOfType(StoreException.class, () -> location.open(PAGES, PAGE));
        assertThat(refused.kind()).isEqualTo(Kind.TAKEN);
        write(store, 3);
        RunningCluster.await(() -> isTaken(store));
      }
      try (PageStore store = location.open(PAGES, PAGE)) {
        isRead(store, 3);
      }
    }
  }
}
