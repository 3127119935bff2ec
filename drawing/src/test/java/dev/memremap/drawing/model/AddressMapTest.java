// SPDX-License-Identifier: Apache-2.0
package dev.memremap.drawing.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memremap.resource.PhysRange;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The numbers of pictures. */
class AddressMapTest {
  private static final int GENERATED = 1_000;
  private static final int VIEWS = 300;
  private static final long FIRST_SEED = Long.getLong("dev.memremap.seed", 1);

  static List<Path> maps() throws IOException {
    return MapsOfTests.files();
  }

  private static AddressMap drawn(Scene scene) {
    return AddressMap.of(scene, View.ALL, Metrics.PIXELS);
  }

  private static long count(List<Area> areas) {
    return areas.stream().mapToLong(area -> 1 + count(area.children())).sum();
  }

  private static long resources(AddressMap map) {
    return map.boxes().stream().filter(box -> box.role() == Box.Role.RESOURCE).count();
  }

  @ParameterizedTest
  @MethodSource("maps")
  @DisplayName("each map of the test resources is drawn whole, and nothing overlaps")
  void mapsOfTests(Path file) {
    Scene scene = MapsOfTests.scene(file);
    AddressMap map = drawn(scene);
    assertThat(Geometry.violations(map, true)).isEmpty();
    assertThat(resources(map)).isEqualTo(count(scene.machines().getFirst().areas()));
  }

  @Test
  @DisplayName("there are maps among the test resources")
  void areMaps() throws IOException {
    assertThat(maps()).hasSizeGreaterThan(90);
  }

  @Test
  @DisplayName("1,000 generated scenes are drawn whole, and nothing overlaps")
  void generated() {
    for (long seed = FIRST_SEED; seed < FIRST_SEED + GENERATED; seed++) {
      Scene scene = GeneratedScenes.of(seed);
      AddressMap map = drawn(scene);
      assertThat(Geometry.violations(map, true)).as("-Ddev.memremap.seed=%d", seed).isEmpty();
      long all = scene.machines().stream().mapToLong(each -> count(each.areas())).sum();
      assertThat(resources(map)).as("-Ddev.memremap.seed=%d", seed).isEqualTo(all);
    }
  }

  @Test
  @DisplayName("in the cells of a terminal nothing overlaps, and all is inside its width")
  void cells() {
    for (long seed = FIRST_SEED; seed < FIRST_SEED + VIEWS; seed++) {
      Scene drawn = GeneratedScenes.of(seed);
      Scene scene = new Scene(drawn.title(), List.of(), drawn.machines().subList(0, 1), List.of());
      AddressMap map = AddressMap.of(scene, View.ALL, Metrics.cells(58));
      assertThat(Geometry.violations(map, false)).as("-Ddev.memremap.seed=%d", seed).isEmpty();
      assertThat(map.width()).as("-Ddev.memremap.seed=%d", seed).isLessThanOrEqualTo(81);
    }
  }

  @Test
  @DisplayName("a window and a limit of boxes leave pictures in which nothing overlaps")
  void views() {
    for (long seed = FIRST_SEED; seed < FIRST_SEED + VIEWS; seed++) {
      Scene scene = GeneratedScenes.of(seed);
      PhysRange window = new PhysRange(seed << 20, (seed << 20) + (1L << seed % 60));
      View view = new View(seed % 3 == 0 ? null : window, (int) (seed % 7) * 3 + 1);
      AddressMap map = AddressMap.of(scene, view, Metrics.PIXELS);
      assertThat(Geometry.violations(map, true)).as("-Ddev.memremap.seed=%d", seed).isEmpty();
      assertThat(resources(map))
          .as("-Ddev.memremap.seed=%d", seed)
          .isLessThanOrEqualTo(scene.machines().size() * (view.maxBoxes() + 3L));
    }
  }

  @Test
  @DisplayName("equal scenes give equal pictures")
  void isPure() {
    assertThat(drawn(GeneratedScenes.of(7)).boxes())
        .isEqualTo(drawn(GeneratedScenes.of(7)).boxes());
  }

