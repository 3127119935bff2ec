// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.memremap.pager.store.StoreException.Kind;
import dev.memremap.pager.store.StoreTransfer.Done;
import dev.memremap.pager.store.StoreTransfer.Step;
import dev.memremap.testing.ChildJvm;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a {@link StoreTransfer} does between two kinds of stores. A test of two extends this. */
public abstract class StoreTransferContract {
  private static final int PAGE = 4096;

  /** As many pages as 1 MiB has. */
  private static final int RUN = 256;

  private static final int FEW = 4 * RUN;

  /** A folder of each test's own. */
  @TempDir protected Path folder;

  /** A place without a store, from which is copied; another one at each call. */
  protected abstract StoreLocation source() throws Exception;

  /** A place without a store, to which is copied; another one at each call. */
  protected abstract StoreLocation target() throws Exception;

  /** Changes a bit of a page of the second kind where it is kept, behind the back of the store. */
  protected abstract void damage(
      StoreLocation location, StoreGeometry geometry, long page, RandomGenerator random)
      throws Exception;

  /** Options of a JVM that opens both. */
  protected List<String> options() {
    return List.of();
  }

  private final MemorySegment room = Arena.ofAuto().allocate(PAGE);

  private void write(PageStore store, long page, long version) throws StoreException {
    if (version == 0) {
      room.fill((byte) 0);
    } else {
      MarkedPages.fill(room, page, version);
    }
    store.write(page, room);
  }

  private long version(PageStore store, long page) throws StoreException {
    return MarkedPages.version(store.read(page, 1, room), page);
  }

  private static Done copy(StoreLocation from, StoreLocation to) throws StoreException {
    return new StoreTransfer(from, to, false).run((step, pages, of) -> {});
  }

  private static Done replace(StoreLocation from, StoreLocation to) throws StoreException {
    return new StoreTransfer(from, to, true).run((step, pages, of) -> {});
  }

  private static StoreException refused(
      org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
    StoreException refused = catchThrowableOfType(StoreException.class, call);
    assertThat(refused).isNotNull();
    return refused;
  }

  private static URI shown(StoreLocation location) {
    return StoreLocation.shown(location.uri());
  }

  /** A store in which each page has a version. */
  private StoreLocation filled(long version) throws Exception {
    StoreLocation location = source();
    try (PageStore store = location.open(FEW, PAGE)) {
      for (long page = 0; page < FEW; page++) {
        write(store, page, version);
      }
      store.flush();
    }
    return location;
  }

  private void requireAll(StoreLocation location, long version) throws StoreException {
    try (PageStore store = location.open(FEW, PAGE)) {
      for (long page = 0; page < FEW; page++) {
        assertThat(version(store, page)).as("page %d", page).isEqualTo(version);
      }
    }
  }

  @Test
  @DisplayName("the pages of a large store that were written are copied, and no others are made")
  void sparse() throws Exception {
    long pages = 1L << 22;
    List<Long> written = List.of(0L, 1L, 700L, (1L << 21) + 5, pages - 1);
    StoreLocation from = source();
    StoreLocation to = target();
    assertThat(from.geometry()).isEmpty();
    try (PageStore store = from.open(pages, PAGE)) {
      for (long page : written) {
        write(store, page, 7);
      }
      write(store, 900, 7);
      write(store, 900, 0);
      write(store, 1L << 20, 0);
      store.flush();
    }
    StoreGeometry geometry = new StoreGeometry(pages, PAGE);
    assertThat(from.geometry()).contains(geometry);
    assertThat(copy(from, to)).isEqualTo(new Done(geometry, written.size(), 0));
    assertThat(to.geometry()).contains(geometry);
    try (PageStore store = to.open(pages, PAGE)) {
      for (long page : written) {
        assertThat(version(store, page)).isEqualTo(7);
      }
      List<Long> runs = new ArrayList<>();
      for (long at = store.nextWritten(0); at < pages; at = store.nextWritten(at)) {
        runs.add(at / RUN);
        at = Math.min(pages, (at / RUN + 1) * RUN);
      }
      // page 900 and page 1 << 20 are zeros, so nothing is there
      assertThat(runs).containsExactly(0L, 2L, (1L << 21) / RUN, (pages - 1) / RUN);
      assertThat(version(store, 900)).isZero();
    }
  }

  @Test
  @DisplayName(
      "a copy that was cut short cannot be opened, and goes on with what it does not have, also after changes")
  void resumes() throws Exception {
    StoreLocation from = filled(3);
    StoreLocation to = target();
    ChildJvm child =
        ChildJvm.run(
            folder,
            options(),
            TransferProgram.class,
            from.uri().toString(),
            to.uri().toString(),
            "" + 2 * RUN);
    assertThat(child.exitStatus()).as(child.output()).isEqualTo(TransferProgram.ENDED);
    StoreException refused = refused(() -> to.open(FEW, PAGE));
    assertThat(refused.kind()).isEqualTo(Kind.UNFIT);
    assertThat(refused)
        .hasMessageContaining(
            " is a copy of %s that is not finished; 'memremap pager copy' with both goes on"
                .formatted(shown(from)));
    assertThat(refused(to::geometry)).hasMessageContaining(" is not finished; ");
    try (PageStore store = from.open(FEW, PAGE)) {
      write(store, 5, 4); // was copied
      write(store, 6, 0); // was copied, and is zeros now
      write(store, FEW - 5, 4); // was not
      store.flush();
    }
    assertThat(copy(from, to))
        .isEqualTo(new Done(new StoreGeometry(FEW, PAGE), 2 * RUN + 2, 2 * RUN - 2));
    try (PageStore store = to.open(FEW, PAGE)) {
      for (long page = 0; page < FEW; page++) {
        long expected = page == 5 || page == FEW - 5 ? 4 : page == 6 ? 0 : 3;
        assertThat(version(store, page)).as("page %d", page).isEqualTo(expected);
      }
    }
  }

