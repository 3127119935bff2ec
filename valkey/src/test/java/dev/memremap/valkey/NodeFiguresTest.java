// SPDX-License-Identifier: Apache-2.0
package dev.memremap.valkey;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.memremap.pager.store.NodeFigures;
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
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is counted of each node. */
@NeedsServers
class NodeFiguresTest {
  private static final int PAGE = 4096;

  /** Pages of a part, which is at one node. */
  private static final int PART = (1 << 20) / PAGE;

  @TempDir private Path folder;

  private static MemorySegment pages(int count) {
    return Arena.ofAuto().allocate((long) count * PAGE).fill((byte) 5);
  }

  private static Map<String, Long> byNode(PageStore store, ToLongFunction<NodeFigures> figure) {
    return store.nodes().stream()
        .filter(each -> figure.applyAsLong(each) > 0)
        .collect(Collectors.toMap(NodeFigures::node, figure::applyAsLong));
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  @DisplayName("pages, bytes and times of one node are counted, by either way of reading")
  void oneNode(boolean ownReads) throws Exception {
    try (RunningNode node = RunningNode.start(Engine.VALKEY, folder);
        PageStore store =
            ValkeyStore.at("valkey://" + node.address()).ownReads(ownReads).open(64, PAGE)) {
      assertThat(store.nodes())
          .containsExactly(new NodeFigures(node.address(), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0));
      store.write(0, pages(40)); // three scripts
      store.write(1, pages(1));
      store.read(0, 3, pages(3));
      store.read(7, 1, pages(1));
      NodeFigures figures = store.nodes().getFirst();
      assertThat(figures.pagesRead()).isEqualTo(4);
      assertThat(figures.bytesRead()).isEqualTo(4 * PAGE);
      assertThat(figures.pagesWritten()).isEqualTo(41);
      assertThat(figures.bytesWritten()).isEqualTo(41 * PAGE);
      assertThat(figures.longestReadNanos()).isPositive().isLessThan(figures.readNanos());
      assertThat(figures.longestWriteNanos()).isPositive().isLessThan(figures.writeNanos());
      assertThat(figures.refusals()).isZero();
      assertThat(figures.outages()).isZero();
      assertThat(store.facts())
          .filteredOn(fact -> fact.name().equals("pages"))
          .extracting(StoreFact::node, fact -> fact.value().replaceAll("in [0-9.]+ ms", "in T"))
          .containsExactly(
              org.assertj.core.api.Assertions.tuple(
                  node.address(),
                  "4 read, the longest in T; 41 written, the longest in T; 0 refusals, 0 outages"));
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  @DisplayName("a node that has ended refuses again and again, and each page is one outage")
  void ended(boolean ownReads) throws Exception {
    try (RunningNode node = RunningNode.start(Engine.VALKEY, folder);
        PageStore store =
            ValkeyStore.at("valkey://" + node.address() + "?timeout=600ms")
                .ownReads(ownReads)
                .open(8, PAGE)) {
      store.read(0, 1, pages(1));
      node.kill();
      assertThat(catchThrowableOfType(StoreException.class, () -> store.read(0, 1, pages(1))))
          .isNotNull();
      NodeFigures figures = store.nodes().getFirst();
      assertThat(figures.outages()).isEqualTo(1);
      assertThat(figures.refusals()).isGreaterThan(1);
      assertThat(catchThrowableOfType(StoreException.class, () -> store.write(0, pages(1))))
          .isNotNull();
      assertThat(store.nodes()).extracting(NodeFigures::outages).containsExactly(2L);
      assertThat(store.nodes()).extracting(NodeFigures::pagesRead).containsExactly(1L);
      assertThat(store.nodes()).extracting(NodeFigures::pagesWritten).containsExactly(0L);
    }
  }

  @Test
  @DisplayName(
      "in a cluster each page counts for the node that has it; one that is promoted gets figures, and the killed one keeps its own")
  void cluster() throws Exception {
    int parts = 12;
    try (RunningCluster cluster = RunningCluster.start(Engine.VALKEY, folder);
        PageStore store =
            ValkeyStore.at("valkey://" + cluster.hosts() + "?timeout=30s")
                .open((long) parts * PART, PAGE);
        PageStore shared =
            ValkeyStore.at("valkey://" + cluster.hosts() + "?prefix=b&timeout=30s")
                .ownReads(false)
                .open((long) parts * PART, PAGE)) {
      assertThat(store.nodes()).hasSize(3);
      useAll(store, parts);
      useAll(shared, parts);
      String killed = store.nodeOf(0);
      List<String> before = store.nodes().stream().map(NodeFigures::node).toList();
      long had = byNode(store, NodeFigures::pagesRead).getOrDefault(killed, 0L);
      RunningNode master =
          cluster.masters().stream()
              .filter(each -> each.address().equals(killed))
              .findFirst()
              .orElseThrow();
      master.kill();
      RunningCluster.await(() -> cluster.masters().size() == 3);
      store.read(0, 1, pages(1));
      String promoted = store.nodeOf(0);
      assertThat(before).doesNotContain(promoted);
      assertThat(byNode(store, NodeFigures::pagesRead))
          .containsEntry(promoted, 1L)
          .containsEntry(killed, had);
    }
  }

  /** Writes and reads some pages of each part, and compares. */
  private static void useAll(PageStore store, int parts) throws StoreException {
    Map<String, Long> read = new HashMap<>();
    Map<String, Long> written = new HashMap<>();
    for (int part = 0; part < parts; part++) {
      long first = (long) part * PART;
      int count = part + 1;
      store.write(first, pages(count));
      written.merge(store.nodeOf(first), (long) count, Long::sum);
    }
    store.flush(); // a page that replicas may not have is not asked for
    for (int part = 0; part < parts; part++) {
      long first = (long) part * PART;
      int count = part % 3 + 1;
      store.read(first, count, pages(count));
      read.merge(store.nodeOf(first), (long) count, Long::sum);
    }
    assertThat(written).hasSize(3);
    assertThat(byNode(store, NodeFigures::pagesWritten)).isEqualTo(written);
    assertThat(byNode(store, NodeFigures::pagesRead)).isEqualTo(read);
  }
}
