// SPDX-License-Identifier: Apache-2.0
package dev.memremap.page;

import dev.memremap.cache.CacheMode;
import dev.memremap.internal.geometry.PageGeometry;
import dev.memremap.internal.pages.LiveRange;
import dev.memremap.internal.pages.PagemapAccess;
import dev.memremap.internal.pages.PagemapLife;
import dev.memremap.ref.Holder;
import dev.memremap.ref.PercpuRef;
import dev.memremap.resource.PhysRange;
import dev.memremap.rule.Rule;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a driver says of its memory, and once it is mapped, the map itself: {@code struct
 * dev_pagemap}.
 *
 * <pre>{@code
 * DevPagemap pool = DevPagemap.over(range).type(GENERIC).build();
 * device.memremapPages(pool);
 * …
 * try (Lookup held = machine.lookup(pfn)) { // null: gone, or never there
 *   if (held != null) use(held.page());
 * }
 * }</pre>
 *
 * <p>Range, reference and type are what it needs (W-6); without a reference of the caller's it gets
 * its own (C-1). It can be mapped again once it has been unmapped and has drained.
 *
 * <p>Thread safety: all methods may be called from any thread. What the builder was told is final.
 * {@code life} and {@code home} are written under the lock of the machine's page maps and volatile:
 * a life is complete before it is published here, and stays until its last reference is gone, so a
 * holder of a reference sees one life until it puts the reference. {@code firstPfn}, {@code
 * lastPfn} and {@code pageBytes} are written before {@code home} and read after it.
 */
public final class DevPagemap {
  static {
    PagemapAccess.give(new PagePrivileges());
  }

  private final List<PagemapRange> ranges;
  private final long start;
  private final long endInclusive;
  private final @Nullable MemoryType type;
  private final @Nullable PercpuRef ref;
  private final @Nullable VmemAltmap altmap;
  private final boolean altmapValid;
  private final PagemapOps ops;
  private final @Nullable Object owner;
  private final int vmemmapShift;
  private final @Nullable String name;
  private volatile boolean tracing;
  private volatile @Nullable PagemapLife life;
  private volatile PagemapLife.@Nullable Home home;

  /** The first range in pages of the machine on which it was mapped last: lookups compare these. */
  private long firstPfn;

  private long lastPfn;
  private long pageBytes;

  private DevPagemap(Builder builder) {
    this.ranges = List.copyOf(builder.ranges);
    PagemapRange first = ranges.isEmpty() ? new PagemapRange(0, 0) : ranges.getFirst();
    // an empty range covers nothing, and neither does one whose end lies before its start
    this.start = first.isEmpty() ? -1 : first.start();
    this.endInclusive = first.isEmpty() ? 0 : first.endInclusive();
    this.type = builder.type;
    this.ref = builder.ref;
    this.altmap = builder.altmap;
    this.altmapValid = builder.altmapValid;
    this.ops = builder.ops;
    this.owner = builder.owner;
    this.vmemmapShift = builder.vmemmapShift;
    this.name = builder.name;
  }

  /** A map over these ranges; the first is the one whose segment mapping it returns. */
  public static Builder over(PhysRange... ranges) {
    Builder builder = new Builder();
    for (PhysRange range : Objects.requireNonNull(ranges, "ranges")) {
      builder.ranges.add(PagemapRange.of(range));
    }
    return builder;
  }

  /** What a page map is to be. Nothing is checked before it is mapped. */
  public static final class Builder {
    private final List<PagemapRange> ranges = new ArrayList<>();
    private @Nullable MemoryType type;
    private @Nullable PercpuRef ref;
    private @Nullable VmemAltmap altmap;
    private boolean altmapValid;
    private PagemapOps ops = PagemapOps.none();
    private @Nullable Object owner;
    private int vmemmapShift;
    private @Nullable String name;

    private Builder() {}

    /**
     * Adds a range. Any two numbers are taken here; mapping the map refuses a range that is empty,
     * wraps around or is not aligned (C-13).
     *
     * @param start the first byte's physical address, unsigned; a multiple of 2 MiB
     * @param sizeBytes in bytes, unsigned; a multiple of 2 MiB
     */
    public Builder range(long start, long sizeBytes) {
      ranges.add(new PagemapRange(start, sizeBytes));
      return this;
    }

