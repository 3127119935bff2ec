// SPDX-License-Identifier: Apache-2.0
package dev.memremap.valkey;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memremap.pager.store.MarkedPages;
import dev.memremap.pager.store.PageStore;
import dev.memremap.pager.store.StoreException;
import dev.memremap.valkey.servers.RunningCluster;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Eight threads that write pages of their own and read them back, and what they know of them.
 *
 * <p>Thread safety: each page has one writer; what it knows is in an atomic array.
 */
final class ModelWriters implements AutoCloseable {
  static final int PAGE = 4096;
  private static final int WRITERS = 8;
  private static final int EACH = 96;
  private static final int WRITTEN = WRITERS * EACH;

  /** So far from each other that pages lie in parts of each node. */
  private static final int STEP = 37;

  static final int PAGES = WRITTEN * STEP;

  private final PageStore store;
  private final AtomicLongArray written = new AtomicLongArray(WRITTEN);
  private final AtomicBoolean ends = new AtomicBoolean();
  private final AtomicLong longest = new AtomicLong();
  private final ExecutorService executor = Executors.newFixedThreadPool(WRITERS);
  private final List<Future<Void>> running = new ArrayList<>();

  /** Begins to write. */
  ModelWriters(PageStore store) {
    this.store = store;
    for (int i = 0; i < WRITERS; i++) {
      int mine = i;
      running.add(executor.submit(() -> write(mine)));
    }
  }

  private static long page(int index) {
    return (long) index * STEP;
  }

  private Void write(int mine) throws StoreException {
    MemorySegment room = Arena.ofAuto().allocate(PAGE);
    for (long version = 1; !ends.get(); version++) {
      for (int i = mine; i < WRITTEN && !ends.get(); i += WRITERS) {
        long began = System.nanoTime();
        write(store, i, version, room);
        longest.accumulateAndGet(System.nanoTime() - began, Math::max);
        written.set(i, version);
        if (i % 5 == 0) {
          assertThat(read(store, i, room)).as("page %d", page(i)).isEqualTo(version);
        }
      }
    }
    return null;
  }

  private static void write(PageStore store, int index, long version, MemorySegment room)
      throws StoreException {
    Patience.until(
        () -> {
          MarkedPages.fill(room, page(index), version);
          store.write(page(index), room);
          return true;
        });
  }

  private static long read(PageStore store, int index, MemorySegment room) throws StoreException {
    return Patience.until(() -> MarkedPages.version(store.read(page(index), 1, room), page(index)));
  }

  /** Returns when each page was written so many times more. */
  void awaitRounds(int count) throws IOException, InterruptedException {
    // the rounds of two writers differ by little: each waits for the same nodes
    long[] before = model();
    RunningCluster.await(
        () -> {
          requireRunning();
          for (int i = 0; i < before.length; i++) {
            if (written.get(i) < before[i] + count) {
              return false;
            }
          }
          return true;
        });
  }

  private void requireRunning() {
    for (Future<Void> each : running) {
      if (each.isDone()) {
        each.resultNow(); // says why it has ended
      }
    }
  }

  /** The version of each page that its writer knows to be written. */
  long[] model() {
    long[] model = new long[WRITTEN];
    for (int i = 0; i < model.length; i++) {
      model[i] = written.get(i);
    }
    return model;
  }

  /** How long the longest write took so far, in milliseconds. */
  long longestMillis() {
    return longest.get() / 1_000_000;
  }

  /** Writes all pages once. */
  static void writeAll(PageStore store, long version) throws StoreException {
    MemorySegment room = Arena.ofAuto().allocate(PAGE);
    for (int i = 0; i < WRITTEN; i++) {
      write(store, i, version, room);
    }
  }

  /** The versions that a store has of all pages that are written to; each is whole. */
  static long[] versions(PageStore store) throws StoreException {
    MemorySegment room = Arena.ofAuto().allocate(PAGE);
    long[] versions = new long[WRITTEN];
    for (int i = 0; i < versions.length; i++) {
      versions[i] = read(store, i, room);
    }
    return versions;
  }

  /** Returns when a flush has returned. */
  static void flush(PageStore store) throws StoreException {
    Patience.until(
        () -> {
          store.flush();
          return true;
        });
  }

  /** Ends them; throws what one of them met. */
  @Override
  public void close() throws Exception {
    ends.set(true);
    for (Future<Void> each : running) {
      each.get();
    }
    executor.shutdown();
  }
}
