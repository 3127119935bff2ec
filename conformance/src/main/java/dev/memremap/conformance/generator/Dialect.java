// SPDX-License-Identifier: Apache-2.0
package dev.memremap.conformance.generator;

import dev.memremap.page.MemoryType;
import java.util.EnumSet;
import java.util.Set;

/**
 * What of the scenario language a kernel can be asked: what it cannot do it answers {@code
 * unsupported}, and the comparison would end there.
 *
 * <p>Thread safety: immutable.
 *
 * @param types page types that it is configured for
 * @param callersReference whether a map may bring its caller's reference ({@code ref=})
 * @param compoundPages whether a map may ask for compound pages ({@code shift=})
 * @param headsAnywhere whether they may begin beside multiples of their size (CG-5)
 */
public record Dialect(
    Set<MemoryType> types, boolean callersReference, boolean compoundPages, boolean headsAnywhere) {
  /** All of the language, as this library speaks it. */
  public static final Dialect WHOLE =
      new Dialect(EnumSet.allOf(MemoryType.class), true, true, true);

  /** Keeps a copy. */
  public Dialect {
    types = Set.copyOf(types);
  }
}
