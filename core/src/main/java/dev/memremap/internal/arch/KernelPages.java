// SPDX-License-Identifier: Apache-2.0
package dev.memremap.internal.arch;

import dev.memremap.internal.geometry.PageGeometry;
import dev.memremap.resource.Intersection;
import dev.memremap.resource.PhysRange;
import dev.memremap.resource.Resource;
import dev.memremap.resource.ResourceDesc;
import dev.memremap.resource.ResourceFlags;
import dev.memremap.resource.ResourceSnapshot;
import org.jspecify.annotations.Nullable;

/**
 * What the kernel would know of the pages of System RAM: which have page structures, and which it
 * keeps for itself.
 *
 * @param resources the resource tree as it stands
 * @param geometry what the machine counts in
 */
record KernelPages(ResourceSnapshot resources, PageGeometry geometry) {
  private static final long ONE_MIB = 1L << 20;

  /** {@code pfn_valid}: a section with any System RAM has page structures from boot. */
  boolean isPfnValid(long address) {
    long bytes = geometry.sectionBytes();
    long section = address & -bytes;
    return resources.systemRamRunAt(address).isPresent()
        || resources.regionIntersects(section, bytes, ResourceFlags.SYSTEM_RAM, ResourceDesc.NONE)
            != Intersection.DISJOINT;
  }

  /** IO-1: whether a whole page of System RAM in the range is not reserved by the kernel. */
  boolean hasRamInUse(PhysRange range) {
    for (PhysRange run : resources.systemRamRunsIn(range)) {
      PhysRange shared = run.intersection(range).orElse(null);
      if (shared != null && hasUnreservedPage(shared)) {
        return true;
      }
    }
    return false;
  }

  /** The kernel reserves the pages below 1 MiB and those of its own image. */
  private boolean hasUnreservedPage(PhysRange ram) {
    long bytes = geometry.pageBytes();
    long page = (ram.start() + bytes - 1) & -bytes;
    long endExclusive = (ram.endInclusive() + 1) & -bytes;
    while (Long.compareUnsigned(page, endExclusive) < 0) {
      if (Long.compareUnsigned(page, ONE_MIB) < 0) {
        page = Math.min(ONE_MIB, endExclusive);
        continue;
      }
      Resource image = kernelImageAt(page);
      if (image == null) {
        return true;
      }
      page = (image.range().endInclusive() | (bytes - 1)) + 1;
    }
    return false;
  }

  private @Nullable Resource kernelImageAt(long address) {
    for (Resource resource : resources.pathTo(address)) {
      switch (resource.kind()) {
        case KERNEL_CODE, KERNEL_RODATA, KERNEL_DATA, KERNEL_BSS -> {
          return resource;
        }
        default -> {}
      }
    }
    return null;
  }
}
