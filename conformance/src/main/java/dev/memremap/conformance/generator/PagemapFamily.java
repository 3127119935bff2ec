// SPDX-License-Identifier: Apache-2.0
package dev.memremap.conformance.generator;

import dev.memremap.resource.PhysRange;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Devices, page maps, lookups and pages. */
final class PagemapFamily implements Family {
  private static final long SUBSECTION = 2L << 20;
  private static final long SECTION = 128L << 20;
  private static final int PAGE_SHIFT = 12;
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
  private static final String[] TYPES = {
    "GENERIC",
    "GENERIC",
    "GENERIC",
    "GENERIC",
    "FS_DAX",
    "FS_DAX",
    "FS_DAX",
    "PRIVATE",
    "PRIVATE",
    "COHERENT",
    "PCI_P2PDMA",
    "PCI_P2PDMA",
    "0"
  };
  private static final Long[] FREE = {0L, 7L, 8L, 255L, 512L, 512L, 576L, 1024L, 1024L, 2048L};
  private static final Long[] RESERVE = {0L, 0L, 1L, 8L, 64L, 511L, 512L};

  private final Terrain terrain;
  private final Draft draft;
  private final Dice dice;
  private final List<String> devices = new ArrayList<>();
  private final List<Map> maps = new ArrayList<>();
  private final List<String> lookups = new ArrayList<>();
  private final List<Long> takenPages = new ArrayList<>();

  private static final class Map {
    final String name;
    final List<PhysRange> ranges;
    final boolean altmap;
    boolean tried;
    int offered;
    boolean live;
    boolean ended;
    @Nullable String device;

    Map(String name, List<PhysRange> ranges, boolean altmap) {
      this.name = name;
      this.ranges = ranges;
      this.altmap = altmap;
    }
  }

  PagemapFamily(Terrain terrain, Draft draft, Dice dice) {
    this.terrain = terrain;
    this.draft = draft;
    this.dice = dice;
  }

  @Override
  public Optional<Proposal> propose(String verb) {
    return switch (verb) {
      case "device" -> Optional.of(device());
      case "pgmap" -> Optional.of(pgmap());
      case "remap-pages" -> remap();
      case "unmap-pages" -> unmap();
      case "device-release" -> release();
      case "lookup" -> worthLooking() ? Optional.of(lookup()) : Optional.empty();
      case "put" -> put();
      case "page" ->
          worthLooking()
              ? Optional.of(Proposal.of("page 0x%x".formatted(pfn())))
              : Optional.empty();
      case "page-get" -> pageGet();
      case "page-put" -> pagePut();
      case "altmap" -> altmap();
      default -> throw new IllegalArgumentException(verb);
    };
  }

  private Proposal device() {
    String name = draft.newName("d");
    return new Proposal("device " + name, answer -> devices.add(name));
  }

  /** A map that lies over this address, and its mapping. */
  Proposal over(long address) {
    String name = draft.newName("p");
    PhysRange range = span((address & -SUBSECTION) - SUBSECTION * dice.below(2), 2 * SUBSECTION);
    return new Proposal(
        "pgmap %s type=%s range=%s"
            .formatted(name, dice.of("GENERIC", "FS_DAX", "PCI_P2PDMA"), written(range)),
        answer -> maps.add(new Map(name, List.of(range), false)));
  }

  // ---- maps --------------------------------------------------------------------------------

