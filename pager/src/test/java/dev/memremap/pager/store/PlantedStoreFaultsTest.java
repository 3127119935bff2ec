// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager.store;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.memremap.Seeds;
import dev.memremap.pager.store.Histories.Crashes;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** The checks of a store find faults: each is planted, and a check fails. */
class PlantedStoreFaultsTest {
  @ParameterizedTest(name = "{0}, {1}")
  @CsvSource({
    "SAME_SLOT, POWER_CUTS",
    "SAME_SLOT, KILLS",
    "FLUSHED_MEANWHILE_FORGOTTEN, POWER_CUTS",
    "NEWEST_OVERWRITTEN, KILLS",
    "NO_FORCE, POWER_CUTS",
    "NO_FORCE_AT_OPENING, BOTH",
    "NO_FORCE_OF_LEASE, POWER_CUTS",
    "NOT_SETTLED, POWER_CUTS",
    "PAGE_UNCHECKED, POWER_CUTS"
  })
  @DisplayName("a planted fault loses or tears a page in a history of crashes")
  void foundByHistories(PlantedStoreFault fault, String crashes) {
    assertThatThrownBy(() -> fault.call(Histories.class, "checkMany", crashes, 1500))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("page");
  }

  @Test
  @DisplayName("each bit of the table and the areas that changes is noticed, or was not the page's")
  void bits() {
    assertThatCode(DamagedBits::check).doesNotThrowAnyException();
  }

  @ParameterizedTest
  @CsvSource({"ENTRY_UNCHECKED", "PAGE_UNCHECKED"})
  @DisplayName("an entry or a page without checksum is found by bits that change")
  void foundByBits(PlantedStoreFault fault) {
    assertThatThrownBy(() -> fault.call(DamagedBits.class, "check"))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("page");
  }

  /** Puts the bytes of pages behind the entries of the same write. */
  private static final class EntriesFirst extends SimulatedFile {
    private final List<Runnable> held = new ArrayList<>();

    EntriesFirst(long capacity) {
      super(capacity);
    }

    @Override
    public void write(long offset, MemorySegment from) throws IOException {
      if (offset >= 3 * 4096) { // behind header and table
        MemorySegment kept = Arena.ofAuto().allocate(from.byteSize()).copyFrom(from);
        held.add(() -> writeNow(offset, kept));
        return;
      }
      super.write(offset, from);
      List<Runnable> now = List.copyOf(held);
      held.clear();
      try {
        now.forEach(Runnable::run);
      } catch (UncheckedIOException e) {
        throw e.getCause();
      }
    }

    private void writeNow(long offset, MemorySegment from) {
      try {
        super.write(offset, from);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  @Test
  @DisplayName("that a page's bytes come before its entry matters where a write fails")
  void entriesFirst() {
    assertThatThrownBy(() -> FailingCalls.check(EntriesFirst::new))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("page");
  }

  @ParameterizedTest
  @EnumSource(Crashes.class)
  @DisplayName(
      "it does not matter to a crash, after which entries without their bytes are forgotten")
  void entriesFirstAndCrashes(Crashes crashes) {
    Seeds.check(300, random -> Histories.check(random, crashes, EntriesFirst::new));
  }

  @Test
  @DisplayName("that pages are not written again after a force that failed is found")
  void notWrittenAgain() {
    assertThatThrownBy(() -> PlantedStoreFault.NOT_WRITTEN_AGAIN.call(FailingCalls.class, "check"))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("page");
  }
}
