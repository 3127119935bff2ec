// SPDX-License-Identifier: Apache-2.0
package dev.memremap.internal.pages;

/**
 * The part of a memmap that lies in the device's own memory.
 *
 * @param firstPfn the first page whose structure lies there
 * @param lastPfn the last one
 * @param atPfn where the structures begin
 * @param pages how many pages they take
 */
public record AltmapShare(long firstPfn, long lastPfn, long atPfn, long pages) {
  public boolean holds(long pfn) {
    return firstPfn <= pfn && pfn <= lastPfn;
  }
}
