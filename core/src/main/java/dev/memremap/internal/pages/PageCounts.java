// SPDX-License-Identifier: Apache-2.0
package dev.memremap.internal.pages;

import dev.memremap.internal.kernel.KernelRules;
import dev.memremap.page.MemoryType;

/**
 * What a kernel's counts of a type's pages do.
 *
 * @param fresh the count of a page that was never used (C-5)
 * @param freedByCallback whether the drop of a page's last reference calls page_free (TY-4)
 */
public record PageCounts(int fresh, boolean freedByCallback) {

  static PageCounts of(MemoryType type, KernelRules kernel) {
    return switch (type) {
      case PRIVATE, COHERENT -> new PageCounts(0, true);
      // a file system watches its pages itself, and is not told
      case FS_DAX -> new PageCounts(kernel.freshFsDax(), false);
      case GENERIC -> new PageCounts(1, kernel.freesGeneric());
      case PCI_P2PDMA -> new PageCounts(kernel.freshP2pdma(), true);
    };
  }
}
