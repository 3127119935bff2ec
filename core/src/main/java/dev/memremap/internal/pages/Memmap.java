// SPDX-License-Identifier: Apache-2.0
package dev.memremap.internal.pages;

import dev.memremap.internal.sim.SimulatedBacking;
import dev.memremap.page.PageMapping;
import dev.memremap.resource.PhysRange;
import dev.memremap.spi.Backing;
import dev.memremap.spi.MappedBytes;
import dev.memremap.spi.SegmentAccess;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The page structures of one page map's life.
 *
 * <pre>
 *   a page's word:  its count and flags, see {@link PageWord}
 *   its data:       | the driver's word: 64 bits |
 *
 *   a subsection's block, compact:     512 words | 512 data      (with pages of 4 KiB)
 *   in the kernel's geometry:          512 × ( word | data | 48 bytes unused )
 * </pre>
 *
 * <p>Words are cleared, and given the number of this life, when the first of their block is
 * written; data likewise. What was never written is neither read nor cleared. So a map of a
 * terabyte costs one bit for each block, and only once a block is written; a user of counts alone
 * does not pay for data. Structures lie in the machine's {@link Vmemmap}, or in the altmap's part
 * of the device's own memory (AM-3).
 *
 * <p>Thread safety: blocks are cleared, {@code altmapPages} is made, and {@code ownIsPut} is set
 * under this object's lock; the latter two are published by a volatile write, the first by {@link
 * TouchedBlocks}.
 */
public final class Memmap {
  private static final VarHandle LONG = ValueLayout.JAVA_LONG.varHandle();

  private final Vmemmap vmemmap;
  private final MemmapLayout layout;
  private final List<LiveRange> ranges;
  private final Function<PhysRange, MappedBytes> mapMore;
  private final @Nullable AltmapShare share;
  private final long freshWord;
  private final int freshCount;
  private final int keptFresh;
  private final boolean folios;
  private final TouchedBlocks words;
  private final TouchedBlocks data;
  private final PageMappings mappings;
  private volatile @Nullable MappedBytes altmapPages;
  private volatile boolean ownIsPut;

  /**
   * The structures of a life that begins.
   *
   * @param planned where its pages and structures lie
   * @param counts what the counts of its pages do
   * @param mapMore maps memory of the device until the life is over
   */
  Memmap(
      Vmemmap vmemmap,
      PagemapLayout planned,
      PageCounts counts,
      Function<PhysRange, MappedBytes> mapMore) {
    this.vmemmap = vmemmap;
    this.layout = vmemmap.layout();
    this.ranges = planned.ranges();
    this.mapMore = mapMore;
    this.share = planned.share();
    this.freshWord = PageWord.fresh(vmemmap.nextLife());
    this.freshCount = counts.fresh();
    this.keptFresh = counts.keptFresh();
    this.folios = counts.folios();
    long blocks = pages() >>> layout.pages().subsectionOrder();
    this.words = new TouchedBlocks(blocks);
    this.data = new TouchedBlocks(blocks);
    this.mappings = new PageMappings(blocks, layout.pages().subsectionPages());
  }

  /** How many bytes the structures take when all are touched. */
  public long sizeBytes() {
    return layout.entryBytes() * pages();
  }

  private long pages() {
    return LiveRange.sum(ranges, LiveRange::pages);
  }

  public @Nullable AltmapShare share() {
    return share;
  }

  // ---- words -------------------------------------------------------------------------------

  /** A page's count. */
  public int count(LiveRange range, long pfn) {
    if (isTouched(range, pfn)) {
      return at(range, pfn).count();
    }
    int fresh = fresh(range, pfn);
    return ownIsPut && fresh > 0 ? fresh - 1 : fresh;
  }

  /** Whether a page has a flag. */
  public boolean has(LiveRange range, long pfn, long flag) {
    return isTouched(range, pfn) && at(range, pfn).has(flag);
  }

