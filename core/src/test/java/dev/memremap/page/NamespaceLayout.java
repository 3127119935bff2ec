// SPDX-License-Identifier: Apache-2.0
package dev.memremap.page;

import dev.memremap.resource.PhysRange;

/**
 * How Linux lays a namespace of persistent memory out that keeps its page structures on itself: an
 * info block, the altmap, and from {@code dataOffset} on the data (AM-8, as of 5.3).
 *
 * <p>Thread safety: immutable, but for what its altmap counts.
 *
 * @param altmap begins with the namespace; the info block is its reserve
 * @param dataOffset where the data begins, in bytes from the start of the namespace
 */
public record NamespaceLayout(VmemAltmap altmap, long dataOffset) {
  private static final long INFO_BLOCK_BYTES = 8192;
  private static final long SUBSECTION = 2L << 20;

  /**
   * The layout of a namespace with 4 KiB pages, its data aligned to 2 MiB.
   *
   * @param namespace whole pages
   */
  public static NamespaceLayout of(PhysRange namespace) {
    long memmap = up(KernelMemmap.memmapPages(namespace.sizeBytes(), 4096) * 4096L);
    long dataOffset = up(namespace.start() + INFO_BLOCK_BYTES + memmap) - namespace.start();
    long base = namespace.firstPfn(4096) & -512L;
    long reserve = INFO_BLOCK_BYTES / 4096L + (namespace.firstPfn(4096) - base);
    long free = (dataOffset - INFO_BLOCK_BYTES) / 4096L;
    return new NamespaceLayout(new VmemAltmap(base, reserve, free), dataOffset);
  }

  private static long up(long bytes) {
    return (bytes + SUBSECTION - 1) & -SUBSECTION;
  }
}
