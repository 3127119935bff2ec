// SPDX-License-Identifier: Apache-2.0
package dev.memremap.internal.arch;

import dev.memremap.internal.geometry.PageGeometry;
import dev.memremap.internal.kernel.KernelChange;
import dev.memremap.internal.kernel.KernelRules;
import dev.memremap.machine.MachineDescription;

/**
 * What decides where the contract leaves it to the machine: its processor's architecture and its
 * kernel.
 *
 * <p>Thread safety: immutable.
 *
 * @param architecture what the processor's architecture decides
 * @param kernel what the kernel's release decides
 * @param geometry what the architecture counts memory in
 */
public record Platform(ArchitectureRules architecture, KernelRules kernel, PageGeometry geometry) {

  /** The platform of a machine. */
  public static Platform of(MachineDescription machine) {
    return of(machine, KernelRules.choose(machine.kernel()).rules());
  }

  /** The platform of a machine with another kernel. */
  public static Platform of(MachineDescription machine, KernelRules kernel) {
    ArchitectureRules architecture = ArchitectureRules.of(machine, kernel);
    return new Platform(architecture, kernel, architecture.geometry());
  }

  /**
   * The first address that neither page maps nor free ranges reach: where the direct map ends, and
   * in older kernels a power of two (row 12).
   */
  public long physmemEnd() {
    return kernel.has(KernelChange.ENDS_WITH_DIRECT_MAP) && architecture.isMeasured()
        ? architecture.facts().physmemEnd()
        : geometry.physmemEnd();
  }
}
