// SPDX-License-Identifier: Apache-2.0
package dev.memremap.drawing.source;

import dev.memremap.Machine;
import dev.memremap.drawing.model.Overlay;
import dev.memremap.page.DevPagemap;
import dev.memremap.page.Page;
import dev.memremap.resource.PhysRange;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Looks at the pages of a range, one after the other, as far as its patience goes.
 *
 * @param cells the pages in runs; none if none is in use or poisoned
 * @param used how many are in use
 * @param poisoned how many are poisoned
 * @param notLookedAt the first page that was not looked at; -1 if all were
 */
record PagesInUse(List<Overlay.Cell> cells, long used, long poisoned, long notLookedAt) {
  private static final int RUNS = 64;
  private static final long PATIENCE = 1L << 20;
  private static final PagesInUse NONE = new PagesInUse(List.of(), 0, 0, -1);

  /**
   * Looks at the pages of a range.
   *
   * @param setAside how many at its start have no page structure
   */
  static PagesInUse of(DevPagemap map, PhysRange range, long setAside, Machine machine) {
    long first = range.firstPfn(machine.pageSize()) + setAside;
    long last = range.lastPfn(machine.pageSize());
    if (first > last) {
      return NONE;
    }
    long end = Math.min(last, first + PATIENCE - 1);
    int[] counts = new int[(int) (end - first + 1)];
    boolean[] broken = new boolean[counts.length];
    long poisoned = 0;
    long sum = 0;
    for (int i = 0; i < counts.length; i++) {
      Page page = machine.page(first + i);
      if (page != null && page.isUsable()) {
        counts[i] = page.refCount();
        broken[i] = page.isPoisoned();
        sum += counts[i];
        poisoned += broken[i] ? 1 : 0;
      }
    }
    // each reference to a page holds its map, too: where pages count more than the map is held,
    // 1 is the count of a page that is not in use (C-5)
    int idle = sum > map.outsideReferences() ? 1 : 0;
    long used = 0;
    for (int count : counts) {
      used += count > idle ? 1 : 0;
    }
    return used == 0 && poisoned == 0
        ? NONE
        : new PagesInUse(
            cells(first, counts, broken, idle), used, poisoned, end < last ? end + 1 : -1);
  }

  private static List<Overlay.Cell> cells(long first, int[] counts, boolean[] broken, int idle) {
    int run = (counts.length + RUNS - 1) / RUNS;
    List<Overlay.Cell> cells = new ArrayList<>();
    for (int from = 0; from < counts.length; from += run) {
      int to = Math.min(from + run, counts.length);
      long most = 0;
      long poisoned = 0;
      for (int i = from; i < to; i++) {
        most = Math.max(most, counts[i] - idle);
        poisoned += broken[i] ? 1 : 0;
      }
      cells.add(new Overlay.Cell(first + from, first + to - 1, most, poisoned));
    }
    return cells;
  }

  /** What it found, as a line; null if that is nothing. */
  @Nullable String line() {
    if (cells.isEmpty()) {
      return null;
    }
    String broken = poisoned == 0 ? "" : ", %d poisoned".formatted(poisoned);
    String rest = notLookedAt < 0 ? "" : "; not looked at from 0x%x on".formatted(notLookedAt);
    return "pages in use: %d%s%s".formatted(used, broken, rest);
  }
}