  @Test
  @DisplayName("boxes are in the order of addresses, and end where the scale says")
  void order() throws IOException {
    for (Path file : maps()) {
      AddressMap map = drawn(MapsOfTests.scene(file));
      Box before = null;
      for (Box box : map.boxes()) {
        boolean isListed = box.role() == Box.Role.RESOURCE || box.role() == Box.Role.HOLE;
        boolean isTop = box.parent() < 0 && isListed;
        if (isTop && before != null) {
          assertThat(before.rect().bottom()).isLessThanOrEqualTo(box.rect().y());
        }
        before = isTop ? box : before;
        boolean isLeaf =
            box.role() == Box.Role.RESOURCE
                && map.boxes().stream()
                    .noneMatch(
                        other ->
                            other.parent() >= 0 && map.boxes().get(other.parent()).equals(box));
        if (isLeaf) {
          assertThat(box.rect().y()).isEqualTo(map.scale().y(box.range().start()));
          assertThat(box.rect().bottom()).isEqualTo(map.scale().yAfter(box.range().endInclusive()));
        }
      }
    }
  }

  @Test
  @DisplayName("a box keeps its id when another part of the machine is looked at")
  void stableIds() {
    Scene scene = MapsOfTests.scene(Path.of("../examples/machines/cxl.iomem"));
    View near = new View(new PhysRange(0x140000000L, 0x2ffffffffL), Integer.MAX_VALUE);
    List<String> all = ids(drawn(scene));
    List<String> some =
        ids(AddressMap.of(scene, near, Metrics.PIXELS)).stream()
            .filter(id -> !id.contains("hole"))
            .toList();
    assertThat(some).hasSize(5);
    assertThat(all).containsAll(some);
  }

  private static List<String> ids(AddressMap map) {
    return map.boxes().stream().filter(box -> box.range() != null).map(Box::id).toList();
  }

  @Test
  @DisplayName("100,000 resources are drawn, all of them or as many as have room")
  void many() {
    List<Area> areas = new ArrayList<>();
    for (long i = 0; i < 1_000; i++) {
      List<Area> inside = new ArrayList<>();
      for (long k = 0; k < 99; k++) {
        PhysRange range = PhysRange.of((i << 30) + (k << 20), 1 << 12);
        inside.add(new Area(range, "0000:03:00.0", Kind.DEVICE, false, List.of()));
      }
      PhysRange range = PhysRange.of(i << 30, 1L << 30);
      areas.add(new Area(range, "PCI Bus 0000:00", Kind.PCI_WINDOW, false, inside));
    }
    Scene scene = new Scene("many", List.of(), List.of(new MachineMap("", areas, null)), List.of());
    assertThat(resources(drawn(scene))).isEqualTo(100_000);
    AddressMap few = AddressMap.of(scene, new View(null, 600), Metrics.PIXELS);
    assertThat(resources(few)).isBetween(200L, 600L);
    assertThat(Geometry.violations(few, true)).isEmpty();
    assertThat(few.boxes())
        .anyMatch(box -> box.kind() == Kind.GROUP && box.name().equals("80000 more"));
  }

  private static Overlay mapping(long start, long size) {
    return new Overlay(
        "m-%x-%x".formatted(start, size),
        Kind.MAPPING,
        PhysRange.of(start, size),
        List.of("mapping"),
        false);
  }

  @Test
  @DisplayName(
      "many mappings of the same addresses are in eight lanes, and the rest is drawn as one")
  void manyLanes() {
    List<Overlay> overlays = new ArrayList<>();
    for (int i = 1; i <= 1_000; i++) {
      overlays.add(mapping(0x1000, i * 0x1000L));
    }
    AddressMap map = drawn(GeneratedScenes.of(1).withOverlays(overlays));
    assertThat(Geometry.violations(map, true)).isEmpty();
    assertThat(map.boxes())
        .filteredOn(box -> box.kind() == Kind.MAPPING && box.range() != null)
        .hasSize(8);
    assertThat(map.boxes()).anyMatch(box -> box.name().equals("992 more"));
  }

  @Test
  @DisplayName("100,000 mappings side by side are drawn, as many as have room")
  void manyMappings() {
    List<Overlay> overlays = new ArrayList<>();
    for (long i = 0; i < 100_000; i++) {
      overlays.add(mapping(i << 20, 0x1000));
    }
    Scene scene = new Scene("many", List.of(), List.of(), List.of()).withOverlays(overlays);
    AddressMap map = AddressMap.of(scene, new View(null, 300), Metrics.PIXELS);
    assertThat(map.boxes()).hasSizeBetween(301, 700);
    assertThat(Geometry.violations(map, true)).isEmpty();
  }

