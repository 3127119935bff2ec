// SPDX-License-Identifier: Apache-2.0
package dev.memremap.internal.pages;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class TouchedBlocksTest {
  private static final long BLOCKS = 300;

  private final TouchedBlocks blocks = new TouchedBlocks(BLOCKS);

  private List<Long> walked() {
    List<Long> found = new ArrayList<>();
    for (long at = blocks.nextFrom(0); at < BLOCKS; at = blocks.nextFrom(at + 1)) {
      found.add(at);
    }
    return found;
  }

  @Test
  @DisplayName("row 31 a walk comes to each block that was touched, once, and ends behind the last")
  void walk() {
    assertThat(blocks.nextFrom(0)).isEqualTo(BLOCKS);
    List<Long> touched = List.of(0L, 1L, 63L, 64L, 127L, 200L, 299L);
    touched.forEach(blocks::add);
    assertThat(walked()).isEqualTo(touched);
    assertThat(blocks.nextFrom(128)).isEqualTo(200);
    assertThat(blocks.nextFrom(BLOCKS)).isEqualTo(BLOCKS);
  }
}
