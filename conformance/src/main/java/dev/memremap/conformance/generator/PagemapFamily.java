// SPDX-License-Identifier: Apache-2.0
package dev.memremap.conformance.generator;

import dev.memremap.resource.PhysRange;
import dev.memremap.scenario.Verb;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Devices, page maps, lookups and pages. */
final class PagemapFamily implements Family {
  private static final int PAGE_SHIFT = 12;
  private static final long MIB = 1L << 20;
  private static final Long[] FREE_SIZES = {
    1L, 4096L, MIB, 2 * MIB, 2 * MIB, 32 * MIB, 64 * MIB, 128 * MIB, 192 * MIB, 1024 * MIB, 1L << 38
  };

  private static final Long[] ALIGNMENTS = {
    4096L, MIB, 2 * MIB, 2 * MIB, 4 * MIB, 32 * MIB, 128 * MIB
  };

  /**
   * Of all addresses: what lies below 1 MiB is the firmware's, and kernels since 6.7 do not list
   * the local APIC. Places so far apart have something else, too, where one has these.
   */
  private static final Long[] FAR_APART = {128 * MIB, 512 * MIB, 1024 * MIB, 4096 * MIB};

  private static final Integer[] ORDERS = {1, 1, 2, 3, 4, 7, 9, 9, 10};
  private final Terrain terrain;
  private final Dialect dialect;
  private final PagemapShape shapes;
  private final RefFamily refs;
  private final Draft draft;
  private final Dice dice;
  private final List<String> devices = new ArrayList<>();
  private final List<Map> maps = new ArrayList<>();
  private final List<String> lookups = new ArrayList<>();
  private final List<Long> takenPages = new ArrayList<>();
  private final List<Long> handledPages = new ArrayList<>();
  private final List<Long> handedOut = new ArrayList<>();

  private static final class Map {
    final String name;
    final List<PhysRange> ranges;
    final boolean altmap;
    final boolean handsOut;
    boolean tried;
    int offered;
    boolean live;
    boolean ended;
    @Nullable String device;
    final Optional<DraftRef> reference;

    Map(String name, PagemapShape.Shape shape) {
      this.name = name;
      this.ranges = shape.ranges();
      this.altmap = shape.altmap();
      this.handsOut = shape.handsOut();
      this.reference = shape.reference();
    }
  }

  PagemapFamily(
      Terrain terrain,
      Dialect dialect,
      PagemapShape shapes,
      RefFamily refs,
      Draft draft,
      Dice dice) {
    this.terrain = terrain;
    this.dialect = dialect;
    this.shapes = shapes;
    this.refs = refs;
    this.draft = draft;
    this.dice = dice;
  }

  @Override
  public Optional<Proposal> propose(Verb verb) {
    return switch (verb) {
      case DEVICE -> Optional.of(device());
      case PGMAP -> Optional.of(pgmap());
      case REMAP_PAGES -> remap();
      case UNMAP_PAGES -> unmap();
      case DEVICE_RELEASE -> release();
      case LOOKUP -> worthLooking() ? Optional.of(lookup()) : Optional.empty();
      case PUT -> put();
      case PAGE_GET -> pageGet();
      case PAGE_PUT -> pagePut();
      case PAGE_INIT -> pageInit();
      case MEMORY_FAILURE -> live().isEmpty() ? Optional.empty() : Optional.of(memoryFailure());
      case FREE_REGION -> Optional.of(freeRegion());
      default -> onAny(verb);
    };
  }

  @Override
  public Optional<Proposal> prepare(Verb verb) {
    return switch (verb) {
      case REMAP_PAGES -> Optional.of(pgmap());
      case UNMAP_PAGES -> remap().or(() -> Optional.of(pgmap()));
      case DEVICE_RELEASE -> Optional.of(device());
      case PUT -> live().isEmpty() ? remap() : Optional.of(lookup());
      case PAGE_GET, MEMORY_FAILURE -> remap();
      case PAGE_PUT -> pageGet().or(this::remap);
      case PAGE_INIT -> mapThatHandsOut();
      case ALTMAP -> Optional.of(pgmap());
      default -> Optional.empty();
    };
  }

  private Proposal device() {
    String name = draft.newName("d");
    return new Proposal("device " + name, answer -> devices.add(name));
  }

  /** A free range of all addresses or of memory for page maps, of a device's now and then. */
  private Proposal freeRegion() {
    boolean everywhere = dice.percent(45);
    PhysRange base =
        everywhere ? PhysRange.of(0, terrain.lastAddress() + 1) : dice.of(terrain.pageable());
    long size = dice.of(FREE_SIZES);
    Long[] alignments = everywhere ? FAR_APART : ALIGNMENTS;
    String how =
        switch (dice.below(4)) {
          case 0, 1 -> " align=0x%x".formatted(dice.of(alignments));
          case 2 -> devices.isEmpty() ? "" : " dev=" + dice.of(devices);
          default -> "";
        };
    return Proposal.of(
        "free-region 0x%x+0x%x 0x%x%s".formatted(base.start(), base.sizeBytes(), size, how));
  }

  // ---- maps --------------------------------------------------------------------------------

  /** A map that lies over this address, and its mapping. */
  Proposal over(long address) {
    return defining(shapes.over(address));
  }

  private Proposal pgmap() {
    return defining(shapes.any(others(), refs.forMap()));
  }

  /** A map that brings a reference, if there is one that it may bring. */
  Optional<Proposal> bringing() {
    return refs.forMap().map(ref -> defining(shapes.bringing(others(), ref)));
  }

