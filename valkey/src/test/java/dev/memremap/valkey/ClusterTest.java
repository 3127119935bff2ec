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
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A store in a cluster of three masters and three replicas. */
@NeedsServers
@Tag("thorough")
class ClusterTest {
  private static final int PAGE = 4096;
  private static final int WRITERS = 8;
  private static final int EACH = 96;

  /** So far from each other that pages lie in parts of each node. */
  private static final int STEP = 37;

  private static final int PAGES = WRITERS * EACH * STEP;

  @TempDir private Path folder;

  /** Eight threads that write pages of their own, and what they know of them. */
  private static final class Writers implements AutoCloseable {
    private final PageStore store;
    private final AtomicLongArray written = new AtomicLongArray(WRITERS * EACH);
    private final AtomicBoolean ends = new AtomicBoolean();
    private final AtomicLong longest = new AtomicLong();
    private final ExecutorService executor = Executors.newFixedThreadPool(WRITERS);
    private final List<Future<Void>> running = new ArrayList<>();

    Writers(PageStore store) {
      this.store = store;
      for (int i = 0; i < WRITERS; i++) {
        int mine = i;
        running.add(executor.submit(() -> write(mine)));
      }
    }

    static long page(int index) {
      return (long) index * STEP;
    }

    private Void write(int mine) throws StoreException {
      MemorySegment room = Arena.ofAuto().allocate(PAGE);
      for (long version = 1; !ends.get(); version++) {
        for (int i = mine; i < WRITERS * EACH && !ends.get(); i += WRITERS) {
          long began = System.nanoTime();
          writeUntilTaken(i, version, room);
          longest.accumulateAndGet(System.nanoTime() - began, Math::max);
          written.set(i, version);
          if (i % 5 == 0) {
            assertThat(read(store, page(i), room)).as("page %d", page(i)).isEqualTo(version);
          }
        }
      }
      return null;
    }

    private void writeUntilTaken(int index, long version, MemorySegment room)
        throws StoreException {
      while (true) {
        MarkedPages.fill(room, page(index), version);
        try {
          store.write(page(index), room);
          return;
        } catch (StoreException e) {
          if (e.kind() != Kind.OUTAGE) {
            throw e;
          }
        }
      }
    }

    long[] model() {
      long[] model = new long[written.length()];
      for (int i = 0; i < model.length; i++) {
        model[i] = written.get(i);
      }
      return model;
    }

    @Override
    public void close() throws Exception {
      ends.set(true);
      for (Future<Void> each : running) {
        each.get();
      }
      executor.shutdown();
    }
  }

  private static long read(PageStore store, long page, MemorySegment room) throws StoreException {
    while (true) {
      try {
        return MarkedPages.version(store.read(page, 1, room), page);
      } catch (StoreException e) {
        if (e.kind() != Kind.OUTAGE) {
          throw e;
        }
      }
    }
  }

  private static void flush(PageStore store) throws StoreException {
    while (true) {
      try {
        store.flush();
        return;
      } catch (StoreException e) {
        if (e.kind() != Kind.OUTAGE) {
          throw e;
        }
      }
    }
  }

  /** The versions of all pages that are written to. */
  private static long[] versions(PageStore store) throws StoreException {
    MemorySegment room = Arena.ofAuto().allocate(PAGE);
    long[] versions = new long[WRITERS * EACH];
    for (int i = 0; i < versions.length; i++) {
      versions[i] = read(store, Writers.page(i), room);
    }
    return versions;
  }

