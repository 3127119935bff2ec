// SPDX-License-Identifier: Apache-2.0
package dev.memremap.serve;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memremap.drawing.model.Kind;
import dev.memremap.drawing.model.Overlay;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class WatchTextTest {
  private static final String MAPPING = "mapping\t4096\t8191\tWB\t1\tfalse\tfalse\n";

  @Test
  @DisplayName("several mappings of the same bytes have a name each, by which a page finds them")
  void names() {
    assertThat(WatchText.overlays(MAPPING.repeat(3)))
        .extracting(Overlay::id)
        .containsExactly("mapping-1000", "mapping-1000-2", "mapping-1000-3");
  }

  @Test
  @DisplayName("page maps of one name are drawn each at its own place, with its own state")
  void sameName() {
    List<Overlay> maps =
        WatchText.overlays(
            "pagemap\t4096\t8191\tLIVE\t3\tGENERIC\tWB\tpage map pool\n"
                + "pagemap\t8192\t12287\tKILLED\t0\tGENERIC\tWB\tpage map pool\n");
    assertThat(maps).extracting(Overlay::id).containsExactly("pagemap-1000", "pagemap-2000");
    assertThat(maps)
        .extracting(Overlay::kind)
        .containsExactly(Kind.PAGEMAP_LIVE, Kind.PAGEMAP_KILLED);
    assertThat(maps.getFirst().lines()).contains("page map pool", "live, references held: 3");
    assertThat(maps.getLast().lines()).contains("page map pool", "killed, references held: 0");
  }

  @Test
  @DisplayName(
      "what changed is told by keys, by which things of one address have names of their own")
  void changes() {
    WatchText.Changes changes =
        WatchText.changes(
            "version\t7\nnow\tmapping-0000000000001000\t"
                + MAPPING
                + "now\tmapping-0000000000001000-2\t"
                + MAPPING
                + "now\tnews-1\tnews\t1\ngone\tpagemap-0000000000002000\nmore\t3\n");
    assertThat(changes.version()).isEqualTo(7);
    assertThat(changes.isAll()).isFalse();
    assertThat(changes.now().values())
        .extracting(Overlay::id)
        .containsExactly("mapping-1000", "mapping-1000-2");
    assertThat(changes.gone()).containsExactly("pagemap-0000000000002000");
    assertThat(WatchText.changes("version\t1\nall\n").isAll()).isTrue();
    assertThat(WatchText.changes("").isAll()).as("of a machine that is gone").isTrue();
  }

  @Test
  @DisplayName("lines of another version are passed over")
  void others() {
    assertThat(WatchText.overlays("more\t3\nnews\t1\n" + MAPPING)).hasSize(1);
    assertThat(WatchText.look("news\t1\n").machines()).isEmpty();
  }
}
