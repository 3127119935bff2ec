// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.memremap.Seeds;
import dev.memremap.pager.store.StoreException.Kind;
import dev.memremap.testing.ChildJvm;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What each {@link PageStore} does. A store's own test extends this class. */
public abstract class PageStoreContract {
  private static final int PAGE = 4096;
  private static final int MANY = 2048;

  /** A folder of each test's own. */
  @TempDir protected Path folder;

  private final Arena arena = Arena.ofAuto();

  /** A place without a store; another one at each call. */
  protected abstract StoreLocation location() throws Exception;

  /**
   * Changes a bit of a page where it is kept, behind the back of the store.
   *
   * @param random chooses the bit, among all that the page depends on
   */
  protected abstract void damage(
      StoreLocation location,
      StoreGeometry geometry,
      long page,
      java.util.random.RandomGenerator random)
      throws Exception;

  /** Options of the JVM of another process that opens the store. */
  protected List<String> options() {
    return List.of();
  }

  /** A page, or some, of native memory. */
  protected final MemorySegment room(long bytes) {
    return arena.allocate(bytes);
  }

  /** Writes pages as a version. */
  protected final void write(PageStore store, long first, int count, long version)
      throws StoreException {
    MemorySegment bytes = room((long) count * store.pageBytes());
    MarkedPages.fill(bytes, store.pageBytes(), first, version);
    store.write(first, bytes);
  }

  /** The version of a page. */
  protected final long version(PageStore store, long page) throws StoreException {
    return MarkedPages.version(store.read(page, 1, room(store.pageBytes())), page);
  }

