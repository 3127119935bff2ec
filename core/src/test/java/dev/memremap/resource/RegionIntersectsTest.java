// SPDX-License-Identifier: Apache-2.0
package dev.memremap.resource;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memremap.Seeds;
import dev.memremap.vectors.Maps;
import dev.memremap.vectors.VectorRow;
import dev.memremap.vectors.VectorRows;
import dev.memremap.vectors.VectorRun;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class RegionIntersectsTest {
  @RegisterExtension static final VectorRun RUN = VectorRun.of("RI");

  static Stream<VectorRow> rows() {
    return VectorRows.withPrefix("RI");
  }

  @ParameterizedTest
  @MethodSource("rows")
  @DisplayName("RI-1 to RI-6 region_intersects answers as the table says")
  void vector(VectorRow row) {
    long flags = flags(row.value("flags").orElseThrow());
    ResourceDesc desc =
        ResourceDesc.of(Integer.parseInt(row.value("desc").orElse("0"))).orElseThrow();
    Intersection answer =
        map(row.setup())
            .regionIntersects(
                address(row.value("start").orElseThrow()),
                address(row.value("size").orElseThrow()),
                flags,
                desc);
    RUN.check(row, answer.name());
  }

  private static ResourceSnapshot map(String setup) {
    return switch (setup.split(" \\(", 2)[0]) {
      case "map M" -> Maps.m().snapshot();
      case "map K" -> Maps.k().snapshot();
      default -> throw new IllegalArgumentException(setup);
    };
  }

  private static long flags(String text) {
    return text.equals("SYSTEM_RAM") ? ResourceFlags.SYSTEM_RAM : Long.decode(text);
  }

  private static long address(String text) {
    return text.startsWith("base+")
        ? Maps.K_BASE + Long.decode(text.substring(5))
        : Long.decode(text);
  }

  @Test
  @DisplayName("RI-1 a range that wraps around ends where unsigned arithmetic says")
  void wraps() {
    ResourceSnapshot m = Maps.m().snapshot();
    long ram = ResourceFlags.SYSTEM_RAM;
    // the end lies before the start: only a node around both overlaps
    assertThat(m.regionIntersects(-0x1000, 0x3000, ram, ResourceDesc.NONE))
        .isEqualTo(Intersection.DISJOINT);
    assertThat(m.regionIntersects(0x80000000L, -0x1000, ram, ResourceDesc.NONE))
        .isEqualTo(Intersection.DISJOINT);
    assertThat(m.regionIntersects(0x3000, -0x1000, ram, ResourceDesc.NONE))
        .isEqualTo(Intersection.INTERSECTS);
    // the end is the last address there is
    assertThat(m.regionIntersects(0x3000, -0x3000, ram, ResourceDesc.NONE))
        .isEqualTo(Intersection.MIXED);
  }

  @Test
  @DisplayName("RI-1 to RI-6 any question to any tree is answered as the rules' plain words do")
  void againstThePlainRule() {
    int[] seen = new int[Intersection.values().length];
    Seeds.check(
        2000,
        random -> {
          Resource root = RandomTrees.tree(random, 5);
          ResourceSnapshot snapshot = new ResourceSnapshot(root);
          for (int i = 0; i < 20; i++) {
            long start = RandomTrees.addressNear(root, random);
            long end = RandomTrees.addressNear(root, random);
            long flags =
                List.of(0L, ResourceFlags.MEM, ResourceFlags.SYSTEM_RAM, ResourceFlags.BUSY)
                    .get(random.nextInt(4));
            ResourceDesc desc =
                random.nextBoolean() ? ResourceDesc.NONE : ResourceDesc.PERSISTENT_MEMORY;
            Intersection expected = PlainRules.regionIntersects(root, start, end, flags, desc);
            seen[expected.ordinal()]++;
            assertThat(snapshot.regionIntersects(start, end - start + 1, flags, desc))
                .as("0x%x-0x%x 0x%x %s in\n%s", start, end, flags, desc, IomemText.format(root))
                .isEqualTo(expected);
          }
        });
    assertThat(seen).as("answers seen").doesNotContain(0);
  }
}
