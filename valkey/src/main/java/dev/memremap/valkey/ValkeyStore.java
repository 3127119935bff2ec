// SPDX-License-Identifier: Apache-2.0
package dev.memremap.valkey;

import dev.memremap.pager.store.NodeFigures;
import dev.memremap.pager.store.PageStore;
import dev.memremap.pager.store.StoreException;
import dev.memremap.pager.store.StoreException.Kind;
import dev.memremap.pager.store.StoreFact;
import dev.memremap.pager.store.StoreGeometry;
import dev.memremap.pager.store.StoreOwner;
import io.lettuce.core.RedisException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A store in Valkey or Redis: one node, a master with Sentinels, or a cluster. {@link #at} says
 * where it is, and its location opens it.
 *
 * <p>A page is a key. A write returns when the page's master has it; a flush, when all replicas
 * have it, too, that may be promoted. A failover loses nothing of what an open store has written:
 * what replicas do not have yet is kept here, and the new master gets it again. Each value says
 * which write it is, and a node refuses an older one, and all of a writer that has lost the store.
 *
 * <p>The node needs the policy {@code noeviction}. A node alone lasts as its own settings say: what
 * it had not saved is lost when it ends.
 *
 * <p>Thread safety: all methods may be called from any thread.
 */
public final class ValkeyStore implements PageStore {
  /** How much longer a flush is tried than a read: a failover takes seconds. */
  private static final int FLUSH_TIMES = 15;

  private static final long UNCONFIRMED_BYTES = 8L << 20;
  private static final long CONFIRM_EACH_MILLIS = 250;
  private static final int PAGE_BYTES_MOST = 64 << 20;

  private final Place place;
  private final StoreGeometry geometry;
  private final PageKeys keys;
  private final Nodes nodes;
  private final Attempts attempts;
  private final Lease lease;
  private final Parts parts = new Parts();
  private final Unconfirmed unconfirmed;
  private final boolean keepsUnconfirmed;
  private final PageReads reads;
  private final PartWrites writes;
  private final WrittenParts written;
  private final NodeFacts nodeFacts;
  private final Confirmation confirmation;
  private final Thread confirming;
  private final MemorySegment zeros;

  /** How many writes there were in this lease. */
  private final AtomicLong count = new AtomicLong();

  private volatile boolean closed;

  private ValkeyStore(
      NodeOptions options, StoreGeometry geometry, PageKeys keys, Attempts attempts, Lease lease) {
    this.place = options.place();
    this.geometry = geometry;
    this.keys = keys;
    this.nodes = attempts.nodes();
    this.attempts = attempts;
    this.lease = lease;
    this.unconfirmed = new Unconfirmed(Math.max(UNCONFIRMED_BYTES, 4L * geometry.pageBytes()));
    this.keepsUnconfirmed = new Replicas(place).areAsked();
    this.reads =
        place.ownReads()
            ? new OwnReads(options, keys, attempts)
            : new SharedReads(place, keys, attempts);
    this.writes = new PartWrites(place, keys, attempts, lease);
    this.written = new WrittenParts(place, geometry, keys, attempts, parts, unconfirmed);
    this.nodeFacts = new NodeFacts(nodes, attempts.troubles());
    this.confirmation = new Confirmation(place, keys, attempts, lease, unconfirmed, parts, writes);
    this.confirming =
        Thread.ofPlatform()
            .daemon()
            .name("memremap valkey: replicas")
            .unstarted(this::confirmAgain);
    this.zeros = MemorySegment.ofArray(new byte[geometry.pageBytes()]);
  }

  /**
   * Returns the location of a store.
   *
   * @param text such as {@code valkey://user@host:6379/0?prefix=pages}, {@code
   *     valkeys://host1,host2} for a cluster by TLS, or {@code
   *     valkey-sentinel://host1,host2?master=name}; docs/remote-memory.md has all of it
   * @throws IllegalArgumentException if the text names no place
   */
  public static ValkeyLocation at(String text) {
    return new ValkeyLocation(PlaceText.read(URI.create(text)));
  }

  static ValkeyStore open(Place place, StoreGeometry geometry, StoreOwner owner)
      throws StoreException {
    return open(place, GeometryValue.of(geometry), false, owner);
  }

  /** Opens a store to be filled; it stays unfinished until {@link #finish}. */
  static ValkeyStore openUnfinished(Place place, StoreGeometry geometry, URI of, boolean replaces)
      throws StoreException {
    return open(place, GeometryValue.ofCopy(geometry, of), replaces, StoreOwner.unnamed());
  }

  private static ValkeyStore open(
      Place place, GeometryValue wanted, boolean replaces, StoreOwner owner) throws StoreException {
    StoreGeometry geometry = wanted.geometry();
    if (geometry.pageBytes() > PAGE_BYTES_MOST) {
      throw StoreException.of(
          Kind.UNFIT,
          "%s: pages of %,d bytes are too large for a value; a page has at most %,d bytes there"
              .formatted(place, geometry.pageBytes(), PAGE_BYTES_MOST),
          null);
    }
    NodeOptions options = new NodeOptions(place, password(place));
    Nodes nodes = connect(options);
    Lease lease = null;
    try {
      PageKeys keys = new PageKeys(place.prefix(), geometry.pageBytes());
      Attempts attempts = new Attempts(nodes, new Troubles(nodes, keys));
      Deadline deadline = Deadline.in(place.timeout().multipliedBy(2));
      Policy.require(place, attempts, deadline);
      String former = wanted.isCopy() ? former(place, wanted, replaces, attempts, deadline) : "";
      lease = Lease.take(place, keys, wanted, former, owner, attempts, deadline);
      ValkeyStore store = new ValkeyStore(options, geometry, keys, attempts, lease);
      store.begin(deadline);
      return store;
    } catch (StoreException | RuntimeException | Error e) {
      if (lease != null) {
        lease.close();
      }
      nodes.close();
      throw e;
    }
  }

  /** What was there before a copy, if that may be replaced. */
  private static String former(
      Place place, GeometryValue wanted, boolean replaces, Attempts attempts, Deadline deadline)
      throws StoreException {
    Optional<GeometryValue> has = FoundGeometry.of(place, attempts, deadline);
    if (has.isEmpty()) {
      return "";
    }
    has.get().requireReplaced(place, wanted, replaces);
    return has.get().text();
  }

  /** How large the store there is. */
  static Optional<StoreGeometry> geometry(Place place) throws StoreException {
    try (Nodes nodes = connect(place)) {
      Optional<GeometryValue> has =
          FoundGeometry.of(
              place,
              new Attempts(nodes, new Troubles(nodes, new PageKeys(place.prefix(), 1))),
              Deadline.in(place.timeout().multipliedBy(2)));
      if (has.isPresent() && has.get().isCopy()) {
        throw has.get().unfit(place, GeometryValue.of(has.get().geometry()));
      }
      return has.map(GeometryValue::geometry);
    }
  }

  static Nodes connect(Place place) throws StoreException {
    return connect(new NodeOptions(place, password(place)));
  }

  private static Nodes connect(NodeOptions options) throws StoreException {
    try {
      return Nodes.of(options);
    } catch (RedisException | IllegalArgumentException e) {
      throw Trouble.exception("%s cannot be opened".formatted(options.place()), -1, e);
    }
  }

  private static String password(Place place) throws StoreException {
    Path file = place.passwordFile();
    if (file == null) {
      return place.password();
    }
    try {
      return Files.readString(file).lines().findFirst().orElse("");
    } catch (IOException e) {
      throw StoreException.of(
          Kind.OUTAGE,
          "%s: the file of its password, %s, cannot be read by this user".formatted(place, file),
          e);
    }
  }

  private void begin(Deadline deadline) throws StoreException {
    if (keepsUnconfirmed) {
      confirmation.lease(deadline);
      confirming.start();
    }
    lease.begin();
  }

  @Override
  public int pageBytes() {
    return geometry.pageBytes();
  }

  @Override
  public long pages() {
    return geometry.pages();
  }

  private void requireOpen() throws StoreException {
    if (closed) {
      throw new IllegalStateException(place + " is closed");
    }
    lease.require();
  }

  private void requirePages(long first, long pages) {
    if (pages < 1) {
      throw new IllegalArgumentException("%,d pages: give at least 1".formatted(pages));
    }
    if (first < 0 || pages > pages() || first > pages() - pages) {
      throw new IndexOutOfBoundsException(
          "%,d pages from page %d on: %s has pages 0 to %d"
              .formatted(pages, first, place, pages() - 1));
    }
  }

  @Override
  public MemorySegment read(long first, int count, MemorySegment room) throws StoreException {
    requirePages(first, count);
    if (room.byteSize() != (long) count * pageBytes() || !room.isNative() || room.isReadOnly()) {
      throw new IllegalArgumentException(
          "room of %,d bytes for %,d pages: give %,d bytes of native memory that may be written"
              .formatted(room.byteSize(), count, (long) count * pageBytes()));
    }
    requireOpen();
    Deadline deadline = Deadline.in(place.timeout());
    int at = 0;
    while (at < count) {
      int some = inPart(first + at, count - at);
      readPart(
          first + at,
          some,
          room.asSlice((long) at * pageBytes(), (long) some * pageBytes()),
          deadline);
      at += some;
    }
    return room;
  }

  /** Pages of one part are at one node. */
  @Override
  public String nodeOf(long page) {
    return nodes.nameOf(keys.fence(keys.part(page)));
  }

  @Override
  public long lastOfNode(long page) {
    return nodeOf(page).isEmpty()
        ? pages() - 1
        : Math.min(pages(), (keys.part(page) + 1) * keys.perPart()) - 1;
  }

  private int inPart(long page, int most) {
    long end = (keys.part(page) + 1) * keys.perPart();
    return (int) Math.min(most, end - page);
  }

  private void readPart(long page, int some, MemorySegment room, Deadline deadline)
      throws StoreException {
    // taken before the node is asked: what is confirmed meanwhile, the node has
    Map<Integer, byte[]> kept = keepsUnconfirmed ? new HashMap<>() : Map.of();
    for (int i = 0; keepsUnconfirmed && i < some; i++) {
      byte[] value = unconfirmed.written(page + i);
      if (value != null) {
        kept.put(i, value);
      }
    }
    if (kept.size() < some) {
      readFenced(page, some, room, deadline);
    }
    kept.forEach(
        (i, value) ->
            PageValue.copy(
                ByteBuffer.wrap(value), room.asSlice((long) i * pageBytes(), pageBytes())));
  }

  /** Reads pages that no former writer changes any more. */
  private void readFenced(long page, int some, MemorySegment room, Deadline deadline)
      throws StoreException {
    long part = keys.part(page);
    // one that lasts is there already; were it made anew, lost pages would pass for zeros
    if (!parts.isFenced(part) && !parts.lasts(part)) {
      fence(part, page, some, deadline);
    }
    long fence = reads.read(page, some, room, deadline);
    while (fence != lease.epoch()) {
      if (fence > lease.epoch()) {
        throw lease.lostTo(fence);
      }
      if (parts.lasts(part)) {
        throw lease.lostPages(
            "what was written to page %d and those beside it is gone".formatted(page));
      }
      fence(part, page, some, deadline);
      fence = reads.read(page, some, room, deadline);
    }
  }

  private void fence(long part, long page, int some, Deadline deadline) throws StoreException {
    long newer =
        (long)
            attempts
                .until(
                    deadline,
                    "%s: %s not read".formatted(place, SharedReads.named(page, some)),
                    page,
                    () ->
                        attempts.run(
                            Script.FENCE,
                            List.of(keys.fence(part)),
                            List.of(Attempts.bytes(lease.epoch()))))
                .getFirst();
    if (newer != 0) {
      throw lease.lostTo(newer);
    }
    parts.fenced(part);
  }

  @Override
  public void write(long first, MemorySegment bytes) throws StoreException {
    if (bytes.byteSize() % pageBytes() != 0 || !bytes.isNative()) {
      throw new IllegalArgumentException(
          "%,d bytes: give whole pages of %,d bytes in native memory"
              .formatted(bytes.byteSize(), pageBytes()));
    }
    long pages = bytes.byteSize() / pageBytes();
    requirePages(first, pages);
    requireOpen();
    Deadline deadline = Deadline.in(place.timeout());
    long at = 0;
    while (at < pages) {
      int some = inPart(first + at, (int) Math.min(pages - at, Integer.MAX_VALUE));
      writePart(first + at, values(first + at, some, bytes.asSlice(at * pageBytes())), deadline);
      at += some;
    }
  }

  private byte[][] values(long page, int some, MemorySegment bytes) {
    byte[][] values = new byte[some][];
    for (int i = 0; i < some; i++) {
      MemorySegment one = bytes.asSlice((long) i * pageBytes(), pageBytes());
      boolean isZero = one.mismatch(zeros) < 0;
      values[i] =
          PageValue.of(page + i, lease.epoch(), count.incrementAndGet(), isZero ? null : one);
    }
    return values;
  }

  private void writePart(long page, byte[][] values, Deadline deadline) throws StoreException {
    if (!keepsUnconfirmed) {
      writes.write(page, values, deadline);
      parts.last(keys.part(page));
      return;
    }
    if (!unconfirmed.coming(page, values, deadline)) {
      attempts.troubles().gaveUp(page);
      throw StoreException.ofPage(
          Kind.OUTAGE,
          page,
          "%s: %s not written: replicas do not keep up, or have no link to their master; look at them"
              .formatted(place, SharedReads.named(page, values.length)),
          null);
    }
    boolean written = false;
    try {
      writes.write(page, values, deadline);
      written = true;
    } finally {
      unconfirmed.came(page, values, written);
    }
  }

  @Override
  public void flush() throws StoreException {
    requireOpen();
    Deadline deadline = Deadline.in(place.timeout().multipliedBy(FLUSH_TIMES));
    lease.renew(deadline);
    if (keepsUnconfirmed) {
      confirmation.all(deadline);
    }
  }

  /** From now on it is a store as any other; replicas know that, too. */
  void finish() throws StoreException {
    flush();
    Deadline deadline = Deadline.in(place.timeout().multipliedBy(FLUSH_TIMES));
    lease.change(GeometryValue.of(geometry), deadline);
    if (keepsUnconfirmed) {
      confirmation.lease(deadline);
    }
  }

  @Override
  public long nextWritten(long page) throws StoreException {
    if (page == pages()) {
      return page;
    }
    requirePages(page, 1);
    requireOpen();
    return written.next(page);
  }

  @Override
  public List<StoreFact> facts() {
    List<StoreFact> facts = new ArrayList<>();
    facts.add(StoreFact.of("kind", place.kind().sentence()));
    facts.add(StoreFact.of("lease", lease.told()));
    facts.add(StoreFact.of("not confirmed yet", unconfirmed.told()));
    facts.addAll(nodeFacts.known());
    return facts;
  }

  @Override
  public List<NodeFigures> nodes() {
    return attempts.counts().figures();
  }

  /** So that what is kept here stays little, and nothing waits for it. */
  private void confirmAgain() {
    try {
      while (!closed) {
        if (unconfirmed.await(CONFIRM_EACH_MILLIS)) {
          confirmQuietly();
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void confirmQuietly() throws InterruptedException {
    try {
      confirmation.all(Deadline.in(place.timeout()));
    } catch (StoreException | RuntimeException e) {
      // a flush says so; it is tried again
      Thread.sleep(Duration.ofMillis(CONFIRM_EACH_MILLIS));
    }
  }

  @Override
  public void close() {
    synchronized (this) {
      if (closed) {
        return;
      }
      closed = true;
    }
    confirming.interrupt();
    reads.close();
    lease.close();
    nodes.close();
  }

  @Override
  public String toString() {
    return "ValkeyStore " + place;
  }
}
