// SPDX-License-Identifier: Apache-2.0
package dev.memremap.internal.pages;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memremap.internal.kernel.KernelRules;
import dev.memremap.page.MemoryType;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PageCountsTest {
  private static final KernelRules NEWER = KernelRules.choose("6.19").rules();

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "PRIVATE, 0, IS_FREED, 0, IS_FREED",
    "COHERENT, 0, IS_FREED, 0, IS_FREED",
    "FS_DAX, 1, STAYS, 0, STAYS",
    "GENERIC, 1, IS_FREED, 1, IS_FRESH",
    "PCI_P2PDMA, 1, IS_FREED, 0, IS_FREED",
  })
  @DisplayName("C-5 TY-4 the count of a fresh page and its callback, on 6.1 and on a newer kernel")
  void counts(
      MemoryType type,
      int fresh,
      PageCounts.AtZero freed,
      int newerFresh,
      PageCounts.AtZero newerFreed) {
    assertThat(PageCounts.of(type, KernelRules.LINUX_6_1))
        .isEqualTo(new PageCounts(fresh, freed, false));
    assertThat(PageCounts.of(type, NEWER))
        .isEqualTo(new PageCounts(newerFresh, newerFreed, type.isHandedOut()));
  }
}
