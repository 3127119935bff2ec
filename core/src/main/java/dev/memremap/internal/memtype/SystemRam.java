// SPDX-License-Identifier: Apache-2.0
package dev.memremap.internal.memtype;

import dev.memremap.resource.PhysRange;
import java.util.function.Predicate;

/** Where System RAM is, as the memory types ask for it: {@code walk_system_ram_range} (WK-2). */
@FunctionalInterface
public interface SystemRam {
  /**
   * Visits the whole pages of busy System RAM among some pages, run by run in ascending order.
   *
   * @param pages the pages, as bytes
   * @param visit given each run; answers whether to go on
   */
  void walk(PhysRange pages, Predicate<PhysRange> visit);
}
