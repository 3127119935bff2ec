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
 * Gives device memory page structures, once it is built and mapped: {@code struct dev_pagemap}.
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
 * <p>It needs a range and a type. It makes its own reference unless the caller gives one ({@link
 * Rule#C_1 C-1}). It can be mapped again once it was unmapped and has drained.
 *
 * <p>Thread safety: all methods may be called from any thread.
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

  // These two are written under the lock of the machine's page maps. A life is complete before it
  // is published here, and stays until its last reference is gone, so its holder sees one life.
  private volatile @Nullable PagemapLife life;
  private volatile PagemapLife.@Nullable Home home;

  /**
   * The first range in pages, for lookups. These are written before {@code home} and read after it.
   */
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

  /** Starts a map over these ranges. Mapping it returns the memory of the first. */
  public static Builder over(PhysRange... ranges) {
    Builder builder = new Builder();
    for (PhysRange range : Objects.requireNonNull(ranges, "ranges")) {
      builder.ranges.add(PagemapRange.of(range));
    }
    return builder;
  }

  /** Builds a page map. Mapping it checks it, not this builder. */
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
     * Adds a range. Any two numbers are accepted here; mapping refuses a range that is empty, wraps
     * around or is not aligned ({@link Rule#C_13 C-13}).
     *
     * @param start the first byte's physical address, unsigned; a multiple of 2 MiB
     * @param sizeBytes in bytes, unsigned; a multiple of 2 MiB
     */
    public Builder range(long start, long sizeBytes) {
      ranges.add(new PagemapRange(start, sizeBytes));
      return this;
    }

    /** Sets the kind of memory, which is required ({@link Rule#D_1 D-1}). */
    public Builder type(MemoryType kind) {
      this.type = Objects.requireNonNull(kind, "kind");
      return this;
    }

    /**
     * Sets the caller's own reference, live when the map is mapped. The caller kills it before the
     * map is unmapped, then waits for it and exits it.
     */
    public Builder ref(PercpuRef reference) {
      this.ref = Objects.requireNonNull(reference, "reference");
      return this;
    }

    /**
     * Sets room for page structures in the device's memory; used if {@linkplain #altmapValid
     * valid}.
     */
    public Builder altmap(VmemAltmap room) {
      this.altmap = Objects.requireNonNull(room, "room");
      return this;
    }

    /** Declares whether the altmap is used. */
    public Builder altmapValid(boolean valid) {
      this.altmapValid = valid;
      return this;
    }

    /**
     * Sets a valid altmap at the start of the first range.
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

    /** Sets the callbacks. */
    public Builder ops(PagemapOps callbacks) {
      this.ops = Objects.requireNonNull(callbacks, "callbacks");
      return this;
    }

    /** Sets the owner of the memory, required for PRIVATE and COHERENT. */
    public Builder owner(Object owner) {
      this.owner = Objects.requireNonNull(owner, "owner");
      return this;
    }

    /**
     * Makes compound pages of 2^shift pages.
     *
     * @param shift 0 for single pages
     */
    public Builder vmemmapShift(int shift) {
      this.vmemmapShift = shift;
      return this;
    }

    /** Sets a name for messages and tools; by default they show type and range. */
    public Builder name(String words) {
      this.name = Objects.requireNonNull(words, "words");
      return this;
    }

    /** Returns the page map, not mapped yet. */
    public DevPagemap build() {
      return new DevPagemap(this);
    }
  }

  /** A copy over another range, with an altmap of the same shares if it has one; not mapped. */
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

  /** Returns its ranges, as given. */
  public List<PagemapRange> ranges() {
    return ranges;
  }

  /**
   * Returns its first range.
   *
   * @throws java.util.NoSuchElementException if it has no range
   * @throws IllegalArgumentException if the first range is empty or wraps around; {@link #ranges()}
   *     gives it as it is
   */
  public PhysRange range() {
    PagemapRange first = ranges.getFirst();
    return PhysRange.of(first.start(), first.sizeBytes());
  }

  /** Returns its type; empty if it was not set. */
  public Optional<MemoryType> type() {
    return Optional.ofNullable(type);
  }

  /** Returns the caller's reference; empty if it makes its own. */
  public Optional<PercpuRef> ref() {
    return Optional.ofNullable(ref);
  }

  /** Returns its altmap, even if it was not declared valid. */
  public Optional<VmemAltmap> altmap() {
    return Optional.ofNullable(altmap);
  }

  /** The altmap that counts (W-7). */
  @Nullable VmemAltmap validAltmap() {
    return altmapValid ? altmap : null;
  }

  /** Returns its callbacks. */
  public PagemapOps ops() {
    return ops;
  }

  /** Returns its owner. */
  public Optional<Object> owner() {
    return Optional.ofNullable(owner);
  }

  /** Returns log2 of how many pages its compound pages have; 0 for single pages. */
  public int vmemmapShift() {
    return vmemmapShift;
  }

  /**
   * Returns whether a page lies in any of its ranges ({@link Rule#D_3 D-3}), mapped or not. Pages
   * of the altmap do, too.
   *
   * @param pfn the page frame number; all 64 bits count ({@link Rule#D_12 D-12})
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
   * Returns whether a page lies in the first range, the only one that kernels look at.
   *
   * @param pfn the page frame number; all 64 bits count ({@link Rule#D_12 D-12})
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

  /**
   * Drops a reference that {@code getDevPagemap} took: {@code put_dev_pagemap}.
   *
   * <p>One put too many in any code can free memory that others use, unless they hold it by a
   * {@code Lookup} or {@code PageHold} ({@link Rule#D_4 D-4}). It may be noticed only when the map
   * is unmapped, which then warns; {@link #traceHolders} notices it earlier.
   *
   * @throws IllegalStateException if none is left and that is noticed ({@link Rule#C_14 C-14})
   */
  public void put() {
    requireLife("its reference cannot be put").ref().put();
  }

  /**
   * The stages of a page map's life.
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
    /** Never mapped, or drained. */
    UNMAPPED,
    /** Mapped, and its reference is live. */
    LIVE,
    /** Mapped, and its reference was killed ({@link Rule#C_2 C-2}). */
    KILLED,
    /** Unmapped, but still referenced ({@link Rule#C_2 C-2}). */
    DRAINING,
    /** Drained, but it could not end: I/O holds its memory, or the heap was full. */
    HELD
  }

  /** Returns the stage of its life. */
  public State state() {
    PagemapLife now = life;
    return now == null ? State.UNMAPPED : now.state();
  }

  /** Returns the device that manages it; empty if none does, or it is not mapped. */
  public Optional<Object> manager() {
    PagemapLife now = life;
    return now == null ? Optional.empty() : Optional.ofNullable(now.manager());
  }

  /**
   * Returns the cache mode granted to its first range ({@link Rule#C_11 C-11}).
   *
   * @throws IllegalStateException if it is not mapped
   */
  public CacheMode cacheMode() {
    return requireLife("it has no cache mode").ranges().getFirst().mode();
  }

  /**
   * Returns the memory of its first range, valid until the map has drained.
   *
   * @return for PRIVATE an empty segment at the range's physical address
   * @throws IllegalStateException if it is not mapped
   */
  public MemorySegment segment() {
    return segment(0);
  }

  /**
   * Returns the memory of one of its ranges, valid until the map has drained.
   *
   * @param range its index, from 0
   * @throws dev.memremap.rule.MemremapException {@code ENOMEM}, {@code EFBIG} or {@code ENOSPC} if
   *     the system lacks room for the mapping
   * @throws IllegalStateException if it is not mapped
   */
  public MemorySegment segment(int range) {
    Objects.checkIndex(range, ranges.size());
    return requireLife("it has no memory").segment(range);
  }

  /** Returns how many pages have page structures; 0 if it is not mapped. */
  public long usablePages() {
    PagemapLife now = life;
    return now == null ? 0 : now.ranges().stream().mapToLong(LiveRange::usablePages).sum();
  }

  /** Returns how many references the map itself holds beyond the initial one; 0 if not mapped. */
  public long ownReferences() {
    PagemapLife now = life;
    return now == null ? 0 : now.ownReferences();
  }

  /** Returns how many bytes its page structures take once all are touched; 0 if not mapped. */
  public long memmapBytes() {
    PagemapLife now = life;
    return now == null ? 0 : now.memmap().sizeBytes();
  }

  /**
   * Returns how many references and holds lookups and pages have taken; exact only while none is
   * taken or put.
   */
  public long outsideReferences() {
    PagemapLife now = life;
    return now == null ? 0 : now.outsideReferences();
  }

  /**
   * Returns whether a page of this map has a page structure: {@code pgmap_pfn_valid}.
   *
   * @return false if it is not mapped
   */
  public boolean pfnValid(long pfn) {
    PagemapLife now = life;
    LiveRange range = now == null ? null : now.rangeOf(pfn);
    return range != null && pfn >= range.firstUsablePfn();
  }

  /**
   * Records where references to this map are taken and put, at once if it is mapped, and in every
   * later mapping. Each lookup and put then costs a stack walk.
   *
   * <p>A put while no reference is out is then refused at once. A put too many while other
   * references are out makes the last put fail, with a message that lists where each put was made
   * ({@link Rule#C_14 C-14}).
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

  /** Lists the holders of references to it, if it is traced: {@link #traceHolders}. */
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

  /** Returns its name, or {@code GENERIC page map 0x40000000-0x4fffffff}. */
  @Override
  public String toString() {
    String what = type == null ? "untyped page map" : type + " page map";
    String where = ranges.isEmpty() ? "without a range" : ranges.getFirst().toString();
    String more = ranges.size() > 1 ? " and %d more".formatted(ranges.size() - 1) : "";
    return name == null ? what + " " + where + more : "page map " + name;
  }
}