  /** Adds 1 to the count of a page or its head, unless that is zero, or as high as it can count. */
  public boolean getUnlessZero(LiveRange range, long pfn) {
    while (true) {
      long head = headOf(range, pfn);
      if (!mayBeInUse(range, head)) {
        return false;
      }
      if (word(range, head).getUnlessZero(behind(head, pfn))) {
        return true;
      }
      if (head == headOf(range, pfn)) {
        return false;
      }
    }
  }

  /** A page's word, to be changed; null if the page was never used, and so is free. */
  public @Nullable PageWord wordInUse(LiveRange range, long pfn) {
    return mayBeInUse(range, pfn) ? word(range, pfn) : null;
  }

  /** A page that was never used, and whose type begins at zero, need not be touched to see that. */
  private boolean mayBeInUse(LiveRange range, long pfn) {
    return fresh(range, pfn) != 0 || isTouched(range, pfn);
  }

  /** Holds a page or its head, unless it is free. The caller holds the map. */
  boolean hold(LiveRange range, long pfn) {
    while (true) {
      long head = headOf(range, pfn);
      if (!mayBeInUse(range, head)) {
        return false;
      }
      touch(range, head);
      if (PageWord.hold(
          segment(head), offset(head), freshWord, keptFresh(range, head), behind(head, pfn))) {
        return true;
      }
      if (head == headOf(range, pfn)) {
        return false;
      }
    }
  }

  /** A page that was freed counts like a fresh one again, unless it was handed out meanwhile. */
  void renew(LiveRange range, long pfn) {
    PageWord.renew(segment(pfn), offset(pfn), freshWord, fresh(range, pfn));
  }

  /** Whether a hold that is out is all that keeps a page from being free, as it is now. */
  boolean isSoleHold(LiveRange range, long pfn) {
    return PageWord.isSoleHold(segment(pfn), offset(pfn), keptFresh(range, pfn));
  }

  /**
   * Ends a hold of a page. The caller holds the map.
   *
   * @return if the page is free now, the order of the hand-out that has ended; else negative
   */
  int unhold(LiveRange range, long pfn) {
    return PageWord.unhold(segment(pfn), offset(pfn), keptFresh(range, pfn));
  }

  /** A page's word, to be changed. */
  public PageWord word(LiveRange range, long pfn) {
    touch(range, pfn);
    return at(range, pfn);
  }

  private void touch(LiveRange range, long pfn) {
    if (!isTouched(range, pfn)) {
      clear(words, range, pfn, 0, freshWord);
    }
  }

  /**
   * A page's word, if it was touched and stays mapped whatever becomes of the map: those in a
   * device do not.
   */
  public @Nullable PageWord lastingWord(LiveRange range, long pfn) {
    AltmapShare inAltmap = share;
    boolean lasts = inAltmap == null || !inAltmap.holds(pfn);
    return lasts && isTouched(range, pfn) ? at(range, pfn) : null;
  }

  private boolean isTouched(LiveRange range, long pfn) {
    return words.has(range.blockOf(pfn));
  }

  private PageWord at(LiveRange range, long pfn) {
    return new PageWord(
        segment(pfn), offset(pfn), freshWord, fresh(range, pfn), keptFresh(range, pfn));
  }

  /** The count of a page that was never used. C-5: tails of compound pages count nothing. */
  public int fresh(LiveRange range, long pfn) {
    return freshCount != 0 && range.headOf(pfn) == pfn ? freshCount : 0;
  }

  private int keptFresh(LiveRange range, long pfn) {
    return keptFresh != 0 && range.headOf(pfn) == pfn ? keptFresh : 0;
  }

  // ---- the map's own references (row 31) ---------------------------------------------------

  /** Takes the map's own reference off the pages that nothing has touched. */
  synchronized void putUntouched() {
    ownIsPut = true;
  }

  /** The first page from this one on that was touched; one behind the range if none in it was. */
  long touchedFrom(LiveRange range, long pfn) {
    long block = range.blockOf(pfn);
    long untouched = words.nextFrom(block) - block;
    return untouched == 0 ? pfn : (pfn & -perBlock()) + untouched * perBlock();
  }

