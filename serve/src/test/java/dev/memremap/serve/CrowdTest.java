// SPDX-License-Identifier: Apache-2.0
package dev.memremap.serve;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memremap.drawing.model.Kind;
import dev.memremap.drawing.model.Overlay;
import dev.memremap.resource.PhysRange;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class CrowdTest {
  private static List<Overlay> maps(int count) {
    List<Overlay> maps = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      PhysRange range = PhysRange.of(0x1000_0000L + i * 0x1000L, 0x1000);
      Kind kind = i % 10 == 0 ? Kind.PAGEMAP_KILLED : Kind.PAGEMAP_LIVE;
      maps.add(new Overlay("p" + i, kind, range, List.of("page map " + i), false));
    }
    return maps;
  }

  @Test
  @DisplayName("few things beside a machine stay as they are")
  void few() {
    List<Overlay> maps = maps(Crowd.PLACES);
    assertThat(Crowd.thinned(maps, null)).isEqualTo(maps);
  }

  @Test
  @DisplayName("many share places; each place says how many it stands for, and none is left out")
  void many() {
    List<Overlay> few = Crowd.thinned(maps(10_000), null);
    assertThat(few).hasSize(Crowd.PLACES);
    int sum = 0;
    for (Overlay each : few) {
      for (String part : each.lines().getFirst().split(", (?=[0-9])")) {
        sum += Integer.parseInt(part.substring(0, part.indexOf(' ')));
      }
    }
    assertThat(sum).isEqualTo(10_000);
    assertThat(few.getFirst().lines())
        .containsExactly("225 × page map, live, 25 × page map, killed");
    assertThat(few.getLast().range().endInclusive()).isEqualTo(0x1000_0000L + 10_000 * 0x1000L - 1);
  }

  @Test
  @DisplayName("a window shows those in it one by one")
  void window() {
    PhysRange window = PhysRange.of(0x1000_5000L, 0x3000);
    assertThat(Crowd.thinned(maps(10_000), window))
        .extracting(Overlay::id)
        .containsExactly("p5", "p6", "p7");
  }
}
