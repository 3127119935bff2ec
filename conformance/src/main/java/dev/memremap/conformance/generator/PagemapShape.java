// SPDX-License-Identifier: Apache-2.0
package dev.memremap.conformance.generator;

import dev.memremap.conformance.generator.Dialect.Feature;
import dev.memremap.page.MemoryType;
import dev.memremap.resource.PhysRange;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What the next page map looks like: its type, where it lies, and what it brings.
 *
 * <p>Thread safety: none; one draft asks.
 */
final class PagemapShape {
  private static final long SUBSECTION = 2L << 20;
  private static final long SECTION = 128L << 20;

  /** A compound page of 2^9 pages is one subsection. */
  private static final int SUBSECTION_SHIFT = 9;

  private static final Long[] SIZES = {
    SUBSECTION,
    SUBSECTION,
    2 * SUBSECTION,
    2 * SUBSECTION,
    3 * SUBSECTION,
    8 * SUBSECTION,
    16 * SUBSECTION,
    32 * SUBSECTION,
    64 * SUBSECTION
  };
  private static final List<MemoryType> TYPES =
      List.of(
          MemoryType.GENERIC,
          MemoryType.GENERIC,
          MemoryType.GENERIC,
          MemoryType.GENERIC,
          MemoryType.FS_DAX,
          MemoryType.FS_DAX,
          MemoryType.FS_DAX,
          MemoryType.PRIVATE,
          MemoryType.PRIVATE,
          MemoryType.COHERENT,
          MemoryType.PCI_P2PDMA,
          MemoryType.PCI_P2PDMA);
  private static final Set<String> HANDED_OUT =
      Set.of(MemoryType.PRIVATE.name(), MemoryType.COHERENT.name());
  private static final Long[] FREE = {0L, 7L, 8L, 255L, 512L, 512L, 576L, 1024L, 1024L, 2048L};
  private static final Long[] RESERVE = {0L, 0L, 1L, 8L, 64L, 511L, 512L};

  private final Terrain terrain;
  private final Dialect dialect;
  private final List<MemoryType> types;
  private final Draft draft;
  private final Dice dice;

  /**
   * A map that may be defined.
   *
   * @param line its operation, from the type on
   * @param handsOut whether all of its pages can be handed out
   */
  record Shape(
      String line,
      List<PhysRange> ranges,
      boolean altmap,
      boolean handsOut,
      Optional<DraftRef> reference) {
    static Shape plain(String line, PhysRange range) {
      return new Shape(line, List.of(range), false, false, Optional.empty());
    }
  }

  PagemapShape(Terrain terrain, Dialect dialect, Draft draft, Dice dice) {
    this.terrain = terrain;
    this.dialect = dialect;
    this.types = TYPES.stream().filter(dialect.types()::contains).toList();
    this.draft = draft;
    this.dice = dice;
  }

  /** Whether a page's last reference may be put: where the map's is not one of them. */
  boolean freesPages() {
    return !dialect.has(Feature.CALLERS_REFERENCE);
  }

  /** A map that lies over this address, and its mapping. */
  Shape over(long address) {
    PhysRange range = span((address & -SUBSECTION) - SUBSECTION * dice.below(2), 2 * SUBSECTION);
    String type = dice.of("GENERIC", "FS_DAX", "PCI_P2PDMA");
    return Shape.plain("type=%s range=%s".formatted(type, written(range)), range);
  }

  /**
   * Any map.
   *
   * @param others ranges of the maps there are
   * @param lent a reference that it may bring
   */
  Shape any(List<PhysRange> others, Optional<DraftRef> lent) {
    return shape(others, lent, 60);
  }

  /** Any map that brings this reference. */
  Shape bringing(List<PhysRange> others, DraftRef lent) {
    return shape(others, Optional.of(lent), 100);
  }

  /** A map whose pages a kernel hands out. */
  Shape handingOut(List<PhysRange> others) {
    List<String> handedOut =
        types.stream().map(MemoryType::name).filter(HANDED_OUT::contains).toList();
    String type = dice.of(handedOut);
    PhysRange range = range(others);
    String line = "type=%s range=%s%s".formatted(type, written(range), callbacks(type));
    return new Shape(line, List.of(range), false, true, Optional.empty());
  }

  private Shape shape(List<PhysRange> others, Optional<DraftRef> lent, int howOften) {
    String type = dice.percent(1) ? "0" : types.get(dice.below(types.size())).name();
    List<PhysRange> ranges = new ArrayList<>();
    boolean sections = dice.percent(20);
    ranges.add(sections ? sections() : range(others));
    if (!sections && dice.percent(12)) {
      ranges.add(range(others));
    }
    boolean compound =
        dialect.has(Feature.COMPOUND_PAGES) && type.equals("GENERIC") && dice.percent(25);
    int shift = compound ? dice.of(9, 9, 4, 1, 10, 10, 10, 11, 11) : 0;
    if (shift > SUBSECTION_SHIFT) {
      // mostly in sections that a map may have, or few would be granted
      ranges.replaceAll(range -> compounds(dice.percent(60) ? sections() : range, shift));
    }
    StringBuilder line = new StringBuilder("type=%s range=".formatted(type));
    for (int i = 0; i < ranges.size(); i++) {
      line.append(i == 0 ? "" : ",").append(written(ranges.get(i)));
    }
    int often = sections ? 90 : ranges.size() == 1 ? 30 : 5;
    // few altmaps suit large compound pages
    boolean altmap = dice.percent(shift > SUBSECTION_SHIFT ? 15 : often);
    if (altmap) {
      boolean fits = sections && dice.percent(80);
      long free = fits ? dice.of(1024L, 2048L) : dice.of(FREE);
      line.append(" altmap=%d,%d".formatted(dice.of(RESERVE), free));
    }
    Optional<DraftRef> reference =
        lent.filter(ref -> dialect.has(Feature.CALLERS_REFERENCE) && dice.percent(howOften));
    reference.ifPresent(ref -> line.append(" ref=").append(ref.name()));
    line.append(callbacks(type));
    if (compound) {
      line.append(" shift=").append(shift);
    }
    boolean handsOut = !altmap && HANDED_OUT.contains(type);
    return new Shape(line.toString(), ranges, altmap, handsOut, reference);
  }