  private List<Long> versions(PageStore store, long first, int count) throws StoreException {
    int pageBytes = store.pageBytes();
    MemorySegment bytes = store.read(first, count, room((long) count * pageBytes));
    assertThat(bytes.byteSize()).isEqualTo((long) count * pageBytes);
    List<Long> versions = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      versions.add(MarkedPages.version(bytes.asSlice((long) i * pageBytes, pageBytes), first + i));
    }
    return versions;
  }

  @Test
  @DisplayName("a store has the size that was asked for, and all its pages are zeros")
  void zeros() throws Exception {
    try (PageStore store = location().open(MANY, PAGE)) {
      assertThat(store.pages()).isEqualTo(MANY);
      assertThat(store.pageBytes()).isEqualTo(PAGE);
      MemorySegment room = room(MANY * PAGE).fill((byte) 1);
      assertThat(store.read(0, MANY, room).mismatch(room(MANY * PAGE))).isEqualTo(-1);
      store.flush();
    }
  }

  @Test
  @DisplayName("1 to 1024 pages at once are read as they were last written, also after reopening")
  void roundTrips() throws Exception {
    Seeds.check(
        6,
        random -> {
          StoreLocation location = location();
          long[] model = new long[MANY];
          long version = 0;
          for (int opening = 0; opening < 2; opening++) {
            try (PageStore store = location.open(MANY, PAGE)) {
              for (int step = 0; step < 60; step++) {
                int most = random.nextBoolean() ? 8 : 1024;
                int count = random.nextInt(1, most + 1);
                int first = random.nextInt(MANY - count + 1);
                switch (random.nextInt(5)) {
                  case 0, 1 -> {
                    write(store, first, count, ++version);
                    java.util.Arrays.fill(model, first, first + count, version);
                  }
                  case 2 -> store.flush();
                  default -> {
                    List<Long> expected = new ArrayList<>();
                    for (int i = first; i < first + count; i++) {
                      expected.add(model[i]);
                    }
                    assertThat(versions(store, first, count)).isEqualTo(expected);
                  }
                }
              }
            }
          }
        });
  }

  @ParameterizedTest(name = "{0} bytes")
  @CsvSource({"4096, 3", "8192, 5", "65536, 4", "2097152, 2"})
  @DisplayName("a page has any size that is a power of two; there may be few of them")
  void sizes(int pageBytes, int pages) throws Exception {
    StoreLocation location = location();
    try (PageStore store = location.open(pages, pageBytes)) {
      write(store, 0, pages, 7);
      write(store, pages - 1, 1, 8);
    }
    try (PageStore store = location.open(pages, pageBytes)) {
      assertThat(version(store, 0)).isEqualTo(7);
      assertThat(version(store, pages - 1)).isEqualTo(8);
    }
  }

  @Test
  @DisplayName("threads that read and write pages of their own do not disturb each other")
  void threads() throws Exception {
    int threads = 4;
    StoreLocation location = location();
    try (PageStore store = location.open(MANY, PAGE);
        ExecutorService executor = Executors.newFixedThreadPool(threads + 1)) {
      List<Future<?>> running = new ArrayList<>();
      for (int t = 0; t < threads; t++) {
        int mine = t;
        Callable<Void> work =
            () -> {
              for (int version = 1; version <= 150; version++) {
                for (int page = mine; page < 64; page += threads) {
                  write(store, page, 1, version);
                  assertThat(version(store, page)).isEqualTo(version);
                }
              }
              return null;
            };
        running.add(executor.submit(work));
      }
      Callable<Void> flushes =
          () -> {
            for (int i = 0; i < 20; i++) {
              store.flush();
            }
            return null;
          };
      running.add(executor.submit(flushes));
      for (Future<?> each : running) {
        each.get();
      }
    }
    try (PageStore store = location.open(MANY, PAGE)) {
      for (int page = 0; page < 64; page++) {
        assertThat(version(store, page)).isEqualTo(150);
      }
    }
  }

  private ChildJvm child(StoreLocation location, long pages, long version) throws Exception {
    return ChildJvm.run(
        folder,
        options(),
        WritingProgram.class,
        location.uri().toString(),
        "" + pages,
        "" + PAGE,
        "" + version);
  }

  @Test
  @DisplayName("what a process wrote that ended without closing the store is read by the next one")
  void killed() throws Exception {
    StoreLocation location = location();
    for (int version = 1; version <= 2; version++) {
      assertThat(child(location, 40, version).output()).isEqualTo("written\n");
      try (PageStore store = location.open(40, PAGE)) {
        assertThat(versions(store, 0, 40)).containsOnly((long) version).hasSize(40);
      }
    }
  }

  @Test
  @DisplayName("a store has one writer: another one, in this process or another, is told so")
  void twoOpeners() throws Exception {
    StoreLocation location = location();
    try (PageStore store = location.open(40, PAGE)) {
      write(store, 0, 40, 1);
      StoreException refused =
          catchThrowableOfType(StoreException.class, () -> location.open(40, PAGE));
      assertThat(refused.kind()).isEqualTo(Kind.TAKEN);
      assertThat(refused).hasMessageContaining("one writer");
      assertThat(child(location, 40, 2).output()).startsWith("TAKEN ").contains("one writer");
      assertThat(versions(store, 0, 40)).containsOnly(1L);
    }
    assertThat(child(location, 40, 2).output()).isEqualTo("written\n");
  }

  @Test
  @DisplayName("a store of another size is refused, and stays as it is")
  void anotherSize() throws Exception {
    StoreLocation location = location();
    try (PageStore store = location.open(40, PAGE)) {
      write(store, 39, 1, 1);
    }
    for (StoreGeometry other :
        List.of(
            new StoreGeometry(39, PAGE),
            new StoreGeometry(41, PAGE),
            new StoreGeometry(20, 2 * PAGE))) {
      StoreException refused =
          catchThrowableOfType(
              StoreException.class, () -> location.open(other.pages(), other.pageBytes()));
      assertThat(refused.kind()).isEqualTo(Kind.UNFIT);
      assertThat(refused).hasMessageContaining("40 pages of 4,096 bytes");
    }
    try (PageStore store = location.open(40, PAGE)) {
      assertThat(version(store, 39)).isEqualTo(1);
    }
  }

  @Test
  @DisplayName(
      "a page that is damaged is never returned: it is named, others are read, and writing heals it")
  void damaged() throws Exception {
    Seeds.check(
        40,
        random -> {
          StoreLocation location = location();
          StoreGeometry geometry = new StoreGeometry(40, PAGE);
          long page = random.nextLong(40);
          try (PageStore store = location.open(40, PAGE)) {
            for (int version = 1; version <= 3; version++) {
              write(store, 0, 40, version);
              store.flush();
            }
          }
          damage(location, geometry, page, random);
          try (PageStore store = location.open(40, PAGE)) {
            for (int count : new int[] {1, 40}) {
              long first = count == 1 ? page : 0;
              StoreException refused =
                  catchThrowableOfType(
                      StoreException.class,
                      () -> store.read(first, count, room((long) count * PAGE)));
              assertThat(refused).as("damaged page %d", page).isNotNull();
              assertThat(refused.kind()).isEqualTo(Kind.DAMAGED);
              assertThat(refused.page()).hasValue(page);
              assertThat(refused).hasMessageContaining("page " + page);
            }
            for (long other = 0; other < 40; other++) {
              if (other != page) {
                assertThat(version(store, other)).isEqualTo(3);
              }
            }
            write(store, page, 1, 4);
            assertThat(version(store, page)).isEqualTo(4);
          }
          try (PageStore store = location.open(40, PAGE)) {
            assertThat(version(store, page)).isEqualTo(4);
          }
        });
  }

  @Test
  @DisplayName("pages outside, no pages, and memory of another size are refused by a sentence")
  void bounds() throws Exception {
    try (PageStore store = location().open(40, PAGE)) {
      for (long first : new long[] {-1, 39, 40, Long.MAX_VALUE, Long.MIN_VALUE}) {
        assertThatThrownBy(() -> store.read(first, 2, room(2 * PAGE)))
            .isInstanceOf(IndexOutOfBoundsException.class)
            .hasMessageContaining("0 to 39");
        assertThatThrownBy(() -> store.write(first, room(2 * PAGE)))
            .isInstanceOf(IndexOutOfBoundsException.class)
            .hasMessageContaining("0 to 39");
      }
      for (int count : new int[] {0, -1}) {
        assertThatThrownBy(() -> store.read(0, count, room(PAGE)))
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessageContaining("at least 1");
      }
      assertThatThrownBy(() -> store.write(0, room(PAGE).asSlice(0, 0)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("at least 1");
      assertThatThrownBy(() -> store.write(0, room(PAGE + 8)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("whole pages");
      assertThatThrownBy(() -> store.read(0, 2, room(PAGE)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("give 8,192 bytes");
    }
    for (StoreLocation none : List.of(location())) {
      assertThatThrownBy(() -> none.open(0, PAGE)).isInstanceOf(IllegalArgumentException.class);
      for (int pageBytes : new int[] {0, -4096, 2048, 4095, 12288, Integer.MIN_VALUE}) {
        assertThatThrownBy(() -> none.open(40, pageBytes))
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessageContaining("power of two");
      }
    }
  }

  @Test
  @DisplayName("a location's text leads to the same store")
  void text() throws Exception {
    StoreLocation location = location();
    try (PageStore store = location.open(40, PAGE)) {
      write(store, 5, 1, 1);
    }
    StoreLocation again = StoreLocation.of(location.uri());
    assertThat(again.uri()).isEqualTo(location.uri());
    try (PageStore store = again.open(40, PAGE)) {
      assertThat(version(store, 5)).isEqualTo(1);
    }
  }

  @Test
  @DisplayName("a store that is closed says so, and may be closed again")
  void closed() throws Exception {
    PageStore store = location().open(40, PAGE);
    store.close();
    store.close();
    assertThatThrownBy(() -> store.read(0, 1, room(PAGE)))
        .isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> store.write(0, room(PAGE))).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(store::flush).isInstanceOf(IllegalStateException.class);
  }

  @Test
  @DisplayName(
      "a snapshot is a store of its own with the pages of its moment; a second one of its name is refused")
  void snapshot() throws Exception {
    try (PageStore store = location().open(MANY, PAGE)) {
      write(store, 0, 40, 1);
      store.flush();
      write(store, 20, 40, 2);
      write(store, MANY - 1, 1, 3);
      StoreLocation copy;
      try {
        copy = store.snapshot("before-2.x");
      } catch (UnsupportedOperationException e) {
        return; // this kind makes none
      }
      write(store, 0, MANY, 4);
      assertThatThrownBy(() -> store.snapshot("before-2.x"))
          .isInstanceOf(StoreException.class)
          .hasMessageContaining("exists");
      for (String name : List.of("", ".x", "a/b", "..", "a b", "-x", "a~")) {
        assertThatThrownBy(() -> store.snapshot(name))
            .as(name)
            .isInstanceOf(IllegalArgumentException.class);
      }
      try (PageStore before = copy.open(MANY, PAGE)) {
        assertThat(versions(before, 0, 20)).containsOnly(1L);
        assertThat(versions(before, 20, 40)).containsOnly(2L);
        assertThat(versions(before, 60, MANY - 61)).containsOnly(0L);
        assertThat(version(before, MANY - 1)).isEqualTo(3);
        write(before, 0, 1, 9);
      }
      assertThat(versions(store, 0, MANY)).containsOnly(4L);
    }
  }
}