  @Test
  @DisplayName("a machine without a resource is one hole")
  void empty() {
    Scene scene =
        new Scene("empty", List.of(), List.of(new MachineMap("", List.of(), null)), List.of());
    AddressMap map = drawn(scene);
    assertThat(map.boxes()).filteredOn(box -> box.role() == Box.Role.HOLE).hasSize(1);
    assertThat(Geometry.violations(map, true)).isEmpty();
  }

  // ---- violations that are planted ---------------------------------------------------------

  private static AddressMap with(AddressMap map, String id, UnaryOperator<Rect> change) {
    List<Box> boxes = new ArrayList<>();
    for (Box box : map.boxes()) {
      Rect rect = box.id().equals(id) ? change.apply(box.rect()) : box.rect();
      boxes.add(
          new Box(
              box.id(),
              box.role(),
              box.kind(),
              rect,
              box.range(),
              box.name(),
              box.tip(),
              box.parent(),
              box.marks()));
    }
    return of(map, map.width(), boxes, map.labels());
  }

  private static AddressMap of(AddressMap map, int width, List<Box> boxes, List<Label> labels) {
    return new AddressMap(
        width, map.height(), map.title(), map.scale(), boxes, labels, map.lines());
  }

  private static AddressMap labels(AddressMap map, UnaryOperator<Stream<Label>> change) {
    return of(map, map.width(), map.boxes(), change.apply(map.labels().stream()).toList());
  }

  private static Label moved(Label label, int by) {
    Rect at = label.rect();
    return new Label(
        new Rect(at.x(), at.y() + by, at.width(), at.height()),
        label.text(),
        label.style(),
        label.box(),
        label.leader());
  }

  @Test
  @DisplayName("each planted violation is noticed")
  void plantedViolations() {
    AddressMap map = drawn(MapsOfTests.scene(Path.of("../examples/machines/cxl.iomem")));
    String ram = "a-1000-0";
    assertThat(
            Geometry.violations(
                with(map, ram, r -> new Rect(r.x(), r.y(), r.width(), r.height() + 1)), true))
        .contains("a-hole-9fc00 overlaps " + ram);
    assertThat(Geometry.violations(with(map, ram, r -> new Rect(r.x(), r.y(), r.width(), 2)), true))
        .contains(ram + " is 2 high", "'System RAM' is not in its box, and no line leads to it");
    assertThat(
            Geometry.violations(
                with(map, "a-d0000000-1", r -> new Rect(r.x(), r.y(), r.width() + 9, r.height())),
                true))
        .contains("a-d0000000-1 is not inside a-80000000-0");
    assertThat(
            Geometry.violations(
                labels(map, all -> all.filter(each -> !each.text().equals("dax1.0"))), true))
        .contains("the name 'dax1.0' of a-280000000-1 is not written");
    assertThat(
            Geometry.violations(
                labels(map, all -> all.map(l -> l.text().equals("dax1.0") ? moved(l, -30) : l)),
                true))
        .anyMatch(each -> each.startsWith("'dax1.0' is not in its box"));
    assertThat(Geometry.violations(of(map, map.width() - 250, map.boxes(), map.labels()), true))
        .contains(ram + " is outside", "'2047M' is outside");
  }

  @Test
  @DisplayName("a planted violation of a line that leads to a name is noticed")
  void plantedLeader() {
    Area wide = new Area(PhysRange.of(0, 4096), "w".repeat(90), Kind.UNKNOWN, false, List.of());
    Scene scene =
        new Scene("w", List.of(), List.of(new MachineMap("", List.of(wide), null)), List.of());
    AddressMap map = drawn(scene);
    assertThat(Geometry.violations(map, true)).isEmpty();
    assertThat(map.labels()).anyMatch(label -> !label.leader().isEmpty());
    AddressMap cut =
        labels(
            map, all -> all.map(l -> new Label(l.rect(), l.text(), l.style(), l.box(), List.of())));
    assertThat(Geometry.violations(cut, true))
        .anyMatch(each -> each.endsWith("is not in its box, and no line leads to it"));
    AddressMap astray = labels(map, all -> all.map(l -> moved(l, 40)));
    assertThat(Geometry.violations(astray, true))
        .anyMatch(each -> each.endsWith("does not end at it"));
  }
}