  /**
   * Whole compound pages that are larger than a subsection, and mostly begin beside a multiple of
   * their size, if the kernel lets them. Within one section: a kernel takes what lies in the next
   * for tails, if that does not begin with a head (CG-5).
   */
  private PhysRange compounds(PhysRange range, int shift) {
    long compound = SUBSECTION << (shift - SUBSECTION_SHIFT);
    long section = range.start() & -SECTION;
    long inSection = SECTION / SUBSECTION - compound / SUBSECTION;
    long aside = dice.of(0L, 1L, 1L);
    long near = (range.start() - section) / SUBSECTION;
    long wanted =
        dialect.has(Feature.HEADS_ANYWHERE) ? near | aside : near & -(compound / SUBSECTION);
    long begin = Math.min(wanted, inSection);
    long most = (SECTION - begin * SUBSECTION) / compound;
    return span(section + begin * SUBSECTION, compound * (1 + dice.below(Math.min(most, 3))));
  }

  /** Whole sections, whose page structures alone an altmap takes. */
  private PhysRange sections() {
    PhysRange area = dice.of(terrain.pageable());
    long first = (area.start() + SECTION - 1) & -SECTION;
    long count = Math.max(1, (area.endInclusive() + 1 - first) / SECTION);
    return span(first + SECTION * dice.below(count), SECTION);
  }

  private static String written(PhysRange range) {
    return "0x%x+0x%x".formatted(range.start(), range.sizeBytes());
  }

  /** Mostly what the type needs, now and then less. */
  private String callbacks(String type) {
    boolean all = dice.percent(88);
    return switch (type) {
      case "PRIVATE" ->
          all
              ? " ops=page_free,migrate_to_ram owner=drv"
              : dice.of("", " ops=page_free owner=drv", " ops=page_free,migrate_to_ram");
      case "COHERENT" -> all ? " ops=page_free owner=drv" : dice.of("", " ops=page_free");
      default -> dice.percent(10) ? " ops=page_free" : "";
    };
  }

  private PhysRange range(List<PhysRange> others) {
    int kind = dice.below(100);
    long size = dice.of(SIZES);
    if (kind < 20 && !others.isEmpty()) {
      PhysRange other = dice.of(others);
      return span(
          other.start() + SUBSECTION * dice.of(-2L, -1L, 0L, 1L, 2L),
          dice.percent(50) ? other.sizeBytes() : size);
    }
    if (kind < 32) {
      return atTheEnds(dice.of(terrain.pageable()), others);
    }
    if (kind < 44 && !draft.touched().isEmpty()) {
      return span((dice.of(draft.touched()) & -SUBSECTION) - SUBSECTION * dice.below(2), size);
    }
    if (kind < 82) {
      PhysRange area = dice.of(terrain.pageable());
      long first = (area.start() + SUBSECTION - 1) & -SUBSECTION;
      long slots = Math.max(1, (area.endInclusive() + 1 - first) / SUBSECTION);
      return span(first + SUBSECTION * dice.below(Math.min(slots, 40)), size);
    }
    if (kind < 92) {
      return span(
          (dice.of(terrain.edges()) & -SUBSECTION) + SUBSECTION * dice.of(-1L, 0L, 1L), size);
    }
    if (kind < 96) {
      // misaligned, and mostly over another map: which of the two is said first?
      List<PhysRange> over = others.isEmpty() || dice.percent(40) ? terrain.pageable() : others;
      return span(dice.of(over).start() + dice.of(0x100000L, 0x1000L, 0x1ff000L, 0x800L), size);
    }
    return span((1L << dice.of(39, 40, 44, 45, 46, 47)) + dice.of(-size, 0L), size);
  }

  /**
   * Where device memory ends and something else begins, on one side or over both; over a map that
   * is there and what lies beyond, if there is one.
   */
  private PhysRange atTheEnds(PhysRange area, List<PhysRange> others) {
    List<PhysRange> there =
        others.stream().filter(other -> other.endInclusive() == area.endInclusive()).toList();
    if (!there.isEmpty() && dice.percent(60)) {
      return span(area.endInclusive() + 1 - SUBSECTION, 2 * SUBSECTION);
    }
    long end = dice.percent(30) ? area.start() : area.endInclusive() + 1;
    return span(end + SUBSECTION * dice.of(-2L, -1L, -1L, 0L), SUBSECTION * dice.of(1L, 1L, 2L));
  }

  private static PhysRange span(long start, long size) {
    return PhysRange.of(start & (1L << 52) - 1, size);
  }
}
