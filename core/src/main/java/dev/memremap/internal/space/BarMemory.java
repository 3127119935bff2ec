// SPDX-License-Identifier: Apache-2.0
package dev.memremap.internal.space;

import dev.memremap.cache.CacheMode;
import dev.memremap.machine.MachineDescription.Bar;
import dev.memremap.resource.PhysRange;
import dev.memremap.rule.Errno;
import dev.memremap.rule.Refusal;
import dev.memremap.rule.Rule;
import dev.memremap.spi.AccessPath;
import dev.memremap.spi.HardwareDevice;
import dev.memremap.spi.PhysicalMemory;
import java.util.List;

/**
 * Simulated memory of a machine whose file says which regions are BARs. It refuses what real memory
 * refuses there: registers to {@code memremap} (LIB-7), and what a kernel driver uses (LIB-9).
 *
 * @param memory the memory
 * @param bars the BARs
 */
public record BarMemory(PhysicalMemory memory, List<Bar> bars) implements MemoryLayer {

  /** Memory with these BARs; the memory itself without any. */
  public static PhysicalMemory of(PhysicalMemory memory, List<Bar> bars) {
    return bars.isEmpty() ? memory : new BarMemory(memory, bars);
  }

  @Override
  public AccessPath accessPath(PhysRange range, CacheMode asked, CacheMode effective) {
    List<Bar> touched = bars.stream().filter(bar -> bar.range().overlaps(range)).toList();
    if (asked != CacheMode.UC_MINUS && asked != CacheMode.UC) {
      for (Bar bar : touched) {
        if (!bar.prefetchable()) {
          return blocked(
              Errno.ENXIO,
              Rule.LIB_7,
              "BAR %d of %s is not prefetchable: it holds registers, whose reading may do something; use ioremap"
                  .formatted(bar.index(), bar.device()));
        }
      }
    }
    for (Bar bar : touched) {
      String driver = bar.driver();
      if (driver != null && !HardwareDevice.isForPrograms(driver)) {
        return blocked(
            Errno.EBUSY,
            Rule.LIB_9,
            "the kernel driver %s uses BAR %d of %s; a machine file whose bar= line names no driver lets it be mapped"
                .formatted(driver, bar.index(), bar.device()));
      }
    }
    return memory.accessPath(range, asked, effective);
  }

  private static AccessPath blocked(Errno errno, Rule rule, String sentence) {
    return new AccessPath.Blocked(new Refusal(errno, rule, sentence));
  }
}
