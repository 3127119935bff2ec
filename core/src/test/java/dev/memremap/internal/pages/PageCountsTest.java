// SPDX-License-Identifier: Apache-2.0
package dev.memremap.internal.pages;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memremap.internal.kernel.KernelRules;
import dev.memremap.page.MemoryType;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PageCountsTest {
  private static final KernelRules NEWER = new KernelRules("newer", true, true, 0, 0, false);

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "PRIVATE, 0, true, 0, true",
    "COHERENT, 0, true, 0, true",
    "FS_DAX, 1, false, 0, false",
    "GENERIC, 1, true, 1, false",
    "PCI_P2PDMA, 1, true, 0, true",
  })
  @DisplayName("C-5 TY-4 the count of a fresh page and its callback, on 6.1 and on a newer kernel")
  void counts(MemoryType type, int fresh, boolean freed, int newerFresh, boolean newerFreed) {
    assertThat(PageCounts.of(type, KernelRules.LINUX_6_1)).isEqualTo(new PageCounts(fresh, freed));
    assertThat(PageCounts.of(type, NEWER)).isEqualTo(new PageCounts(newerFresh, newerFreed));
  }
}
