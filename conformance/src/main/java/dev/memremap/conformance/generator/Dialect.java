// SPDX-License-Identifier: Apache-2.0
package dev.memremap.conformance.generator;

import dev.memremap.page.MemoryType;
import dev.memremap.scenario.Verb;
import java.util.EnumSet;
import java.util.Set;

/**
 * What of the scenario language a kernel can be asked: what it cannot do it answers {@code
 * unsupported}, and the comparison would end there.
 *
 * <p>Thread safety: immutable.
 *
 * @param types page types that it is configured for
 * @param features what else it has
 */
public record Dialect(Set<MemoryType> types, Set<Feature> features) {
  /** What some kernels lack. */
  public enum Feature {
    /** A map may bring its caller's reference: {@code ref=}. */
    CALLERS_REFERENCE,
    /** A map may ask for compound pages: {@code shift=}. */
    COMPOUND_PAGES,
    /** Compound pages may begin beside multiples of their size (CG-5). */
    HEADS_ANYWHERE,
    /** Pages of PRIVATE and COHERENT maps are handed out by a call of the kernel's. */
    HAND_OUTS,
    /** A hand-out may have more than one page: {@code page-init PFN ORDER}. */
    ORDERS,
    /** A free range can be looked for. */
    FREE_REGIONS
  }

  /** All of the language, as a machine of this library that follows 6.1 speaks it. */
  public static final Dialect WHOLE =
      new Dialect(
          EnumSet.allOf(MemoryType.class), EnumSet.complementOf(EnumSet.of(Feature.ORDERS)));

  /** Keeps copies. */
  public Dialect {
    types = Set.copyOf(types);
    features = Set.copyOf(features);
  }

  /** Whether it has a feature. */
  public boolean has(Feature feature) {
    return features.contains(feature);
  }

  /** Whether it has maps of pages that are handed out. */
  boolean handsOut() {
    return has(Feature.HAND_OUTS)
        && (types.contains(MemoryType.PRIVATE) || types.contains(MemoryType.COHERENT));
  }

  /** Whether the kernel can be asked a verb at all. */
  public boolean has(Verb verb) {
    return switch (verb) {
      case PAGE_INIT -> handsOut();
      case FREE_REGION -> has(Feature.FREE_REGIONS);
      default -> true;
    };
  }
}
