// SPDX-License-Identifier: Apache-2.0
package dev.memremap.internal.pages;

import static dev.memremap.internal.kernel.KernelChange.COMPOUND_PAGES;
import static dev.memremap.internal.kernel.KernelChange.SHARED_WHERE_WANTED;

import dev.memremap.internal.kernel.KernelRules;
import dev.memremap.machine.Architecture;

/** Whether a Linux keeps the structures of a compound page's tails once for all of them (CG-3). */
public final class SharedTails {
  private SharedTails() {}

  /** Whether the Linux of this architecture and kernel does. PowerPC does with radix tables. */
  public static boolean in(Architecture architecture, KernelRules kernel) {
    return kernel.has(COMPOUND_PAGES)
        && (!kernel.has(SHARED_WHERE_WANTED)
            || switch (architecture) {
              case X86_64, RISCV64, PPC64 -> true;
              default -> false;
            });
  }
}