  @Test
  @DisplayName("a page that is damaged after it was copied is found, named, and copied again")
  void damaged() throws Exception {
    StoreLocation from = filled(3);
    StoreLocation to = target();
    StoreGeometry geometry = new StoreGeometry(FEW, PAGE);
    AtomicBoolean planted = new AtomicBoolean();
    StoreException found =
        refused(
            () ->
                new StoreTransfer(from, to, false)
                    .run(
                        (step, pages, of) -> {
                          if (step == Step.COMPARE && !planted.getAndSet(true)) {
                            plant(to, geometry, 700);
                          }
                        }));
    assertThat(planted).isTrue();
    assertThat(found.kind()).isEqualTo(Kind.DAMAGED);
    assertThat(found.page()).hasValue(700);
    assertThat(found).hasMessageContaining("page 700 ");
    assertThat(refused(() -> to.open(FEW, PAGE))).hasMessageContaining(" is not finished; ");
    assertThat(copy(from, to)).isEqualTo(new Done(geometry, 1, FEW - 1));
    requireAll(to, 3);
  }

  private void plant(StoreLocation to, StoreGeometry geometry, long page) {
    try {
      damage(to, geometry, page, new java.util.SplittableRandom(1));
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  /** A place that takes a page other than it was written, and knows nothing of it. */
  private record Forgetful(StoreLocation place, long page) implements StoreLocation {
    @Override
    public URI uri() {
      return place.uri();
    }

    @Override
    public PageStore open(long pages, int pageBytes) throws StoreException {
      return place.open(pages, pageBytes);
    }

    @Override
    public Optional<StoreGeometry> geometry() throws StoreException {
      return place.geometry();
    }

    @Override
    public UnfinishedStore openUnfinished(StoreGeometry geometry, URI of, boolean replaces)
        throws StoreException {
      UnfinishedStore copy = place.openUnfinished(geometry, of, replaces);
      return new UnfinishedStore(new ForgetfulStore(copy.store(), page), copy.last());
    }
  }

  @Test
  @DisplayName("a page that is whole and not the one that was copied is found by its checksum")
  void differs() throws Exception {
    StoreLocation from = filled(3);
    StoreLocation to = target();
    StoreException found = refused(() -> copy(from, new Forgetful(to, 513)));
    assertThat(found.kind()).isEqualTo(Kind.DAMAGED);
    assertThat(found.page()).hasValue(513);
    assertThat(found)
        .hasMessageContaining(
            ": page 513 is not what %s has, although it was written; ".formatted(shown(from)));
    assertThat(copy(from, to)).isEqualTo(new Done(new StoreGeometry(FEW, PAGE), 1, FEW - 1));
    requireAll(to, 3);
  }

  @Test
  @DisplayName("a store, and a copy of another one, is replaced only where that is asked for")
  void replaces() throws Exception {
    StoreLocation from = filled(3);
    StoreLocation other = filled(4);
    StoreLocation to = target();
    copy(other, to);
    StoreException whole = refused(() -> copy(from, to));
    assertThat(whole.kind()).isEqualTo(Kind.UNFIT);
    assertThat(whole)
        .hasMessageContaining(
            " is a store already; --replace makes it a copy of %s, or ".formatted(shown(from)));
    requireAll(to, 4);

    StoreLocation begun = target();
    begun.openUnfinished(new StoreGeometry(FEW, PAGE), shown(other), false).close();
    assertThat(refused(() -> copy(from, begun)))
        .hasMessageContaining(
            " is a copy of %s that is not finished, and not of %s; --replace makes it one, or "
                .formatted(shown(other), shown(from)));
    assertThat(replace(from, begun).copied()).isEqualTo(FEW);
    requireAll(begun, 3);

    try (PageStore store = from.open(FEW, PAGE)) {
      write(store, 9, 0);
      store.flush();
    }
    assertThat(replace(from, to)).isEqualTo(new Done(new StoreGeometry(FEW, PAGE), FEW, 0));
    try (PageStore store = to.open(FEW, PAGE)) {
      assertThat(version(store, 9)).isZero();
      assertThat(version(store, 10)).isEqualTo(3);
    }
  }

  @Test
  @DisplayName("what cannot be copied is refused, and says why")
  void refusals() throws Exception {
    StoreLocation from = filled(3);
    assertThat(refused(() -> copy(from, from)))
        .hasMessage("%s cannot be copied to itself; name another place".formatted(shown(from)));
    StoreLocation none = source();
    assertThat(refused(() -> copy(none, target())))
        .hasMessage("%s: no store is there to be copied".formatted(shown(none)));
    assertThat(none.geometry()).isEmpty();
    StoreLocation small = target();
    small.open(10, PAGE).close();
    StoreException size = refused(() -> replace(from, small));
    assertThat(size.kind()).isEqualTo(Kind.UNFIT);
    assertThat(size)
        .hasMessageContaining(" has 10 pages of 4,096 bytes, not %,d pages of 4,096 bytes; ", FEW);
    small.open(10, PAGE).close();
    try (PageStore held = from.open(FEW, PAGE)) {
      assertThat(held.pages()).isEqualTo(FEW);
      StoreLocation to = target();
      assertThat(refused(() -> copy(from, to)).kind()).isEqualTo(Kind.TAKEN);
      assertThat(to.geometry()).isEmpty();
    }
  }
}