  /**
   * Takes the map's own reference off a page that was touched. A tail has none, and stays as it is.
   *
   * @return whether the page is free since then, though it has a reference
   */
  boolean putOwn(LiveRange range, long pfn) {
    return PageWord.putOwn(
        segment(pfn), offset(pfn), freshWord, fresh(range, pfn), keptFresh(range, pfn));
  }

  // ---- compound pages and hand-outs --------------------------------------------------------

  /** Whether a hand-out chooses how many pages it has. */
  public boolean handsOutFolios(LiveRange range) {
    return folios && range.shift() == 0;
  }

  /**
   * The first page of the compound page or hand-out that a page belongs to. That of a hand-out
   * whose page the caller does not hold may be another at once.
   */
  public long headOf(LiveRange range, long pfn) {
    if (folios && isTouched(range, pfn)) {
      int order = PageWord.tailOrder(segment(pfn), offset(pfn), freshWord);
      if (order >= 0) {
        return pfn & -1L << order;
      }
    }
    return range.headOf(pfn);
  }

  /** How many pages behind its head a page lies, if it matters how many that has. */
  private long behind(long head, long pfn) {
    return folios ? pfn - head : 0;
  }

  /** Log2 of how many pages the compound page or hand-out of a page has. */
  public int order(LiveRange range, long pfn) {
    return range.shift() == 0 && folios && isTouched(range, pfn)
        ? PageWord.order(segment(pfn), offset(pfn), freshWord)
        : range.shift();
  }

  /**
   * Hands free pages out as one, with one reference. Their number begins at a multiple of how many
   * they are, and all are of the range.
   *
   * @return false if one of them is in use; then nothing changed
   */
  public boolean handOut(LiveRange range, long pfn, int order) {
    long end = pfn + (1L << order);
    // memory for all words first: what follows does not fail in the middle for want of room
    for (long page = pfn; page < end; page = nextBlock(page)) {
      touch(range, page);
    }
    long tail = pfn + 1;
    while (tail < end && PageWord.makeTail(segment(tail), offset(tail), freshWord, order)) {
      tail++;
    }
    // the first page last, since others may take it from then on
    if (tail == end
        && PageWord.handOut(segment(pfn), offset(pfn), freshWord, keptFresh(range, pfn), order)) {
      if (folios) {
        map(pfn, order, null);
      }
      return true;
    }
    endTails(pfn, tail);
    return false;
  }

  /** The pages behind the first one of a hand-out that has ended are free by themselves. */
  void endHandOut(long pfn, int order) {
    if (order > 0) {
      // first, since they may be handed out from then on
      map(pfn, order, null);
    }
    endTails(pfn, pfn + (1L << order));
  }

  private void endTails(long head, long end) {
    for (long tail = head + 1; tail < end; tail++) {
      PageWord.endTail(segment(tail), offset(tail));
    }
  }

  private long nextBlock(long pfn) {
    return (pfn & -perBlock()) + perBlock();
  }

  private long perBlock() {
    return layout.pages().subsectionPages();
  }

  /**
   * Begins to split a hand-out: until {@link #split} was called for each new one, its pages can
   * neither be taken nor handed out.
   *
   * @return false if it has another order, or more than one reference
   */
  public boolean beginSplit(long head, int order) {
    boolean began = PageWord.freeze(segment(head), offset(head), freshWord, order);
    if (began) {
      map(head, order, mapping(head));
    }
    return began;
  }

  /** Makes one of the new hand-outs of a split; it has one reference. */
  public void split(long head, int order) {
    for (long tail = head + 1; tail < head + (1L << order); tail++) {
      PageWord.become(segment(tail), offset(tail), order, false);
    }
    PageWord.become(segment(head), offset(head), order, true);
  }

  // ---- what maps the pages -----------------------------------------------------------------

  /** What a page's head is mapped by; null for nothing. */
  public @Nullable PageMapping mapping(LiveRange range, long pfn) {
    return mappings.isEmpty() ? null : mapping(headOf(range, pfn));
  }

