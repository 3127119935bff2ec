// SPDX-License-Identifier: Apache-2.0
package dev.memremap.page;

import dev.memremap.Machine;

/** Pages that a file on a file system with DAX maps, as a memory failure needs them. */
final class DaxMapped {
  private DaxMapped() {}

  /** Gives each usable page of these a mapping. */
  static void pages(Machine machine, long first, long last) {
    for (long pfn = first; pfn <= last; pfn++) {
      Page page = machine.page(pfn);
      if (page != null && page.isUsable() && !page.isTail()) {
        page.mapping(PageMapping.daxFile("/mnt/pmem/file"));
      }
    }
  }
}