    /** What kind of memory it is; needed (D-1). */
    public Builder type(MemoryType kind) {
      this.type = Objects.requireNonNull(kind, "kind");
      return this;
    }

    /**
     * The caller's own reference: live when the map is made, killed before it is unmapped, waited
     * for and exited after that (W-8).
     */
    public Builder ref(PercpuRef reference) {
      this.ref = Objects.requireNonNull(reference, "reference");
      return this;
    }

    /** Room for page structures in the device's memory; counts only if declared valid (W-7). */
    public Builder altmap(VmemAltmap room) {
      this.altmap = Objects.requireNonNull(room, "room");
      return this;
    }

    /** Whether the altmap counts (W-7). */
    public Builder altmapValid(boolean valid) {
      this.altmapValid = valid;
      return this;
    }

    /**
     * A valid altmap at the start of the first range.
     *
     * @param reservePages the driver's own pages, unsigned
     * @param freePages pages for page structures, unsigned
     * @param pageBytes the page size of the machine it is for, a power of two
     * @throws IllegalStateException if no range was given yet
     * @throws IllegalArgumentException if the page size is not a power of two
     */
    public Builder altmap(long reservePages, long freePages, long pageBytes) {
      if (ranges.isEmpty()) {
        throw new IllegalStateException("give the range first: an altmap begins where it does");
      }
      long basePfn = ranges.getFirst().start() >>> PageGeometry.shift(pageBytes);
      return altmap(new VmemAltmap(basePfn, reservePages, freePages)).altmapValid(true);
    }

    /** The callbacks. */
    public Builder ops(PagemapOps callbacks) {
      this.ops = Objects.requireNonNull(callbacks, "callbacks");
      return this;
    }

    /** Whose memory it is; PRIVATE and COHERENT need it. */
    public Builder owner(Object who) {
      this.owner = Objects.requireNonNull(who, "who");
      return this;
    }

    /**
     * Makes compound pages of 2^shift pages (CG-1).
     *
     * @param shift 0 for single pages
     */
    public Builder vmemmapShift(int shift) {
      this.vmemmapShift = shift;
      return this;
    }

    /** A name for sentences and tools; by default they say type and range. */
    public Builder name(String words) {
      this.name = Objects.requireNonNull(words, "words");
      return this;
    }

    /** The page map, not mapped anywhere yet. */
    public DevPagemap build() {
      return new DevPagemap(this);
    }
  }

  /** The same over another range, with an altmap of the same shares if it has one; not mapped. */
  DevPagemap at(PhysRange range, long pageBytes) {
    Builder builder = over(range).ops(ops).vmemmapShift(vmemmapShift).altmapValid(altmapValid);
    builder.type = type;
    builder.owner = owner;
    builder.altmap =
        altmap == null
            ? null
            : new VmemAltmap(range.firstPfn(pageBytes), altmap.reserve(), altmap.free());
    return builder.build();
  }

  // ---- what it was told --------------------------------------------------------------------

  /** Its ranges, as given. */
  public List<PagemapRange> ranges() {
    return ranges;
  }

  /**
   * Its first range.
   *
   * @throws java.util.NoSuchElementException if it has no range
   * @throws IllegalArgumentException if the first range is empty or wraps around; {@link #ranges()}
   *     gives it as it is
   */
  public PhysRange range() {
    PagemapRange first = ranges.getFirst();
    return PhysRange.of(first.start(), first.sizeBytes());
  }

  /** Its type; empty if it was not set. */
  public Optional<MemoryType> type() {
    return Optional.ofNullable(type);
  }

  /** The caller's reference; empty if it makes its own. */
  public Optional<PercpuRef> ref() {
    return Optional.ofNullable(ref);
  }

  /** Its altmap, whether it counts or not. */
  public Optional<VmemAltmap> altmap() {
    return Optional.ofNullable(altmap);
  }

  /** The altmap that counts (W-7). */
  @Nullable VmemAltmap validAltmap() {
    return altmapValid ? altmap : null;
  }

  /** Its callbacks. */
  public PagemapOps ops() {
    return ops;
  }

  /** Its owner. */
  public Optional<Object> owner() {
    return Optional.ofNullable(owner);
  }

  /** Log2 of its compound pages in pages. */
  public int vmemmapShift() {
    return vmemmapShift;
  }