  private Proposal pgmap() {
    String name = draft.newName("p");
    String type = dice.percent(1) ? "0" : dice.of(TYPES);
    List<PhysRange> ranges = new ArrayList<>();
    boolean sections = dice.percent(20);
    ranges.add(sections ? sections() : range());
    if (!sections && dice.percent(12)) {
      ranges.add(range());
    }
    StringBuilder line = new StringBuilder("pgmap %s type=%s range=".formatted(name, type));
    for (int i = 0; i < ranges.size(); i++) {
      line.append(i == 0 ? "" : ",").append(written(ranges.get(i)));
    }
    boolean altmap = dice.percent(sections ? 90 : ranges.size() == 1 ? 30 : 5);
    if (altmap) {
      boolean fits = sections && dice.percent(80);
      long free = fits ? dice.of(1024L, 2048L) : dice.of(FREE);
      line.append(" altmap=%d,%d".formatted(dice.of(RESERVE), free));
    }
    line.append(callbacks(type));
    if (type.equals("GENERIC") && dice.percent(12)) {
      line.append(" shift=").append(dice.of(9, 9, 9, 4, 1));
    }
    return new Proposal(line.toString(), answer -> maps.add(new Map(name, ranges, altmap)));
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

  private PhysRange range() {
    int kind = dice.below(100);
    long size = dice.of(SIZES);
    if (kind < 20 && !maps.isEmpty()) {
      PhysRange other = dice.of(dice.of(maps).ranges);
      return span(
          other.start() + SUBSECTION * dice.of(-2L, -1L, 0L, 1L, 2L),
          dice.percent(50) ? other.sizeBytes() : size);
    }
    if (kind < 29) {
      return atTheEnds(dice.of(terrain.pageable()));
    }
    if (kind < 42 && !draft.touched().isEmpty()) {
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
      PhysRange area = dice.of(terrain.pageable());
      return span(area.start() + dice.of(0x100000L, 0x1000L, 0x1ff000L, 0x800L), size);
    }
    return span((1L << dice.of(39, 40, 44, 45, 46, 47)) + dice.of(-size, 0L), size);
  }

  /** Where device memory ends and something else begins, on one side or over both. */
  private PhysRange atTheEnds(PhysRange area) {
    long end = dice.percent(50) ? area.start() : area.endInclusive() + 1;
    return span(end + SUBSECTION * dice.of(-2L, -1L, -1L, 0L), SUBSECTION * dice.of(1L, 1L, 2L));
  }

  private static PhysRange span(long start, long size) {
    long from = start & (1L << 52) - 1;
    return PhysRange.of(from, size);
  }

  private Optional<Proposal> remap() {
    List<Map> candidates =
        maps.stream().filter(map -> map.offered < 2 && (!map.tried || dice.percent(3))).toList();
    if (candidates.isEmpty()) {
      return Optional.empty();
    }
    Map map = candidates.getLast();
    map.offered++;
    String device = devices.isEmpty() || dice.percent(50) ? null : dice.of(devices);
    return Optional.of(
        new Proposal(
            "remap-pages " + map.name + through(device),
            answer -> {
              map.tried = true;
              if (answer.startsWith("ok")) {
                map.live = true;
                map.device = device;
              }
            }));
  }

  private static String through(@Nullable String device) {
    return device == null ? "" : " dev=" + device;
  }

  private List<Map> live() {
    return maps.stream().filter(map -> map.live).toList();
  }

  private Optional<Proposal> unmap() {
    List<Map> live = live();
    if (live.isEmpty() || (live.size() == 1 && dice.percent(50))) {
      return Optional.empty();
    }
    List<Map> having = live.stream().filter(map -> map.altmap).toList();
    Map map = dice.of(having.isEmpty() || dice.percent(50) ? live : having);
    return Optional.of(
        new Proposal(
            "unmap-pages " + map.name + through(map.device),
            answer -> {
              if (answer.equals("ok")) {
                gone(map);
              }
            }));
  }

  private static void gone(Map map) {
    map.live = false;
    map.ended = true;
    map.device = null;
    // it may be mapped again
    map.tried = false;
    map.offered = 0;
  }

  private Optional<Proposal> release() {
    if (devices.isEmpty()) {
      return Optional.empty();
    }
    String device = dice.of(devices);
    return Optional.of(
        new Proposal(
            "device-release " + device,
            answer -> {
              if (answer.startsWith("ok")) {
                live().stream()
                    .filter(map -> device.equals(map.device))
                    .forEach(PagemapFamily::gone);
              }
            }));
  }

  private Optional<Proposal> altmap() {
    List<Map> having = maps.stream().filter(map -> map.altmap).toList();
    // what an unmapped map's altmap keeps is asked before all
    List<Map> ended = having.stream().filter(map -> map.ended).toList();
    List<Map> known = ended.isEmpty() || dice.percent(30) ? having : ended;
    List<Map> asked = known.isEmpty() || dice.percent(5) ? maps : known;
    return asked.isEmpty()
        ? Optional.empty()
        : Optional.of(Proposal.of("altmap " + dice.of(asked).name));
  }

  // ---- lookups and pages -------------------------------------------------------------------

  private boolean worthLooking() {
    return dice.percent(live().isEmpty() ? 15 : 100);
  }

  private Proposal lookup() {
    String name = draft.newName("l");
    String hint = lookups.isEmpty() || dice.percent(55) ? null : dice.of(lookups);
    return new Proposal(
        "lookup %s 0x%x%s".formatted(name, pfn(), hint == null ? "" : " hint=" + hint),
        answer -> {
          if (hint != null) {
            lookups.remove(hint);
          }
          if (answer.startsWith("pgmap=")) {
            lookups.add(name);
          }
        });
  }

  private Optional<Proposal> put() {
    if (lookups.isEmpty()) {
      return Optional.empty();
    }
    String name = dice.of(lookups);
    return Optional.of(new Proposal("put " + name, answer -> lookups.remove(name)));
  }

  /** In a map, at its ends and just outside; at an edge of the machine; anywhere. */
  private long pfn() {
    List<Map> live = live();
    List<Map> known = live.isEmpty() || dice.percent(15) ? maps : live;
    if (known.isEmpty() || dice.percent(12)) {
      long pfn = (dice.of(terrain.edges()) >>> PAGE_SHIFT) + dice.of(-1L, 0L, 1L);
      return dice.percent(97) ? pfn : dice.any();
    }
    PhysRange range = dice.of(dice.of(known).ranges);
    long first = range.start() >>> PAGE_SHIFT;
    long last = range.endInclusive() >>> PAGE_SHIFT;
    return switch (dice.below(8)) {
      case 0 -> first - 1;
      case 1 -> last + 1;
      case 2 -> first;
      case 3 -> last;
      case 4 -> Math.min(last, first + dice.of(1L, 7L, 8L, 63L, 64L, 511L, 512L, 1023L, 1024L));
      default -> first + dice.below(Math.max(1, last - first + 1));
    };
  }

  private Optional<Proposal> pageGet() {
    if (live().isEmpty()) {
      return Optional.empty();
    }
    long pfn = takenPages.isEmpty() || dice.percent(80) ? livePfn() : dice.of(takenPages);
    return Optional.of(new Proposal("page-get 0x%x".formatted(pfn), answer -> takenPages.add(pfn)));
  }

  private long livePfn() {
    PhysRange range = dice.of(dice.of(live()).ranges);
    long first = range.start() >>> PAGE_SHIFT;
    return first + dice.below((range.endInclusive() >>> PAGE_SHIFT) - first + 1);
  }

  private Optional<Proposal> pagePut() {
    if (takenPages.isEmpty()) {
      return Optional.empty();
    }
    Long pfn = dice.of(takenPages);
    return Optional.of(
        new Proposal("page-put 0x%x".formatted(pfn), answer -> takenPages.remove(pfn)));
  }
}
