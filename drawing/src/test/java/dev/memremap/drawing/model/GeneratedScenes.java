// SPDX-License-Identifier: Apache-2.0
package dev.memremap.drawing.model;

import dev.memremap.resource.PhysRange;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;

/** Scenes of any shape, each from its seed. */
public final class GeneratedScenes {
  private static final List<String> NAMES =
      List.of(
          "System RAM",
          "Reserved",
          "PCI Bus 0000:00",
          "0000:03:00.0",
          "x",
          "",
          "a driver with a name of many words, as a vendor's own kernel has it, and more of them",
          "a-name-without-any-space-that-a-line-could-be-broken-at-and-that-is-far-too-wide-for-a-box",
          "内存区域 0",
          "CXL Window 12");

  private final RandomGenerator random;
  private int left;

  private GeneratedScenes(long seed) {
    this.random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
  }

  /** The scene of a seed. */
  public static Scene of(long seed) {
    return new GeneratedScenes(seed).scene();
  }

  private Scene scene() {
    List<MachineMap> machines = new ArrayList<>();
    int count = random.nextInt(5) == 0 ? 2 : 1;
    for (int i = 0; i < count; i++) {
      left = random.nextInt(random.nextInt(10) == 0 ? 300 : 40);
      int bits = random.nextInt(1, 65);
      long last = bits == 64 ? -1 : (1L << bits) - 1;
      List<Area> areas = areas(new PhysRange(0, last), 0);
      MachineMap.AddressEnd end =
          random.nextBoolean() ? new MachineMap.AddressEnd(last, random.nextBoolean()) : null;
      machines.add(new MachineMap(count == 2 ? name() : "", areas, end));
    }
    List<Overlay> overlays = new ArrayList<>();
    for (int i = random.nextInt(6); i > 0; i--) {
      overlays.add(overlay());
    }
    List<Timeline> timelines = new ArrayList<>();
    for (int i = random.nextInt(3); i > 0; i--) {
      List<Timeline.Event> events = new ArrayList<>();
      for (int k = random.nextInt(7); k > 0; k--) {
        events.add(new Timeline.Event("e" + name(), List.of(name(), name()), random.nextBoolean()));
      }
      timelines.add(new Timeline(name(), events));
    }
    return new Scene(
        "a generated machine " + name(),
        List.of(name(), "a note"),
        machines,
        overlays,
        List.of(name(), name()),
        timelines);
  }

  private String name() {
    return NAMES.get(random.nextInt(NAMES.size()));
  }

  private List<Area> areas(PhysRange in, int depth) {
    List<Area> areas = new ArrayList<>();
    long next = in.start();
    boolean isOver = false;
    while (left > 0 && !isOver && random.nextInt(6) != 0) {
      PhysRange range = inside(new PhysRange(next, in.endInclusive()));
      left--;
      Kind kind = Kind.values()[random.nextInt(Kind.GROUP.compareTo(Kind.SYSTEM_RAM))];
      List<Area> inner = depth < 9 && random.nextInt(3) == 0 ? areas(range, depth + 1) : List.of();
      areas.add(new Area(range, name(), kind, random.nextInt(8) == 0, inner));
      isOver = range.endInclusive() == in.endInclusive();
      next = range.endInclusive() + 1;
    }
    return areas;
  }

  /** A part of a range, often at one of its ends, often small. */
  private PhysRange inside(PhysRange in) {
    long span = in.endInclusive() - in.start();
    long start = random.nextInt(3) == 0 ? 0 : offset(span);
    long length = random.nextInt(3) == 0 ? span - start : offset(span - start);
    return new PhysRange(in.start() + start, in.start() + start + length);
  }

  private long offset(long atMost) {
    long any = random.nextLong() >>> random.nextInt(64);
    return Long.compareUnsigned(any, atMost) > 0
        ? atMost == 0 ? 0 : Long.remainderUnsigned(any, atMost)
        : any;
  }

  private Overlay overlay() {
    PhysRange range = inside(new PhysRange(0, -1));
    List<Overlay.Part> parts = new ArrayList<>();
    if (random.nextBoolean()) {
      PhysRange first = inside(range);
      parts.add(new Overlay.Part(first, Kind.ALTMAP_RESERVE, "reserve " + name()));
      if (first.endInclusive() != range.endInclusive()) {
        PhysRange rest = new PhysRange(first.endInclusive() + 1, range.endInclusive());
        parts.add(new Overlay.Part(rest, Kind.PAGES, "pages"));
      }
    }
    List<Overlay.Cell> cells = new ArrayList<>();
    for (int i = random.nextInt(40); i > 20; i--) {
      cells.add(new Overlay.Cell(i, i, random.nextInt(20), random.nextInt(2)));
    }
    Kind[] kinds = {Kind.GRANTED, Kind.REFUSED, Kind.MAPPING, Kind.PAGEMAP_LIVE};
    return new Overlay(
        "o " + name(),
        kinds[random.nextInt(kinds.length)],
        range,
        List.of("n" + name(), name()),
        random.nextBoolean(),
        parts,
        cells);
  }
}
