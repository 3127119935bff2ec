// SPDX-License-Identifier: Apache-2.0
package dev.memremap.internal.pages;

import dev.memremap.internal.geometry.PageGeometry;
import java.util.ArrayList;
import java.util.List;
import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;

/**
 * GP-3: the table of page maps while maps come and go. A lookup takes no lock and finds a map with
 * all its ranges or with none; a change loses no other map. Writers hold a lock, as in {@link
 * Pagemaps}.
 */
public class PagemapTableModel {
  private final PagemapTable table = new PagemapTable(PageGeometry.X86_64);
  private final List<PagemapLife> lives = Lives.ofModel();
  private final List<PagemapLife> entered = new ArrayList<>();

  /** An empty table. */
  public PagemapTableModel() {}

  /** Enters a map, unless it is there. */
  @Operation
  public boolean publish(@Param(gen = IntGen.class, conf = "0:2") int which) {
    synchronized (entered) {
      PagemapLife life = lives.get(which);
      if (entered.contains(life)) {
        return false;
      }
      entered.add(life);
      table.publish(table.with(life));
      return true;
    }
  }

  /** Takes a map out, if it is there. */
  @Operation
  public boolean erase(@Param(gen = IntGen.class, conf = "0:2") int which) {
    synchronized (entered) {
      PagemapLife life = lives.get(which);
      if (!entered.remove(life)) {
        return false;
      }
      table.erase(life);
      return true;
    }
  }

  /** Which map a page has; -1 if none. */
  @Operation
  public int lookup(@Param(gen = IntGen.class, conf = "0:4") int page) {
    PagemapLife found = table.lifeAt(Lives.PROBES.get(page));
    return found == null ? -1 : lives.indexOf(found);
  }
}