  /**
   * Whether a page lies in any of its ranges (D-3), mapped or not; the altmap's pages do, too
   * (GP-4).
   *
   * @param pfn the page's number; all 64 bits count (D-12)
   * @param pageBytes the page size of the machine whose page numbers these are, a power of two
   * @throws IllegalArgumentException if the page size is not a power of two
   */
  public boolean covers(long pfn, long pageBytes) {
    return coversInFirstRange(pfn, pageBytes)
        || (ranges.size() > 1 && isInFurtherRange(pfn, pageBytes));
  }

  private boolean isInFurtherRange(long pfn, long pageBytes) {
    for (int i = 1; i < ranges.size(); i++) {
      PagemapRange range = ranges.get(i);
      if (!range.isEmpty() && isIn(range.start(), range.endInclusive(), pfn, pageBytes)) {
        return true;
      }
    }
    return false;
  }

  private static boolean isIn(long start, long endInclusive, long pfn, long pageBytes) {
    int shift = PageGeometry.shift(pageBytes);
    return Long.compareUnsigned(start >>> shift, pfn) <= 0
        && Long.compareUnsigned(pfn, endInclusive >>> shift) <= 0;
  }

  /**
   * Whether the first range, the only one that kernels look at, has this page (GP-1, D-3).
   *
   * @param pfn the page's number; all 64 bits count (D-12)
   * @param pageBytes the page size of the machine whose page numbers these are, a power of two
   * @throws IllegalArgumentException if the page size is not a power of two
   */
  public boolean coversInFirstRange(long pfn, long pageBytes) {
    return isIn(start, endInclusive, pfn, pageBytes);
  }

  /** Whether it covers a page, in pages of the machine on which it was mapped last. */
  boolean coversWhereMapped(long pfn) {
    return (Long.compareUnsigned(firstPfn, pfn) <= 0 && Long.compareUnsigned(pfn, lastPfn) <= 0)
        || (ranges.size() > 1 && isInFurtherRange(pfn, pageBytes));
  }

  // ---- while it is mapped ------------------------------------------------------------------

  /**
   * Drops a reference that {@code getDevPagemap} took: {@code put_dev_pagemap} (GP-5).
   *
   * <p>One put too many, by anyone, can free memory that others use, unless they hold it by a
   * {@code Lookup} or {@code PageHold} (D-4). It need not be noticed before the map is unmapped,
   * which then warns; {@link #traceHolders} has it noticed earlier (C-14).
   *
   * @throws IllegalStateException if there is none to drop and that can be seen (D-5, C-14)
   */
  public void put() {
    requireLife("its reference cannot be put").ref().put();
  }

  /**
   * Where a page map is between its mapping and the end of its last reference.
   *
   * <table>
   *   <caption>What each state means</caption>
   *   <tr><th>state</th><th>a lookup finds it</th><th>a covering hint returns it</th>
   *       <th>its pages are readable</th><th>it may be mapped</th><th>it may be unmapped</th></tr>
   *   <tr><td>UNMAPPED</td><td>no</td><td>yes, on the machine it was mapped on</td><td>no</td>
   *       <td>yes</td><td>no</td></tr>
   *   <tr><td>LIVE</td><td>yes</td><td>yes</td><td>yes</td><td>no</td><td>yes</td></tr>
   *   <tr><td>KILLED</td><td>no</td><td>yes</td><td>yes</td><td>no</td><td>yes</td></tr>
   *   <tr><td>DRAINING</td><td>no</td><td>yes</td><td>yes</td><td>no</td><td>no</td></tr>
   *   <tr><td>HELD</td><td>no</td><td>yes</td><td>yes</td><td>no</td><td>yes, again</td></tr>
   * </table>
   */
  public enum State {
    /** It was never mapped, or has drained. */
    UNMAPPED,
    /** It is mapped, and its reference lives. */
    LIVE,
    /** It is mapped, and its reference was killed (C-2). */
    KILLED,
    /** It was unmapped, and references to it are left (C-2). */
    DRAINING,
    /** It has drained and could not end: I/O holds its memory (LIB-4), or the heap was full. */
    HELD
  }

  /** Where it is between its mapping and the end of its last reference. */
  public State state() {
    PagemapLife now = life;
    return now == null ? State.UNMAPPED : now.state();
  }

