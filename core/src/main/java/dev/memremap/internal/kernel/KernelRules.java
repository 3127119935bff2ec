// SPDX-License-Identifier: Apache-2.0
package dev.memremap.internal.kernel;

/**
 * The switches in which one kernel answers differently from another. A machine has one set of them,
 * chosen when it is built; nothing else of the engine knows versions.
 *
 * <p>Each switch is a value that the rule reads where it decides, so another kernel is another
 * constant of this type, and another difference is another component.
 *
 * <p>Thread safety: immutable.
 *
 * @param release the series, such as {@code 6.1}
 * @param looksInsideWindows whether {@code region_intersects} looks at what lies inside a resource
 *     of another type (RI-4); older kernels look at the top level only
 * @param freesTails whether the free of a range that only ends where a reservation does shortens
 *     that (MT-6); newer kernels answer {@code EINVAL}
 * @param freshFsDax the count of an FS_DAX page that was never used (C-5); 0 in newer kernels
 * @param freshP2pdma the count of a PCI_P2PDMA page that was never used (C-5); 0 in newer kernels
 * @param freesGeneric whether the last put of a GENERIC page calls page_free (TY-4); newer kernels
 *     never call it
 */
public record KernelRules(
    String release,
    boolean looksInsideWindows,
    boolean freesTails,
    int freshFsDax,
    int freshP2pdma,
    boolean freesGeneric) {
  /** Linux 6.1: the one whose answers are recorded. */
  public static final KernelRules LINUX_6_1 = new KernelRules("6.1", true, true, 1, 1, true);
}
