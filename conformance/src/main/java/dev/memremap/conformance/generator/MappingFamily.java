// SPDX-License-Identifier: Apache-2.0
package dev.memremap.conformance.generator;

import dev.memremap.resource.PhysRange;
import dev.memremap.scenario.Verb;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** {@code region}, {@code memremap}, {@code memunmap}, {@code load} and {@code store}. */
final class MappingFamily implements Family {
  private static final long PAGE = 4096;
  private static final Long[] SIZES = {
    1L, 0x10L, 0x20L, 0x100L, PAGE, PAGE, PAGE, 2 * PAGE, 4 * PAGE, 16 * PAGE, 2L << 20
  };
  private static final Long[] DELTAS = {
    -2 * PAGE, -PAGE, -PAGE, -8L, -1L, 0L, 0L, 0L, 1L, 16L, PAGE, 0x7ffL
  };
  private static final String[] FLAGS = {
    "WB",
    "WB",
    "WB",
    "WT",
    "WT",
    "WC",
    "WC",
    "WB|WT",
    "WB|WC",
    "WT|WC",
    "WT|WC",
    "WB|WT|WC",
    "WB|ENC",
    "WC|DEC",
    "WT|ENC|DEC",
    "WB|DEC",
    "ENC",
    "DEC|ENC",
    "0",
    "0x20",
    "0x101"
  };
  private static final Integer[] WIDTHS = {8, 16, 32, 64};

  private final Terrain terrain;
  private final Draft draft;
  private final Dice dice;
  private final List<Live> live = new ArrayList<>();
  private final List<Range> met = new ArrayList<>();

  private record Live(String name, long start, long size) {}

  private record Range(long start, long size) {}

  MappingFamily(Terrain terrain, Draft draft, Dice dice) {
    this.terrain = terrain;
    this.draft = draft;
    this.dice = dice;
  }

  @Override
  public Optional<Proposal> propose(Verb verb) {
    return switch (verb) {
      case REGION -> Optional.of(region());
      case MEMREMAP -> Optional.of(memremap());
      case LOAD, STORE -> access(verb);
      default -> onLive(verb);
    };
  }

  /** A mapping, and where bytes can be stored, if it is for that. */
  @Override
  public Optional<Proposal> prepare(Verb verb) {
    if (verb == Verb.MEMUNMAP) {
      return Optional.of(memremap());
    }
    PhysRange scratch = dice.of(terrain.scratch());
    return Optional.of(
        mapping(
            draft.newName("m"), scratch.start() + dice.below(16) * PAGE, dice.of("WB", "WB|WC")));
  }

  private Proposal region() {
    if (dice.percent(20)) {
      long reach = 1L << dice.below(28);
      long edge = dice.of(terrain.edges());
      return Proposal.of(
          "region 0x%x 0x%x"
              .formatted(edge - dice.below(reach) - 1, reach + dice.below(reach) + 1));
    }
    Range range =
        dice.percent(15) ? new Range(dice.any(), dice.any() >>> dice.below(64)) : range(true);
    return Proposal.of("region 0x%x 0x%x".formatted(range.start, range.size));
  }

  private Proposal memremap() {
    String name = draft.newName("m");
    Range range = range(false);
    return new Proposal(
        "memremap %s 0x%x 0x%x %s".formatted(name, range.start, range.size, dice.of(FLAGS)),
        answer -> {
          if (answer.startsWith("ok")) {
            mapped(name, range.start, range.size);
          }
        });
  }

  /** Two mappings of different modes near each other, as no page map over both can be. */
  List<Proposal> twoModes() {
    PhysRange pageable = dice.of(terrain.pageable());
    long start = (pageable.start() + dice.below(16) * (2L << 20)) & -(2L << 20);
    String first = draft.newName("m");
    String second = draft.newName("m");
    return List.of(
        mapping(first, start + dice.below(8) * PAGE, "WC"),
        mapping(second, start + (8 + dice.below(8)) * PAGE, dice.of("WT", "WT", "WB", "WC")));
  }

  private Proposal mapping(String name, long start, String flags) {
    return new Proposal(
        "memremap %s 0x%x 0x1000 %s".formatted(name, start, flags),
        answer -> {
          if (answer.startsWith("ok")) {
            mapped(name, start, PAGE);
          }
        });
  }

  private void mapped(String name, long start, long size) {
    live.add(new Live(name, start, size));
    met.add(new Range(start, size));
    draft.touch(start);
  }

  /** Near an alias, in memory of our own, at an edge, or anywhere that makes sense. */
  private Range range(boolean unbounded) {
    int kind = dice.below(100);
    if (kind < 45 && !met.isEmpty()) {
      // what was mapped and is gone tells whether it is forgotten, too
      Range other = dice.percent(60) ? met.getLast() : dice.of(met);
      return dice.percent(35)
          ? other
          : new Range(other.start + dice.of(DELTAS), dice.percent(50) ? other.size : size());
    }
    if (kind < 60) {
      PhysRange scratch = dice.of(terrain.scratch());
      // few pages, so that requests meet
      long pages = Math.min(16, scratch.sizeBytes() / PAGE);
      long start = scratch.start() + dice.below(pages) * PAGE;
      return new Range(start + (dice.percent(30) ? dice.below(PAGE) : 0), size());
    }
    if (kind < 80) {
      return new Range(dice.of(terrain.edges()) + dice.of(DELTAS), edgeSize(unbounded));
    }
    if (kind < 96) {
      PhysRange pageable = dice.of(terrain.pageable());
      // where page maps are, too
      long reach = Math.min(pageable.sizeBytes(), 80L << 20);
      return new Range(pageable.start() + dice.below(reach), size());
    }
    return new Range(-dice.below(8 * PAGE), dice.percent(20) ? 0 : size());
  }

  private long edgeSize(boolean unbounded) {
    return unbounded && dice.percent(30) ? 1L << dice.below(48) : size();
  }

  private long size() {
    return dice.percent(2) ? 0 : dice.of(SIZES);
  }

  private Optional<Proposal> onLive(Verb verb) {
    if (live.isEmpty()) {
      return Optional.empty();
    }
    Live mapping = dice.of(live);
    return Optional.of(
        new Proposal(
            verb.word() + " " + mapping.name,
            answer -> {
              if (verb == Verb.MEMUNMAP) {
                live.remove(mapping);
              }
            }));
  }

  private Optional<Proposal> access(Verb verb) {
    List<Live> ours = live.stream().filter(one -> terrain.isScratch(one.start, one.size)).toList();
    if (ours.isEmpty()) {
      return Optional.empty();
    }
    Live mapping = dice.of(ours);
    int width = dice.of(WIDTHS);
    long last = mapping.size - width / 8;
    // beyond the end is refused, and that is compared, too
    long offset =
        dice.percent(8) || last < 0
            ? mapping.size - dice.below(Math.min(mapping.size, 8L))
            : dice.of(0L, last, dice.below(last + 1));
    String value = verb == Verb.STORE ? " 0x%x".formatted(dice.any() >>> dice.below(64)) : "";
    return Optional.of(
        Proposal.of("%s %s 0x%x %d%s".formatted(verb.word(), mapping.name, offset, width, value)));
  }
}
