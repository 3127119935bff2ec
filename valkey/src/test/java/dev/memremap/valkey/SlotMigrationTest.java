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
import io.lettuce.core.cluster.SlotHash;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.io.TempDir;

/** A slot that goes from one node of a cluster to the other, step by step. */
@NeedsServers
class SlotMigrationTest {
  private static final int PAGE = 4096;
  private static final int SLOTS = 16384;

  @TempDir private Path folder;
  private RunningNode first;
  private RunningNode second;
  private final MemorySegment room = Arena.ofAuto().allocate(PAGE);
  private final PageKeys keys = new PageKeys("memremap", PAGE);

  @BeforeEach
  void start() throws Exception {
    first = node();
    second = node();
    // without the program that makes clusters: two masters, each with half of the slots
    first.ask("CLUSTER", "ADDSLOTSRANGE", "0", "" + (SLOTS / 2 - 1));
    second.ask("CLUSTER", "ADDSLOTSRANGE", "" + SLOTS / 2, "" + (SLOTS - 1));
    second.ask("CLUSTER", "SET-CONFIG-EPOCH", "2");
    first.ask("CLUSTER", "MEET", "127.0.0.1", "" + second.port());
    for (RunningNode each : List.of(first, second)) {
      RunningCluster.await(
          () ->
              each.ask("CLUSTER", "INFO").contains("cluster_state:ok")
                  && each.ask("CLUSTER", "SLOTS").contains("" + first.port())
                  && each.ask("CLUSTER", "SLOTS").contains("" + second.port()));
    }
  }

  private RunningNode node() throws Exception {
    return RunningNode.start(
        Engine.VALKEY, folder, "--cluster-enabled", "yes", "--appendonly", "no");
  }

  @AfterEach
  void end() {
    first.close();
    second.close();
  }

  private PageStore open(boolean own) throws StoreException {
    return ValkeyStore.at("valkey://%s,%s".formatted(first.address(), second.address()))
        .timeout(Duration.ofSeconds(1))
        .ownReads(own)
        .open(100_000, PAGE);
  }

  private long version(PageStore store, long page) throws StoreException {
    room.fill((byte) 3);
    return MarkedPages.version(store.read(page, 1, room), page);
  }

  private void write(PageStore store, long page, long version) throws StoreException {
    MarkedPages.fill(room, page, version);
    store.write(page, room);
  }

  /** The first page of a part whose keys are at the first node. */
  private long pageOfFirst() {
    long page = 0;
    while (SlotHash.getSlot(keys.page(page)) >= SLOTS / 2) {
      page += keys.perPart();
    }
    return page;
  }

  private static String text(byte[] key) {
    return new String(key, StandardCharsets.US_ASCII);
  }

  private void migrate(byte[] key) throws IOException {
    String said =
        first.ask("MIGRATE", "127.0.0.1", "" + second.port(), text(key), "0", "5000", "REPLACE");
    assertThat(said).isEqualTo("OK");
  }

  @EachPath
  @DisplayName(
      "ASK, TRYAGAIN and MOVED: no page is lost or old, and one that cannot be read yet is named")
  void migrates(boolean own) throws Exception {
    long page = pageOfFirst();
    String slot = "" + SlotHash.getSlot(keys.page(page));
    String firstId = first.ask("CLUSTER", "MYID");
    String secondId = second.ask("CLUSTER", "MYID");
    try (PageStore store = open(own)) {
      write(store, page, 1);
      write(store, page + 1, 2);
      store.flush(); // until then a page is read from what the store keeps of it
      assertThat(version(store, page)).isEqualTo(1);

      assertThat(second.ask("CLUSTER", "SETSLOT", slot, "IMPORTING", firstId)).isEqualTo("OK");
      assertThat(first.ask("CLUSTER", "SETSLOT", slot, "MIGRATING", secondId)).isEqualTo("OK");
      // all is still at the first one
      assertThat(version(store, page)).isEqualTo(1);

      // the fence is there, the page is not: neither node can answer for both
      migrate(keys.fence(keys.part(page)));
      assertThat(first.ask("MGET", text(keys.fence(keys.part(page))), text(keys.page(page))))
          .startsWith("TRYAGAIN");
      StoreException refused =
          catchThrowableOfType(StoreException.class, () -> version(store, page));
      assertThat(refused).isNotNull();
      assertThat(refused.kind()).isEqualTo(Kind.OUTAGE);
      assertThat(refused)
          .hasMessageContaining(
              "page %d not read: its keys are moving to another node just now".formatted(page));

      // both are there, and the slot is not yet: the first one says to ask the second
      migrate(keys.page(page));
      assertThat(first.ask("MGET", text(keys.fence(keys.part(page))), text(keys.page(page))))
          .startsWith("ASK ");
      assertThat(version(store, page)).isEqualTo(1);
      assertThat(version(store, page)).isEqualTo(1);

      migrate(keys.page(page + 1));
      second.ask("CLUSTER", "SETSLOT", slot, "NODE", secondId);
      first.ask("CLUSTER", "SETSLOT", slot, "NODE", secondId);
      assertThat(version(store, page)).isEqualTo(1);
      assertThat(version(store, page + 1)).isEqualTo(2);
      write(store, page, 3);
      store.flush();
      assertThat(version(store, page)).isEqualTo(3);
    }
  }

  @EachPath
  @DisplayName("CLUSTERDOWN: a cluster that lacks slots is named, and waited for")
  void down(boolean own) throws Exception {
    long page = pageOfFirst();
    try (PageStore store = open(own)) {
      write(store, page, 1);
      store.flush();
      assertThat(version(store, page)).isEqualTo(1);
      first.ask("CLUSTER", "DELSLOTS", "1");
      second.ask("CLUSTER", "DELSLOTS", "1");
      RunningCluster.await(() -> first.ask("CLUSTER", "INFO").contains("cluster_state:fail"));
      StoreException refused =
          catchThrowableOfType(StoreException.class, () -> version(store, page));
      assertThat(refused).isNotNull();
      assertThat(refused).hasMessageContaining("not read: the cluster does not serve these keys");
      first.ask("CLUSTER", "ADDSLOTS", "1");
      RunningCluster.await(() -> first.ask("CLUSTER", "INFO").contains("cluster_state:ok"));
      assertThat(version(store, page)).isEqualTo(1);
    }
  }
}
