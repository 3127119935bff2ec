// SPDX-License-Identifier: Apache-2.0

import dev.memremap.pager.OnOutage;
import dev.memremap.pager.RemoteMemory;
import dev.memremap.pager.store.FileStore;
import dev.memremap.pager.store.StoreLocation;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.Stream;

/**
 * A term index that is four times as large as what of it may be in memory: for each term the places
 * in a text where it stands. The text is drawn from a seed, and a few terms are much more frequent
 * than others, as in a language.
 *
 * <p>The same methods build and read an index in plain memory. Every answer of the one is compared
 * with that of the other, once right after it was built, and once more after the memory was closed
 * and opened again.
 *
 * <pre>java --enable-native-access=ALL-UNNAMED -cp core/target/classes:pager/target/classes \
 *     examples/java/TermIndex.java [PLACE [SEED]]</pre>
 *
 * <p>The place of its pages is a file, unless said otherwise, as in {@code valkey://host1,host2}:
 * then the class path needs module valkey as well. A master of a cluster may be killed meanwhile.
 */
final class TermIndex {
  private static final int TERMS = 5_000;
  private static final long RESIDENT = 4L << 20;
  private static final long BYTES = 4 * RESIDENT;
  private static final long POSTINGS = TERMS * 16L;
  private static final int WORDS = (int) ((BYTES - POSTINGS) / 4);

  /** So many words are sorted by their terms before they are stored: a page is met once for all. */
  private static final int BATCH = 500_000;

  private TermIndex() {}

  public static void main(String[] args) throws IOException {
    long seed = args.length < 2 ? 14 : Long.parseLong(args[1]);
    Path folder = Files.createTempDirectory("term-index-");
    StoreLocation store =
        args.length == 0 ? FileStore.at(folder.resolve("index")) : StoreLocation.of(URI.create(args[0]));
    try (Arena plain = Arena.ofConfined()) {
      MemorySegment expected = plain.allocate(BYTES, 8);
      build(expected, seed);
      try (RemoteMemory index = open(store)) {
        build(index.segment(), seed);
        System.out.println("built: " + compare(index.segment(), expected));
        System.out.println("in memory: " + (index.figures().resident() <= RESIDENT / index.pageBytes()
            ? "at most a quarter" : "too much"));
        System.out.println("pages left and came back: " + (index.figures().evicted() > 0));
      }
      try (RemoteMemory index = open(store)) {
        System.out.println("opened again: " + compare(index.segment(), expected));
      }
    } finally {
      try (Stream<Path> files = Files.list(folder)) {
        for (Path file : files.toList()) {
          Files.delete(file);
        }
      }
      Files.delete(folder);
    }
  }

  private static RemoteMemory open(StoreLocation store) {
    // a segment is read as it is here: its accesses wait while a store does not answer
    return RemoteMemory.open(
        store, BYTES, RemoteMemory.resident(RESIDENT), RemoteMemory.onOutage(OnOutage.WAIT));
  }

  /** Draws the text's next word: small numbers are frequent. */
  private static int term(SplittableRandom text) {
    double u = text.nextDouble();
    return (int) (TERMS * u * u * u);
  }

  /** Counts each term, lays out room for its places, and fills it: the text is drawn twice. */
  private static void build(MemorySegment index, long seed) {
    int[] counts = new int[TERMS];
    SplittableRandom text = new SplittableRandom(seed);
    for (int at = 0; at < WORDS; at++) {
      counts[term(text)]++;
    }
    long[] next = new long[TERMS];
    long free = POSTINGS;
    for (int term = 0; term < TERMS; term++) {
      index.set(ValueLayout.JAVA_LONG, term * 16L, free);
      index.set(ValueLayout.JAVA_LONG, term * 16L + 8, counts[term]);
      next[term] = free;
      free += counts[term] * 4L;
    }
    text = new SplittableRandom(seed);
    for (int from = 0; from < WORDS; from += BATCH) {
      long[] batch = new long[Math.min(BATCH, WORDS - from)];
      for (int i = 0; i < batch.length; i++) {
        batch[i] = (long) term(text) << 32 | from + i;
      }
      Arrays.sort(batch);
      for (long word : batch) {
        int term = (int) (word >>> 32);
        index.set(ValueLayout.JAVA_INT, next[term], (int) word);
        next[term] += 4;
      }
    }
  }

  private static int[] places(MemorySegment index, int term) {
    long at = index.get(ValueLayout.JAVA_LONG, term * 16L);
    long count = index.get(ValueLayout.JAVA_LONG, term * 16L + 8);
    return index.asSlice(at, count * 4).toArray(ValueLayout.JAVA_INT);
  }

  /** Asks for each term, in an order that has nothing to do with where it lies. */
  private static String compare(MemorySegment index, MemorySegment expected) {
    int same = 0;
    long places = 0;
    for (int i = 0; i < TERMS; i++) {
      int term = (int) (i * 7_919L % TERMS);
      int[] found = places(index, term);
      same += Arrays.equals(found, places(expected, term)) ? 1 : 0;
      places += found.length;
    }
    return "%d of %d terms, %d of %d places".formatted(same, TERMS, places, WORDS);
  }
}