  private List<PhysRange> others() {
    return maps.stream().flatMap(map -> map.ranges.stream()).toList();
  }

  private Proposal defining(PagemapShape.Shape shape) {
    String name = draft.newName("p");
    return new Proposal(
        "pgmap %s %s".formatted(name, shape.line()),
        answer -> {
          shape.reference().ifPresent(DraftRef::bring);
          maps.add(new Map(name, shape));
        });
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
    map.reference.ifPresent(DraftRef::end);
    map.device = null;
    // it may be mapped again, unless it brought a reference that is gone
    map.tried = map.reference.isPresent();
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

  /** A verb that is followed by nothing but a map or a page: any of these. */
  private Optional<Proposal> onAny(Verb verb) {
    String wanted = verb.usage().substring(verb.word().length() + 1);
    return switch (wanted) {
      case "P" -> mapToAsk().map(map -> Proposal.of(verb.word() + " " + map.name));
      case "PFN" ->
          worthLooking()
              ? Optional.of(Proposal.of("%s 0x%x".formatted(verb.word(), pageToLookAt())))
              : Optional.empty();
      default ->
          throw new IllegalArgumentException(verb.usage() + ": the generator has no line for it");
    };
  }

  private Optional<Map> mapToAsk() {
    List<Map> having = maps.stream().filter(map -> map.altmap).toList();
    // what an unmapped map's altmap keeps is asked before all
    List<Map> ended = having.stream().filter(map -> map.ended).toList();
    List<Map> known = ended.isEmpty() || dice.percent(30) ? having : ended;
    List<Map> asked = known.isEmpty() || dice.percent(5) ? maps : known;
    return asked.isEmpty() ? Optional.empty() : Optional.of(dice.of(asked));
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

  /** What was taken or dropped tells most. */
  private long pageToLookAt() {
    return handledPages.isEmpty() || dice.percent(60) ? pfn() : dice.of(handledPages);
  }

  private Optional<Proposal> pageGet() {
    if (live().isEmpty()) {
      return Optional.empty();
    }
    // newer kernels have no reference to most pages until they are in use
    long pfn = takenPages.isEmpty() || dice.percent(55) ? livePfn() : dice.of(takenPages);
    return Optional.of(
        new Proposal(
            "page-get 0x%x".formatted(pfn),
            answer -> {
              takenPages.add(pfn);
              handledPages.add(pfn);
            }));
  }

  private long livePfn() {
    PhysRange range = dice.of(dice.of(live()).ranges);
    long first = range.start() >>> PAGE_SHIFT;
    return first + dice.below((range.endInclusive() >>> PAGE_SHIFT) - first + 1);
  }

  private List<Map> handingOut() {
    return live().stream().filter(map -> map.handsOut).toList();
  }

  /** Pages of a map, aligned to how many they are; what is looked at later is one of these. */
  private Optional<Proposal> pageInit() {
    List<Map> candidates = handingOut();
    if (candidates.isEmpty()) {
      return Optional.empty();
    }
    PhysRange range = dice.of(dice.of(candidates).ranges);
    boolean many = dialect.has(Dialect.Feature.ORDERS) && dice.percent(60);
    int order = many ? dice.of(ORDERS) : 0;
    long first = range.start() >>> PAGE_SHIFT;
    long pages = range.sizeBytes() >>> PAGE_SHIFT;
    // few places, so that a hand-out comes where another one was, whose pages must be free again
    long near =
        handedOut.isEmpty() || dice.percent(35)
            ? first + dice.below(Math.min(pages, dice.of(2L << order, pages)))
            : dice.of(handedOut);
    long pfn = near & -(1L << order);
    long one = pfn + dice.below(1L << order);
    return Optional.of(
        new Proposal(
            "page-init 0x%x%s".formatted(pfn, order == 0 ? "" : " " + order),
            answer -> {
              takenPages.add(one);
              handledPages.add(one);
              handedOut.add(pfn);
              handedOut.add(pfn + (1L << order) / 2);
            }));
  }

  /** Such a map, or its mapping if it is the last one. */
  private Optional<Proposal> mapThatHandsOut() {
    boolean waits = maps.stream().anyMatch(map -> map.handsOut && !map.tried && map.offered == 0);
    return waits ? remap() : Optional.of(defining(shapes.handingOut(others())));
  }

  private Optional<Proposal> pagePut() {
    if (takenPages.isEmpty()) {
      return Optional.empty();
    }
    if (shapes.freesPages() && !live().isEmpty() && dice.percent(12)) {
      // the map's own reference: the page is freed, as its type demands
      long pfn = livePfn();
      return Optional.of(
          new Proposal(
              "page-put 0x%x".formatted(pfn),
              answer -> {
                // only a look tells what its count went back to
                handledPages.clear();
                handledPages.add(pfn);
              }));
    }
    Long pfn = dice.percent(50) ? takenPages.getLast() : dice.of(takenPages);
    return Optional.of(
        new Proposal("page-put 0x%x".formatted(pfn), answer -> takenPages.remove(pfn)));
  }

  /** Of a map's page, or of one that it lacks: the kernel is not asked to lose RAM of its own. */
  private Proposal memoryFailure() {
    long pfn = dice.percent(80) ? livePfn() : pageToLookAt();
    return new Proposal("memory-failure 0x%x".formatted(pfn), answer -> handledPages.add(pfn));
  }
}
