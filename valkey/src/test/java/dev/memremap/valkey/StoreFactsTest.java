// SPDX-License-Identifier: Apache-2.0
package dev.memremap.valkey;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.memremap.pager.store.PageStore;
import dev.memremap.pager.store.StoreException;
import dev.memremap.pager.store.StoreFact;
import dev.memremap.valkey.servers.Engine;
import dev.memremap.valkey.servers.NeedsServers;
import dev.memremap.valkey.servers.RunningCluster;
import dev.memremap.valkey.servers.RunningNode;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a store in Valkey says of itself. */
class StoreFactsTest {
  private static final int PAGE = 4096;

  @TempDir private Path folder;

  private static List<String> of(PageStore store, String name) {
    return store.facts().stream()
        .filter(fact -> fact.name().equals(name))
        .map(StoreFact::value)
        .toList();
  }

  @Test
  @DisplayName("replicas, how far they are behind and when they were heard of are read")
  void replicas() {
    String info =
        """
        # Replication\r
        role:master\r
        connected_slaves:2\r
        slave0:ip=127.0.0.1,port=7003,state=online,offset=900,lag=1\r
        slave1:ip=::1,port=7004,state=wait_bgsave,offset=0,lag=0,type=replica\r
        master_repl_offset:1000\r
        """;
    assertThat(NodeFacts.read("a:1", info))
        .containsExactly(
            new StoreFact(
                "a:1", "replica", "127.0.0.1:7003 is online, 100 bytes behind, heard of 1 s ago"),
            new StoreFact(
                "a:1", "replica", "::1:7004 is wait_bgsave, 1,000 bytes behind, heard of 0 s ago"));
  }

  @Test
  @DisplayName("slots that lie beside each other are one range")
  void ranges() {
    assertThat(ClusterNodes.ranges(List.of(7, 3, 4, 5, 9, 10))).isEqualTo("3-5 7 9-10");
  }

  @Test
  @NeedsServers
  @DisplayName("one node has all slots, and what went wrong there is said, without waiting for it")
  void oneNode() throws Exception {
    try (RunningNode node = RunningNode.start(Engine.VALKEY, folder);
        PageStore store =
            ValkeyStore.at("valkey://" + node.address() + "?timeout=600ms").open(8, PAGE)) {
      assertThat(store.facts())
          .contains(
              StoreFact.of("kind", "one node"),
              new StoreFact(node.address(), "slots", "all"),
              new StoreFact(node.address(), "last trouble", "none"));
      assertThat(of(store, "lease").getFirst())
          .matches("epoch 1, until \\d\\d:\\d\\d:\\d\\d unless it is renewed");
      assertThat(of(store, "not confirmed yet").getFirst()).startsWith("0 pages, 0 of at most ");
      node.kill();
      MemorySegment room = Arena.ofAuto().allocate(PAGE);
      assertThat(catchThrowableOfType(StoreException.class, () -> store.read(0, 1, room)))
          .isNotNull();
      assertThat(of(store, "last trouble").getFirst())
          .matches("\\d\\d:\\d\\d(:\\d\\d)?: (no connection|no answer in time); .*");
    }
  }

  @Test
  @NeedsServers
  @DisplayName("a cluster's masters have their slots, and each a replica")
  void cluster() throws Exception {
    try (RunningCluster cluster = RunningCluster.start(Engine.VALKEY, folder);
        PageStore store = ValkeyStore.at("valkey://" + cluster.hosts()).open(1 << 16, PAGE)) {
      assertThat(of(store, "kind")).containsExactly("a cluster");
      assertThat(of(store, "slots"))
          .containsExactlyInAnyOrder("0-5460", "5461-10922", "10923-16383");
      while (of(store, "replica").size() < 3) {
        Thread.onSpinWait(); // the limit of the build ends it
      }
      assertThat(of(store, "replica"))
          .allMatch(each -> each.matches("127.0.0.1:\\d+ is online, [0-9,]+ bytes behind, .*"));
    }
  }
}
