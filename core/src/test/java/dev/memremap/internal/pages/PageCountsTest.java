// SPDX-License-Identifier: Apache-2.0
package dev.memremap.internal.pages;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memremap.internal.kernel.KernelChange;
import dev.memremap.internal.kernel.KernelRules;
import dev.memremap.internal.pages.PageCounts.AtFree;
import dev.memremap.page.MemoryType;
import java.util.EnumSet;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PageCountsTest {
  @ParameterizedTest(name = "{0} {1}")
  @CsvSource({
    "5.10, PRIVATE, 1, 1, true, IS_FREED, false, true",
    "5.10, FS_DAX, 1, 0, true, STAYS, false, true",
    "5.10, GENERIC, 1, 0, true, STAYS, false, true",
    "5.10, PCI_P2PDMA, 1, 0, true, STAYS, false, true",
    "5.10, COHERENT, 0, 0, false, IS_FREED, false, false",
    "6.1, PRIVATE, 0, 0, false, IS_FREED, false, false",
    "6.1, COHERENT, 0, 0, false, IS_FREED, false, false",
    "6.1, FS_DAX, 1, 0, true, STAYS, false, false",
    "6.1, GENERIC, 1, 0, true, IS_FREED, false, false",
    "6.1, PCI_P2PDMA, 1, 0, true, IS_FREED, false, false",
    "6.19, PRIVATE, 0, 0, false, IS_FREED, true, false",
    "6.19, COHERENT, 0, 0, false, IS_FREED, true, false",
    "6.19, FS_DAX, 0, 0, true, STAYS, false, false",
    "6.19, GENERIC, 1, 0, true, IS_FRESH, false, false",
    "6.19, PCI_P2PDMA, 0, 0, true, IS_FREED, false, false",
  })
  @DisplayName(
      "C-5 TY-4 rows 29 and 31 what pages count, fresh and free, the map's own, and callbacks")
  void counts(
      String kernel,
      MemoryType type,
      int fresh,
      int free,
      boolean owned,
      AtFree atFree,
      boolean folios,
      boolean putByUnmapping) {
    assertThat(PageCounts.of(type, KernelRules.choose(kernel).rules()))
        .isEqualTo(new PageCounts(fresh, free, owned, atFree, folios, putByUnmapping));
  }

  @Test
  @DisplayName("row 31 the unmapping puts no page that begins at 0, whatever the other rows are")
  void beginsAtZero() {
    KernelRules newest = KernelRules.choose("7.3").rules();
    Set<KernelChange> changes = EnumSet.copyOf(newest.changes());
    changes.remove(KernelChange.UNMAPPING_LEAVES_COUNTS);
    KernelRules planted = newest.with(changes);
    assertThat(
            Stream.of(MemoryType.values())
                .filter(type -> PageCounts.of(type, planted).putByUnmapping()))
        .containsExactly(MemoryType.GENERIC);
  }
}
