// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cache;

import java.util.Objects;
import java.util.Optional;

/**
 * How the processor's caches treat a mapping: the memory types of x86's page attribute table.
 *
 * <p>Thread safety: immutable.
 */
public enum CacheMode {
  /** Write-back: ordinary cached memory. */
  WB("WB", "write-back"),
  /** Write-through: reads are cached, writes reach memory at once. */
  WT("WT", "write-through"),
  /** Write-combining: uncached, writes may be coalesced. */
  WC("WC", "write-combining"),
  /** Uncached, but an MTRR may make it write-combining. */
  UC_MINUS("UC-", "uncached-minus"),
  /** Uncached. */
  UC("UC", "uncached"),
  /** Write-protected: reads are cached, writes are not. */
  WP("WP", "write-protected");

  private final String symbol;
  private final String listName;

  CacheMode(String symbol, String listName) {
    this.symbol = symbol;
    this.listName = listName;
  }

  /** Returns the short name that scenarios and answers use, such as {@code UC-}. */
  public String symbol() {
    return symbol;
  }

  /** Returns the name in the kernel's memory type list, such as {@code uncached-minus}. */
  public String listName() {
    return listName;
  }

  /** Returns the mode with this short name; empty if no mode has it. */
  public static Optional<CacheMode> of(String symbol) {
    Objects.requireNonNull(symbol, "symbol");
    for (CacheMode mode : values()) {
      if (mode.symbol.equals(symbol)) {
        return Optional.of(mode);
      }
    }
    return Optional.empty();
  }

  @Override
  public String toString() {
    return symbol;
  }
}