  @Test
  @DisplayName(
      "a master is killed under eight writing threads: nothing is lost, torn or old, before and after reopening")
  void masterKilled() throws Exception {
    try (RunningCluster cluster = RunningCluster.start(Engine.VALKEY, folder)) {
      ValkeyLocation location =
          ValkeyStore.at("valkey://" + cluster.hosts()).lease(Duration.ofSeconds(30));
      long[] flushed;
      long[] last;
      long longest;
      try (PageStore store = location.open(PAGES, PAGE)) {
        Writers writers = new Writers(store);
        try (writers) {
          RunningCluster.await(() -> writers.written.get(WRITERS * EACH - 1) >= 2);
          RunningNode master = cluster.masters().getFirst();
          master.kill();
          RunningCluster.await(() -> cluster.masters().size() == 3);
          flushed = writers.model();
          flush(store);
          long reached = writers.written.get(0) + 2;
          RunningCluster.await(() -> writers.written.get(WRITERS * EACH - 1) >= reached);
        }
        last = writers.model();
        longest = writers.longest.get();
        assertThat(versions(store)).isEqualTo(last);
        flush(store);
      }
      System.out.printf("a master killed: the longest write took %d ms%n", longest / 1_000_000);
      try (PageStore store = location.open(PAGES, PAGE)) {
        assertThat(versions(store)).isEqualTo(last);
      }
      for (int i = 0; i < flushed.length; i++) {
        assertThat(last[i]).isGreaterThanOrEqualTo(flushed[i]);
      }
    }
  }

  @Test
  @DisplayName(
      "a replica that lacks writes is promoted: a flush was refused before, and the new master gets them from the writer")
  void laggingReplica() throws Exception {
    try (RunningCluster cluster = RunningCluster.start(Engine.VALKEY, folder)) {
      ValkeyLocation location =
          ValkeyStore.at("valkey://" + cluster.hosts()).timeout(Duration.ofMillis(800));
      try (PageStore store = location.open(PAGES, PAGE)) {
        writeAll(store, 1);
        flush(store);
        for (RunningNode master : cluster.masters()) {
          master.ask("ACL", "SETUSER", "default", "-psync", "-sync");
          master.ask("CLIENT", "KILL", "TYPE", "replica");
        }
        writeAll(store, 2);
        StoreException refused = catchThrowableOfType(StoreException.class, store::flush);
        assertThat(refused).isNotNull();
        assertThat(refused).hasMessageContaining("too few replicas have what was written");
        RunningNode first = cluster.masters().getFirst();
        for (RunningNode master : cluster.masters()) {
          if (master != first) {
            master.ask("ACL", "SETUSER", "default", "+psync", "+sync");
          }
        }
        first.kill();
        RunningCluster.await(() -> cluster.masters().size() == 3);
        flush(store);
        assertThat(versions(store)).containsOnly(2);
      }
      try (PageStore store = location.open(PAGES, PAGE)) {
        assertThat(versions(store)).containsOnly(2);
      }
    }
  }

  private static void writeAll(PageStore store, long version) throws StoreException {
    MemorySegment room = Arena.ofAuto().allocate(PAGE);
    for (int i = 0; i < WRITERS * EACH; i++) {
      MarkedPages.fill(room, Writers.page(i), version);
      boolean taken = false;
      while (!taken) {
        try {
          store.write(Writers.page(i), room);
          taken = true;
        } catch (StoreException e) {
          assertThat(e.kind()).isEqualTo(Kind.OUTAGE);
        }
      }
    }
  }

  @Test
  @DisplayName(
      "two applications attach a store around a failover: one is refused, and no page is mixed")
  void twoApplications() throws Exception {
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
          String lease = new String(keys.lease(), java.nio.charset.StandardCharsets.US_ASCII);
          if (!master.ask("GET", lease).startsWith("MOVED")) {
            owner = master;
          }
        }
        owner.kill();
        RunningCluster.await(() -> cluster.masters().size() == 3);
        StoreException refused = null;
        while (refused == null || refused.kind() == Kind.OUTAGE) {
          refused =
              catchThrowableOfType(StoreException.class, () -> location.open(PAGES, PAGE).close());
          assertThat(refused).as("the second application got the store").isNotNull();
        }
        assertThat(refused.kind()).isEqualTo(Kind.TAKEN);
        assertThat(refused)
            .hasMessageContaining("one writer")
            .hasMessageContaining("the store is free at");
        MarkedPages.fill(room, 0, 2);
        first.write(0, room);
        assertThat(read(first, 0, room)).isEqualTo(2);
      }
      try (PageStore second = location.open(PAGES, PAGE)) {
        assertThat(read(second, 0, room)).isEqualTo(2);
      }
    }
  }
}
