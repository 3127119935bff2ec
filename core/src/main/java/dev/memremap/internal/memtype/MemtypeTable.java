// SPDX-License-Identifier: Apache-2.0
package dev.memremap.internal.memtype;

import static dev.memremap.cache.CacheMode.UC;
import static dev.memremap.cache.CacheMode.UC_MINUS;
import static dev.memremap.cache.CacheMode.WB;
import static dev.memremap.cache.CacheMode.WC;
import static dev.memremap.cache.CacheMode.WP;
import static dev.memremap.cache.CacheMode.WT;

import dev.memremap.cache.CacheMode;
import dev.memremap.cache.MemtypeEntry;
import dev.memremap.cache.MemtypeList;
import dev.memremap.cache.Pat;
import dev.memremap.internal.geometry.PageGeometry;
import dev.memremap.internal.kernel.KernelChange;
import dev.memremap.internal.kernel.KernelRules;
import dev.memremap.internal.log.KernelLines;
import dev.memremap.internal.memtype.Reservation.Home;
import dev.memremap.resource.PhysRange;
import dev.memremap.rule.Errno;
import dev.memremap.rule.Fact;
import dev.memremap.rule.KernelLine;
import dev.memremap.rule.MemremapException;
import dev.memremap.rule.Refusal;
import dev.memremap.rule.Rule;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which physical range is mapped with which memory type: the kernel's {@code
 * arch/x86/mm/pat/memtype.c}.
 *
 * <p>A processor may not see one address through two cache modes. So a caller that maps a range
 * reserves a type for it first; it gets the type that is already there, or is refused. System RAM
 * keeps its type in page flags, all else in {@linkplain MemtypeEntries entries}; the ISA range is
 * WB for good.
 *
 * <p>Each rule is applied in one place: {@link #check} decides and changes nothing, {@link
 * #reserve} decides the same way and stores the decision, and an alias is a reservation that MT-8
 * must also allow.
 *
 * <p>Thread safety: all methods may be called from any thread. {@code entries}, {@code pages} and
 * {@code mtrrs} are guarded by {@code lock}, a leaf: only {@link SystemRam} is called while it is
 * held, which reads an immutable snapshot.
 */
public final class MemtypeTable {
  private static final PhysRange ISA = new PhysRange(0xa0000, 0xfffff);

  /** For decisions whose facts were noted before. */
  private static final Fact.Reader CARRIES_OUT = fact -> {};

  private static final long BEYOND_ISA = 0x100000;

  private final SystemRam ram;
  private Mtrrs mtrrs;
  private final Pat pat;
  private final PageGeometry geometry;
  private final boolean tailsStay;
  private final Object lock = new Object();
  private final MemtypeEntries entries = new MemtypeEntries();
  private final RamPageTypes pages = new RamPageTypes();

  /** How a range overlaps System RAM, as memory types see it (MT-3). */
  private enum RamTest {
    RAM,
    NOT_RAM,
    MIXED
  }

  /** A table in which nothing is reserved. */
  public MemtypeTable(
      SystemRam ram, Mtrrs mtrrs, Pat pat, PageGeometry geometry, KernelRules kernel) {
    this.ram = ram;
    this.mtrrs = mtrrs;
    this.pat = pat;
    this.geometry = geometry;
    this.tailsStay = kernel.has(KernelChange.TAILS_STAY);
  }

  /** The layout of the page attribute table. */
  public Pat pat() {
    return pat;
  }

  /** Takes a range out of the MTRRs: memory attached there does not lie on the address bus. */
  public void exemptFromMtrrs(PhysRange range) {
    synchronized (lock) {
      mtrrs = mtrrs.without(range);
    }
  }

  /**
   * What {@link #reserve} would answer, changing nothing.
   *
   * @param start the first byte's physical address
   * @param endExclusive the address after the last byte
   * @param want the type asked for
   * @param strict whether only that very type will do (MT-9)
   */
  public Reservation check(long start, long endExclusive, CacheMode want, boolean strict) {
    synchronized (lock) {
      return decide(start, endExclusive, want, strict, CARRIES_OUT);
    }
  }

  /**
   * Reserves a memory type for a range: {@code memtype_reserve}.
   *
   * @param start the first byte's physical address
   * @param endExclusive the address after the last byte
   * @param want the type asked for
   * @param strict whether only that very type will do (MT-9)
   * @return the type granted, or why none is: {@code EINVAL} for a range that cannot have one,
   *     {@code EBUSY} for what is mapped there; the table is unchanged then
   */
  public Reservation reserve(long start, long endExclusive, CacheMode want, boolean strict) {
    synchronized (lock) {
      Reservation decided = decide(start, endExclusive, want, strict, CARRIES_OUT);
      store(decided);
      return decided;
    }
  }

  private void store(Reservation decided) {
    if (decided instanceof Reservation.Granted granted) {
      switch (granted.home()) {
        case ENTRY -> entries.add(granted.range(), granted.mode());
        case PAGES -> pages.set(granted.range(), granted.mode());
        case NOWHERE -> {}
      }
    }
  }

  private static Reservation refused(
      @Nullable PhysRange range, @Nullable CacheMode met, Rule rule, Errno errno, String reason) {
    return new Reservation.Refused(range, met, new Refusal(errno, rule, reason));
  }

  /** MT-1: the order of the checks. */
  private Reservation decide(
      long start, long endExclusive, CacheMode want, boolean strict, Fact.Reader reader) {
    PhysRange range = geometry.masked(start, endExclusive);
    if (range == null) {
      return refused(
          null, null, Rule.MT_1, Errno.EINVAL, "the range has no page: it ends where it starts");
    }
    if (!pat.tracksConflicts()) {
      return new Reservation.Granted(
          range, want, Home.NOWHERE, Rule.MT_13, "without PAT nothing is tracked");
    }
    if (isIsa(range)) {
      return new Reservation.Granted(
          range, WB, Home.NOWHERE, Rule.MT_1, "the ISA range is always WB");
    }
    return switch (ramTest(range)) {
      case MIXED ->
          refused(range, null, Rule.MT_3, Errno.EINVAL, "System RAM begins inside the range");
      case RAM -> decidePages(range, want, reader);
      case NOT_RAM -> decideEntry(range, want, strict, reader);
    };
  }

  /** MT-1: whether a range lies wholly in the ISA range. */
  private static boolean isIsa(PhysRange range) {
    return ISA.contains(range);
  }

  /**
   * MT-3: RAM is looked for from 1 MiB on. Only a hole before RAM makes a range mixed, and a range
   * that begins below 1 MiB has one there.
   */
  private RamTest ramTest(PhysRange range) {
    PhysRange pages = geometry.wholePages(range);
    if (Long.compareUnsigned(pages.endInclusive(), BEYOND_ISA) < 0) {
      return RamTest.NOT_RAM;
    }
    // a range beyond 1 MiB is walked as it is: every memremap comes here
    PhysRange looked =
        Long.compareUnsigned(pages.start(), BEYOND_ISA) < 0
            ? new PhysRange(BEYOND_ISA, pages.endInclusive())
            : pages;
    long[] reached = {pages.start()};
    boolean[] found = {false, false};
    ram.walk(
        looked,
        run -> {
          boolean holeBefore = run.start() != reached[0];
          reached[0] = run.endInclusive() + 1;
          found[0] = true;
          found[1] |= holeBefore;
          return !holeBefore;
        });
    if (!found[0]) {
      return RamTest.NOT_RAM;
    }
    return found[1] ? RamTest.MIXED : RamTest.RAM;
  }

  /** MT-4: a page takes a type only while it is WB. The MTRRs are not asked. */
  private Reservation decidePages(PhysRange range, CacheMode want, Fact.Reader reader) {
    reader.reads(Fact.MEMORY_TYPES);
    if (want == WP) {
      return refused(
          range, UC_MINUS, Rule.MT_4, Errno.EINVAL, "System RAM cannot be write-protected");
    }
    PhysRange whole = geometry.wholePages(range);
    CacheMode kept = want == UC ? UC_MINUS : want;
    reader.logs(() -> KernelLines.strongRam(want));
    MemtypeEntry taken = pages.firstTaken(whole);
    if (taken != null) {
      reader.logs(() -> List.of(KernelLines.ramIsTaken(range, taken.mode(), kept)));
      return refused(
          range, taken.mode(), Rule.MT_4, Errno.EBUSY, "System RAM at " + taken + " is taken");
    }
    String why = "pages of System RAM that are WB take any type";
    return new Reservation.Granted(whole, kept, Home.PAGES, Rule.MT_4, why);
  }

  /** MT-5, after MT-2: the type that is there, or the one asked for where none is. */
  private Reservation decideEntry(
      PhysRange range, CacheMode asked, boolean strict, Fact.Reader reader) {
    reader.reads(Fact.MEMORY_TYPES);
    boolean weakened = asked == WB && !mtrrs.isWriteBack(range, reader);
    CacheMode want = weakened ? UC_MINUS : asked;
    List<MemtypeEntry> met = entries.overlapping(range);
    if (met.isEmpty()) {
      return new Reservation.Granted(
          range,
          want,
          Home.ENTRY,
          weakened ? Rule.MT_2 : Rule.MT_5,
          weakened
              ? "the MTRRs make the range uncachable, so WB becomes UC-"
              : "nothing else maps the range");
    }
    MemtypeEntry first = met.getFirst();
    if (strict && first.mode() != want) {
      return refused(
          range,
          first.mode(),
          Rule.MT_9,
          Errno.EBUSY,
          first.range() + " is mapped " + first.mode());
    }
    for (MemtypeEntry further : met) {
      if (further.mode() != first.mode()) {
        reader.logs(() -> KernelLines.conflict(range, first.mode(), further.mode(), want, asked));
        return refused(
            range,
            first.mode(),
            Rule.MT_5,
            Errno.EBUSY,
            "%s is mapped %s and %s is mapped %s"
                .formatted(first.range(), first.mode(), further.range(), further.mode()));
      }
    }
    return new Reservation.Granted(
        range,
        first.mode(),
        Home.ENTRY,
        Rule.MT_5,
        "%s is mapped %s already".formatted(first.range(), first.mode()));
  }

  /**
   * Gives a reservation back: {@code memtype_free} (MT-6). Of several with these bounds, one goes.
   *
   * @param start the first byte's physical address
   * @param endExclusive the address after the last byte
   * @throws MemremapException {@code EINVAL} if nothing is reserved with these bounds, nor one that
   *     ends there and can be shortened; nothing is changed then
   */
  public void free(long start, long endExclusive) {
    PhysRange range = geometry.masked(start, endExclusive);
    if (!pat.tracksConflicts()) {
      return;
    }
    if (range == null) {
      throw notReserved("an empty range");
    }
    if (isIsa(range)) {
      return;
    }
    synchronized (lock) {
      switch (ramTest(range)) {
        case MIXED -> throw notReserved(range + ", which is partly System RAM,");
        case RAM -> pages.clear(geometry.wholePages(range));
        case NOT_RAM -> {
          if (!entries.remove(range) && (tailsStay || !entries.shorten(range))) {
            throw notReserved(range.toString());
          }
        }
      }
    }
  }

  private static MemremapException notReserved(String what) {
    return new MemremapException(
        Errno.EINVAL, Rule.MT_6, "no memory type is reserved for %s to free".formatted(what));
  }

  /**
   * The type a page has: {@code lookup_memtype} (MT-7).
   *
   * @param address any address in it
   */
  public CacheMode lookup(long address) {
    PhysRange page = geometry.wholePages(new PhysRange(address, address));
    if (isIsa(page)) {
      return WB;
    }
    synchronized (lock) {
      if (ramTest(page) == RamTest.RAM) {
        return pages.typeAt(address);
      }
      CacheMode type = entries.typeAt(address);
      return type == null ? UC_MINUS : type;
    }
  }

  /**
   * MT-8: {@code is_new_memtype_allowed}. Whether an alias may have a type other than asked.
   *
   * @param range where; anything goes in the ISA range
   * @param want the type asked for, before the MTRRs weakened it
   * @param found the type it would get
   */
  public static boolean isNewMemtypeAllowed(PhysRange range, CacheMode want, CacheMode found) {
    if (isIsa(range)) {
      return true;
    }
    return switch (want) {
      case UC_MINUS, WC -> found != WB;
      case WT -> found != WB && found != WC;
      default -> true;
    };
  }

  /**
   * What {@link #reserveAlias} would answer, without changing anything.
   *
   * @param reader told which facts the answer rests on
   */
  public Reservation checkAlias(PhysRange range, CacheMode want, Fact.Reader reader) {
    synchronized (lock) {
      Reservation decided = decide(range.start(), range.endInclusive() + 1, want, false, reader);
      Reservation seen = alias(want, decided);
      if (!seen.isGranted()) {
        reader.logs(() -> List.of(unusable(range, want, decided)));
      }
      return seen;
    }
  }

  /**
   * Reserves a memory type for a new mapping, as {@code ioremap} does: what is granted may be
   * weaker than asked, where MT-8 allows.
   *
   * @param range whole pages
   * @param want the type asked for
   * @return the type that the processor makes of the one reserved ({@link Pat#effective}), or
   *     {@code EINVAL} or {@code EBUSY}; the table is unchanged then
   */
  public Reservation reserveAlias(PhysRange range, CacheMode want) {
    synchronized (lock) {
      Reservation decided =
          decide(range.start(), range.endInclusive() + 1, want, false, CARRIES_OUT);
      Reservation seen = alias(want, decided);
      if (seen.isGranted()) {
        store(decided);
      }
      return seen;
    }
  }

  /** What {@code ioremap} says of a type that it cannot have, or cannot use (MT-8). */
  private static KernelLine unusable(PhysRange range, CacheMode want, Reservation decided) {
    return decided instanceof Reservation.Granted granted
        ? KernelLines.otherMemtype(range, want, granted.mode())
        : KernelLines.noMemtype(decided.refusal().orElseThrow().errno().number());
  }

  private Reservation alias(CacheMode want, Reservation decided) {
    if (!(decided instanceof Reservation.Granted granted)) {
      return decided;
    }
    CacheMode found = granted.mode();
    if (found != want && !isNewMemtypeAllowed(granted.range(), want, found)) {
      return refused(
          granted.range(),
          found,
          Rule.MT_8,
          Errno.EBUSY,
          "%s, and %s may not be an alias of that".formatted(granted.reason(), want));
    }
    return granted.seenAs(pat.effective(found));
  }

  /** Gives back what {@link #reserveAlias} granted. */
  public void free(PhysRange range) {
    free(range.start(), range.endInclusive() + 1);
  }

  /**
   * The type that a page map of a range gets: {@code track_pfn_remap} without a user's mapping
   * (MT-10). System RAM keeps the type it has, and nothing is reserved there.
   *
   * @param range whole pages
   * @param want the type asked for
   * @param strict whether only that very type will do
   * @return the type, or {@code EBUSY} or {@code EINVAL}; the table is unchanged then
   */
  public Reservation trackPfnRemap(PhysRange range, CacheMode want, boolean strict) {
    synchronized (lock) {
      Reservation decided = checkPfnRemap(range, want, strict, CARRIES_OUT);
      store(decided);
      return decided;
    }
  }

  /**
   * What {@link #trackPfnRemap} would answer; nothing is reserved.
   *
   * @param reader told which facts the answer rests on
   */
  public Reservation checkPfnRemap(
      PhysRange range, CacheMode want, boolean strict, Fact.Reader reader) {
    synchronized (lock) {
      if (ramTest(range) != RamTest.NOT_RAM) {
        reader.reads(Fact.MEMORY_TYPES);
        CacheMode there = pat.tracksConflicts() ? lookup(range.start()) : want;
        if (there != want) {
          reader.logs(() -> List.of(KernelLines.ramHasType(range, want, there)));
        }
        return new Reservation.Granted(
            range, there, Home.NOWHERE, Rule.MT_10, "System RAM keeps the type it has");
      }
      Reservation decided = decide(range.start(), range.endInclusive() + 1, want, false, reader);
      if (!(decided instanceof Reservation.Granted granted)) {
        return decided;
      }
      CacheMode found = granted.mode();
      if (found != want && (strict || !isNewMemtypeAllowed(range, want, found))) {
        reader.logs(() -> List.of(KernelLines.otherType(range, want, found)));
        return refused(
            range, found, Rule.MT_10, Errno.EINVAL, decided.reason() + ", and not " + want);
      }
      return decided;
    }
  }

  /** Gives back what {@link #trackPfnRemap} granted: {@code untrack_pfn} (MT-11). */
  public void untrackPfn(PhysRange range) {
    synchronized (lock) {
      if (ramTest(range) == RamTest.NOT_RAM) {
        free(range);
      }
    }
  }

  /**
   * The type that one page gets which is put into a user's mapping: {@code track_pfn_insert}
   * (MT-12). Nothing is reserved, and nothing is refused.
   *
   * @param address any address in the page
   * @param want the type asked for, which counts only without PAT
   */
  public CacheMode trackPfnInsert(long address, CacheMode want) {
    return pat.tracksConflicts() ? lookup(address) : want;
  }

  /** What is reserved now. */
  public MemtypeList list() {
    synchronized (lock) {
      return new MemtypeList(entries.all(), pages.all());
    }
  }

  /** Whether nothing is reserved. */
  public boolean isEmpty() {
    synchronized (lock) {
      return entries.isEmpty() && pages.isEmpty();
    }
  }

  /** How many segments the entries are kept in; a measure of the structure, for tests. */
  int segmentCount() {
    synchronized (lock) {
      return entries.segmentCount();
    }
  }

  /** The list as the kernel's {@code pat_memtype_list} prints it (MT-14). */
  @Override
  public String toString() {
    return list().toString();
  }
}
