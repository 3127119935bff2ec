// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager.internal.fault;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What is said where memory is full. */
class LostNodesTest {
  private final LostNodes lost = new LostNodes(new Ones(64));

  @Test
  @DisplayName("A full memory says what the store said, until it takes a page again")
  void reason() {
    assertThat(lost.whyFull()).contains("pinned").contains("close pins");
    lost.refused(3, "/data/pages: no space left on the disk (ENOSPC)");
    assertThat(lost.whyFull())
        .isEqualTo(
            "memory is full, and the store does not take what was written: /data/pages: no space left on the disk (ENOSPC)");
    lost.took(4);
    assertThat(lost.whyFull()).contains("pinned");
  }
}
