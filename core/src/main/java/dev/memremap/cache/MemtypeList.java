// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cache;

import java.util.List;
import java.util.Objects;

/**
 * The memory types that a machine has reserved, as they were at one moment: the kernel's {@code
 * pat_memtype_list}, and the flags of System RAM's pages.
 *
 * <p>Thread safety: immutable.
 *
 * @param entries every entry outside System RAM, duplicates included, by ascending start
 * @param ramPages the runs of System RAM whose pages have another type than WB, by ascending start
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
   * The entries of a list that a kernel printed: its {@code pat_memtype_list}.
   *
   * @throws IllegalArgumentException if it is not one; the sentence names the line
   */
  public static List<MemtypeEntry> parse(String text) {
    Objects.requireNonNull(text, "text");
    return MemtypeListText.parse(text);
  }

  /** Whether nothing is reserved. */
  public boolean isEmpty() {
    return entries.isEmpty() && ramPages.isEmpty();
  }

  /** The entries as the kernel prints them (MT-14). */
  @Override
  public String toString() {
    return MemtypeListText.format(entries);
  }
}
