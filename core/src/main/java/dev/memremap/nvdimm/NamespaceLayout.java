// SPDX-License-Identifier: Apache-2.0
package dev.memremap.nvdimm;

import dev.memremap.page.VmemAltmap;
import dev.memremap.resource.PhysRange;
import dev.memremap.rule.Rule;
import java.util.Objects;
import java.util.Optional;

/**
 * Where the parts of a namespace lie ({@link Rule#AM_8 AM-8}).
 *
 * <pre>
 *   namespace
 *   | 4K | info block 4K | altmap, padding | data: pages …            | end_trunc |
 *   |&lt;----------- dataOffset ------------&gt;|
 *   |&lt;-------------------------- mapped ------------------------------&gt;|
 * </pre>
 *
 * @param namespace all of its bytes
 * @param alignBytes what its mappings are aligned to, as the info block says it
 * @param endTrunc bytes at its end that are not mapped, so that the end is aligned
 * @param dataOffset where the data begin, in bytes from the start
 * @param pages how many pages the data have: {@code npfns}
 * @param vmemmapShift pages are mapped as compound pages of 2^vmemmapShift
 * @param altmap the room for page structures; empty if they lie in RAM
 */
public record NamespaceLayout(
    PhysRange namespace,
    long alignBytes,
    long endTrunc,
    long dataOffset,
    long pages,
    int vmemmapShift,
    Optional<Altmap> altmap) {
  private static final long INFO_BLOCK_AT = 4096;
  private static final long INFO_BLOCK_BYTES = 4096;

  /**
   * The altmap, in pages.
   *
   * @param basePfn its first page
   * @param reserve pages before the room for page structures, with the info block
   * @param free pages that page structures may take
   * @param used what of {@code free} they take on x86-64; empty with pages of another size
   */
  public record Altmap(long basePfn, long reserve, long free, Optional<VmemAltmap.Used> used) {
    /** Checks the parts. */
    public Altmap {
      Objects.requireNonNull(used, "used");
    }
  }

  /** Checks the parts. */
  public NamespaceLayout {
    Objects.requireNonNull(namespace, "namespace");
    Objects.requireNonNull(altmap, "altmap");
  }

  /** Returns the info block, which stores the layout on the media. */
  public PhysRange infoBlock() {
    return PhysRange.of(namespace.start() + INFO_BLOCK_AT, INFO_BLOCK_BYTES);
  }

  /**
   * Returns how many bytes at the start are not mapped: always 0, since kernels from 5.7 on refuse
   * a namespace that would need some.
   */
  public long startPad() {
    return 0;
  }

  /** Returns the range that {@code memremap_pages} maps. */
  public PhysRange mapped() {
    return PhysRange.of(namespace.start(), namespace.sizeBytes() - endTrunc);
  }

  /** Returns the range that a user of the namespace gets. */
  public PhysRange data() {
    long start = namespace.start() + dataOffset;
    return PhysRange.of(start, namespace.sizeBytes() - endTrunc - dataOffset);
  }
}