  /** The device that manages it; empty if none does, or it is not mapped. */
  public Optional<Object> manager() {
    PagemapLife now = life;
    return now == null ? Optional.empty() : Optional.ofNullable(now.manager());
  }

  /**
   * The cache mode it was given, by its first range (C-11).
   *
   * @throws IllegalStateException if it is not mapped
   */
  public CacheMode cacheMode() {
    return requireLife("it has no cache mode").ranges().getFirst().mode();
  }

  /**
   * The memory of its first range, valid until the map has drained (C-17).
   *
   * @return for PRIVATE a segment of no bytes at the range's physical address
   * @throws IllegalStateException if it is not mapped
   */
  public MemorySegment segment() {
    return segment(0);
  }

  /**
   * The memory of one of its ranges.
   *
   * @param range its index, from 0
   * @throws dev.memremap.rule.MemremapException {@code ENOMEM}, {@code EFBIG} or {@code ENOSPC} if
   *     the system has no room for the mapping
   * @throws IllegalStateException if it is not mapped
   */
  public MemorySegment segment(int range) {
    Objects.checkIndex(range, ranges.size());
    return requireLife("it has no memory").segment(range);
  }

  /** How many pages have a structure of their own; 0 if it is not mapped. */
  public long usablePages() {
    PagemapLife now = life;
    return now == null ? 0 : now.ranges().stream().mapToLong(LiveRange::usablePages).sum();
  }

  /** How many references the map itself holds besides the initial one (C-5); 0 if not mapped. */
  public long ownReferences() {
    PagemapLife now = life;
    return now == null ? 0 : now.ownReferences();
  }

  /** How many bytes its page structures take when all are touched; 0 if it is not mapped. */
  public long memmapBytes() {
    PagemapLife now = life;
    return now == null ? 0 : now.memmap().sizeBytes();
  }

  /**
   * How many references and holds others have, through lookups and pages; exact only while none is
   * taken or put.
   */
  public long outsideReferences() {
    PagemapLife now = life;
    return now == null ? 0 : now.outsideReferences();
  }

  /**
   * Whether a page of this map has a page structure: {@code pgmap_pfn_valid} (GP-6).
   *
   * @return false if it is not mapped
   */
  public boolean pfnValid(long pfn) {
    PagemapLife now = life;
    LiveRange range = now == null ? null : now.rangeOf(pfn);
    return range != null && pfn >= range.firstUsablePfn();
  }

  /**
   * Remembers where references to this map are taken and put, from the next mapping on and at once
   * if it is mapped. Each lookup and each put walks the stack then.
   *
   * <p>A put while no reference is out is then refused at once. One put too many while others have
   * references is noticed at the last of their puts, which is refused, and the message lists where
   * each put was made (C-14).
   */
  public void traceHolders(boolean on) {
    PagemapLife now = life;
    if (now != null) {
      now.trace(on);
    }
    tracing = on;
  }

  boolean isTracing() {
    return tracing;
  }

  /** Who holds references to it, if it is traced: {@link #traceHolders}. */
  public List<Holder> holders() {
    PagemapLife now = life;
    return now == null ? List.of() : now.holders();
  }

  private PagemapLife requireLife(String consequence) {
    PagemapLife now = life;
    if (now == null) {
      throw new IllegalStateException(
          "%s is not mapped, or has drained: %s [%s]".formatted(this, consequence, Rule.C_17.id()));
    }
    return now;
  }

  @Nullable PagemapLife life() {
    return life;
  }

  /** Where it was mapped last. */
  PagemapLife.@Nullable Home home() {
    return home;
  }

  void begin(PagemapLife begun, PagemapLife.Home at) {
    LiveRange first = begun.ranges().getFirst();
    firstPfn = first.firstPfn();
    lastPfn = first.lastPfn();
    pageBytes = first.geometry().pageBytes();
    home = at;
    life = begun;
  }

  void end() {
    life = null;
  }

  /** {@code GENERIC page map 0x40000000-0x4fffffff}, or its name. */
  @Override
  public String toString() {
    String what = type == null ? "untyped page map" : type + " page map";
    String where = ranges.isEmpty() ? "without a range" : ranges.getFirst().toString();
    String more = ranges.size() > 1 ? " and %d more".formatted(ranges.size() - 1) : "";
    return name == null ? what + " " + where + more : "page map " + name;
  }
}
