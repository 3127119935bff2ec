// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cache;

import java.util.List;
import java.util.Objects;

/**
 * A snapshot of the memory types that a machine has reserved: the kernel's {@code
 * pat_memtype_list}, and the flags of System RAM's pages.
 *
 * <p>Thread safety: immutable.
 *
 * @param entries every entry outside System RAM, duplicates included, by ascending start
 * @param ramPages the runs of System RAM whose pages are not WB, by ascending start
 */
public record MemtypeList(List<MemtypeEntry> entries, List<MemtypeEntry> ramPages) {
  /** Copies the lists. */
  public MemtypeList {
    Objects.requireNonNull(entries, "entries");
    Objects.requireNonNull(ramPages, "ramPages");
    entries = List.copyOf(entries);
    ramPages = List.copyOf(ramPages);
  }

  /**
   * Reads the entries of a kernel's {@code pat_memtype_list}.
   *
   * @throws IllegalArgumentException if a line is malformed; the message names it
   */
  public static List<MemtypeEntry> parse(String text) {
    Objects.requireNonNull(text, "text");
    return MemtypeListText.parse(text);
  }

  /** Returns whether nothing is reserved. */
  public boolean isEmpty() {
    return entries.isEmpty() && ramPages.isEmpty();
  }

  /** Returns the entries as the kernel prints them. */
  @Override
  public String toString() {
    return MemtypeListText.format(entries);
  }
}
