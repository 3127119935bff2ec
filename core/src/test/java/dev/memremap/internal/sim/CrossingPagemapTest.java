// SPDX-License-Identifier: Apache-2.0
package dev.memremap.internal.sim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.memremap.Machine;
import dev.memremap.Machines;
import dev.memremap.machine.MachineDescription;
import dev.memremap.page.DevPagemap;
import dev.memremap.page.MemoryType;
import dev.memremap.plan.PagemapPlan;
import dev.memremap.resource.PhysRange;
import dev.memremap.rule.Errno;
import dev.memremap.rule.MemremapException;
import java.nio.file.Path;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Page maps over memory whose bytes lie in two files. */
class CrossingPagemapTest {
  private static final long PMEM = 0x40000000L;
  private static final long MIB = 1 << 20;

  @TempDir Path directory;

  @ParameterizedTest
  @CsvSource({"64, true", "128, false", "66, false"})
  @DisplayName("LIB-2 a page map that crosses from one file into the next is planned as it is made")
  void crossing(long mib, boolean granted) {
    MachineDescription description = MachineDescription.parse(Machines.QEMU_2G);
    try (Machine machine =
        Machine.builder(description).memory(SparseMemory.open(directory, 64 * MIB)).build()) {
      DevPagemap map =
          DevPagemap.over(PhysRange.of(PMEM, mib * MIB)).type(MemoryType.GENERIC).build();
      PagemapPlan plan = machine.explainPages(map);
      assertThat(plan.isGranted()).isEqualTo(granted);
      if (granted) {
        machine.memremapPages(map);
      } else {
        assertThatExceptionOfType(MemremapException.class)
            .isThrownBy(() -> machine.memremapPages(map))
            .withMessage(plan.exception().getMessage())
            .extracting(MemremapException::errno)
            .isEqualTo(Errno.EFBIG);
      }
    }
  }
}