  /** Sets what a page's head is mapped by; null for nothing. */
  public void mapping(LiveRange range, long pfn, @Nullable PageMapping mapping) {
    map(headOf(range, pfn), 0, mapping);
  }

  private @Nullable PageMapping mapping(long pfn) {
    return mappings.isEmpty() ? null : mappings.of(rangeOf(pfn).blockOf(pfn), pfn);
  }

  /** Sets what each page of a hand-out is mapped by, whether it is its first one or not. */
  private void map(long first, int order, @Nullable PageMapping mapping) {
    if (mapping == null && mappings.isEmpty()) {
      return;
    }
    LiveRange range = rangeOf(first);
    for (long pfn = first; pfn < first + (1L << order); pfn++) {
      mappings.set(range.blockOf(pfn), pfn, mapping);
    }
  }

  /** The range that has a page; some range has it. */
  private LiveRange rangeOf(long pfn) {
    int at = 0;
    while (!ranges.get(at).contains(pfn)) {
      at++;
    }
    return ranges.get(at);
  }

  // ---- data --------------------------------------------------------------------------------

  public long data(LiveRange range, long pfn) {
    return data.has(range.blockOf(pfn))
        ? (long) LONG.getVolatile(segment(pfn), dataOffset(pfn))
        : 0;
  }

  public void data(LiveRange range, long pfn, long value) {
    if (!data.has(range.blockOf(pfn))) {
      clear(data, range, pfn, layout.dataDistance(), 0);
    }
    LONG.setVolatile(segment(pfn), dataOffset(pfn), value);
  }

  private synchronized void clear(
      TouchedBlocks touched, LiveRange range, long pfn, long distance, long value) {
    long block = range.blockOf(pfn);
    if (touched.has(block)) {
      return;
    }
    long perBlock = layout.pages().subsectionPages();
    long first = pfn & -perBlock;
    MemorySegment pages = segment(first);
    long from = offset(first) + distance;
    // a block whose words have no room is not touched, and the next access tries again
    SegmentAccess.raising(
        backing(first),
        () -> {
          for (long page = 0; page < perBlock; page++) {
            pages.set(ValueLayout.JAVA_LONG, from + page * layout.wordStride(), value);
          }
        });
    if (ownIsPut && touched.equals(words)) {
      for (long page = first; page < first + perBlock; page++) {
        putOwn(range, page);
      }
    }
    touched.add(block);
  }

  // ---- where they lie ----------------------------------------------------------------------

  private MemorySegment segment(long pfn) {
    AltmapShare inAltmap = share;
    return inAltmap != null && inAltmap.holds(pfn)
        ? altmapPages(inAltmap).segment()
        : vmemmap.window(pfn);
  }

  /** What is behind a page's structure, and says what it means if that has no room. */
  private Backing backing(long pfn) {
    AltmapShare inAltmap = share;
    return inAltmap != null && inAltmap.holds(pfn)
        ? altmapPages(inAltmap).backing()
        : SimulatedBacking.INSTANCE;
  }

  /** Where in its segment a page's word lies. */
  private long offset(long pfn) {
    AltmapShare inAltmap = share;
    return inAltmap != null && inAltmap.holds(pfn)
        ? layout.offset(pfn - inAltmap.firstPfn())
        : vmemmap.offset(pfn);
  }

  private long dataOffset(long pfn) {
    return offset(pfn) + layout.dataDistance();
  }

  private MappedBytes altmapPages(AltmapShare inAltmap) {
    MappedBytes pages = altmapPages;
    return pages == null ? mapAltmapPages(inAltmap) : pages;
  }

  private synchronized MappedBytes mapAltmapPages(AltmapShare inAltmap) {
    MappedBytes pages = altmapPages;
    if (pages == null) {
      pages =
          mapMore.apply(
              layout.pages().range(inAltmap.atPfn(), inAltmap.atPfn() + inAltmap.pages() - 1));
      altmapPages = pages;
    }
    return pages;
  }
}
