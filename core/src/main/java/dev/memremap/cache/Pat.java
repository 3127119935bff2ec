// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cache;

import static dev.memremap.cache.CacheMode.UC;
import static dev.memremap.cache.CacheMode.UC_MINUS;
import static dev.memremap.cache.CacheMode.WB;
import static dev.memremap.cache.CacheMode.WC;
import static dev.memremap.cache.CacheMode.WP;
import static dev.memremap.cache.CacheMode.WT;

import java.util.List;
import java.util.Objects;

/**
 * The layout of a processor's page attribute table: which memory types a page can have (MT-13).
 *
 * <p>Thread safety: immutable.
 */
public enum Pat {
  /** All eight slots: every memory type. */
  FULL(List.of(WB, WC, UC_MINUS, UC, WB, WP, UC_MINUS, WT)),
  /** Old Intel processors: four slots, twice. */
  FOUR_SLOTS(List.of(WB, WC, UC_MINUS, UC, WB, WC, UC_MINUS, UC)),
  /** No table, or booted with {@code nopat}: what the page bits meant before there was one. */
  NONE(List.of(WB, WT, UC_MINUS, UC, WB, WT, UC_MINUS, UC)),
  /** Another architecture's processor: it has every type, and its kernel tracks none. */
  ELSEWHERE(List.of(WB, WC, UC_MINUS, UC, WT, WP));

  @SuppressWarnings("ImmutableEnumChecker") // made by List.of
  private final List<CacheMode> slots;

  Pat(List<CacheMode> slots) {
    this.slots = slots;
  }

  /** The memory types of the slots 0 to 7. */
  public List<CacheMode> slots() {
    return slots;
  }

  /** The memory type a page gets that asks for this one: UC- where no slot has it. */
  public CacheMode effective(CacheMode wanted) {
    Objects.requireNonNull(wanted, "wanted");
    return slots.contains(wanted) ? wanted : UC_MINUS;
  }

  /** Whether memory types are tracked at all; without a table every request is granted. */
  public boolean tracksConflicts() {
    return this != NONE && this != ELSEWHERE;
  }
}
