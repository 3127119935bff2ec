// SPDX-License-Identifier: Apache-2.0
package dev.memremap.page;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.memremap.Machine;
import dev.memremap.machine.MachineDescription;
import dev.memremap.rule.Errno;
import dev.memremap.rule.MemremapException;
import java.time.Duration;
import java.util.Objects;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Pages of kernels since 6.18, where FS_DAX and PCI_P2PDMA pages begin at 0. */
class NewerCountsTest {
  private static final long START = 0x40000000;

  private static Machine machine(String kernel) {
    return Machine.builder(
            MachineDescription.parse(
                "00100000-3fffffff : System RAM\n40000000-7fffffff : Persistent Memory\n"))
        .kernel(kernel)
        .build();
  }

  private static DevPagemap map(MemoryType type) {
    return DevPagemap.over()
        .range(START, 0x200000)
        .type(type)
        .ops(PagemapOps.none().withPageFree(page -> {}))
        .build();
  }

  @ParameterizedTest
  @CsvSource({"FS_DAX, 6.18", "PCI_P2PDMA, 6.18", "FS_DAX, 7.3", "PCI_P2PDMA, 7.3"})
  @DisplayName("D-4 a page that was handed out keeps its map, and its last put lets the map go")
  void keeps(MemoryType type, String kernel) {
    try (Machine machine = machine(kernel)) {
      DevPagemap map = map(type);
      machine.memremapPages(map);
      assertThat(map.ownReferences()).isEqualTo(512);
      Page page = Objects.requireNonNull(machine.page(START >>> 12));
      assertThat(page.tryGet()).as("it is free").isFalse();
      page.zoneDeviceInit();
      page.get();
      page.put();
      assertThatExceptionOfType(MemremapException.class)
          .isThrownBy(() -> machine.memunmapPages(map, Duration.ZERO))
          .satisfies(e -> assertThat(e.errno()).isEqualTo(Errno.EBUSY));
      assertThat(map.state()).isEqualTo(DevPagemap.State.DRAINING);
      page.put();
      assertThat(map.state()).isEqualTo(DevPagemap.State.UNMAPPED);
    }
  }

  @ParameterizedTest
  @CsvSource({"FS_DAX", "PCI_P2PDMA"})
  @DisplayName("C-5 a page that came back is handed out again, as often as one likes")
  void again(MemoryType type) {
    try (Machine machine = machine("6.18")) {
      DevPagemap map = map(type);
      machine.memremapPages(map);
      Page page = Objects.requireNonNull(machine.page(START >>> 12));
      for (int i = 0; i < 3; i++) {
        page.zoneDeviceInit();
        assertThat(page.refCount()).isOne();
        page.put();
        assertThat(page.refCount()).isZero();
      }
      machine.memunmapPages(map);
      assertThat(map.state()).isEqualTo(DevPagemap.State.UNMAPPED);
    }
  }
}
