// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cache;

import static dev.memremap.cache.CacheMode.UC;
import static dev.memremap.cache.CacheMode.UC_MINUS;
import static dev.memremap.cache.CacheMode.WB;
import static dev.memremap.cache.CacheMode.WC;
import static dev.memremap.cache.CacheMode.WP;
import static dev.memremap.cache.CacheMode.WT;

import dev.memremap.rule.Rule;
import java.util.List;
import java.util.Objects;

/**
 * The layout of a processor's page attribute table, which decides the memory types a page can have
 * ({@link Rule#MT_13 MT-13}).
 *
 * <p>Thread safety: immutable.
 */
public enum Pat {
  /** Eight slots with every memory type. */
  FULL(List.of(WB, WC, UC_MINUS, UC, WB, WP, UC_MINUS, WT)),
  /** Four slots, twice: old Intel processors. */
  FOUR_SLOTS(List.of(WB, WC, UC_MINUS, UC, WB, WC, UC_MINUS, UC)),
  /** Without a table, or booted with {@code nopat}: the page bits have their older meaning. */
  NONE(List.of(WB, WT, UC_MINUS, UC, WB, WT, UC_MINUS, UC)),
  /** Another architecture: it has every type, and its kernel tracks none. */
  ELSEWHERE(List.of(WB, WC, UC_MINUS, UC, WT, WP));

  @SuppressWarnings("ImmutableEnumChecker") // made by List.of
  private final List<CacheMode> slots;

  Pat(List<CacheMode> slots) {
    this.slots = slots;
  }

  /** Returns the memory types of the slots 0 to 7. */
  public List<CacheMode> slots() {
    return slots;
  }

  /** Returns the memory type that a page gets if it asks for this one; UC- if no slot has it. */
  public CacheMode effective(CacheMode wanted) {
    Objects.requireNonNull(wanted, "wanted");
    return slots.contains(wanted) ? wanted : UC_MINUS;
  }

  /** Returns whether memory types are tracked; without a table every request is granted. */
  public boolean tracksConflicts() {
    return this != NONE && this != ELSEWHERE;
  }
}
