// SPDX-License-Identifier: Apache-2.0
package dev.memremap.linux;

import dev.memremap.cache.CacheMode;
import dev.memremap.cache.MemtypeEntry;
import dev.memremap.cache.MemtypeList;
import dev.memremap.resource.PhysRange;
import java.util.Optional;

/**
 * The modes that the kernel tracks, from {@code pat_memtype_list}: what a mapping really got, where
 * the list can be read.
 *
 * <p>Thread safety: immutable; each question reads the list anew.
 */
record TrackedModes(Sysfs sysfs) {
  private static final String LIST = "sys/kernel/debug/x86/pat_memtype_list";

  /** The mode of the entries that cover a range; empty if none does, or the list cannot be read. */
  Optional<CacheMode> of(PhysRange range) {
    Optional<String> list = sysfs.text(LIST);
    if (list.isEmpty()) {
      return Optional.empty();
    }
    try {
      for (MemtypeEntry entry : MemtypeList.parse(list.get())) {
        if (entry.range().contains(range)) {
          return Optional.of(entry.mode());
        }
      }
    } catch (IllegalArgumentException anotherKernelsText) {
      return Optional.empty();
    }
    return Optional.empty();
  }
}
