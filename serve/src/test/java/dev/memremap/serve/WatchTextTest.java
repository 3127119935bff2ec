// SPDX-License-Identifier: Apache-2.0
package dev.memremap.serve;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memremap.drawing.model.Overlay;
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
  @DisplayName("lines of another version are passed over")
  void others() {
    assertThat(WatchText.overlays("more\t3\nnews\t1\n" + MAPPING)).hasSize(1);
    assertThat(WatchText.look("news\t1\n").machines()).isEmpty();
  }
}
