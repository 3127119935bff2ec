// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager.internal.event;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import org.jspecify.annotations.Nullable;

/** Pages can be accessed again, since the store answered. */
@Name("dev.memremap.PagerHealed")
@Label("Healed")
@Category({"memremap", "Remote memory"})
@Description("Pages can be accessed again, since the store answered.")
@StackTrace(false)
public final class HealedEvent extends Event {
  /** Where its pages are. */
  @Label("Where its pages are")
  public @Nullable String store;

  /** How many, since the memory was looked at last. */
  @Label("How many, since the memory was looked at last")
  public long pages;

  /** How many pages are still poisoned. */
  @Label("How many pages are still poisoned")
  public long poisoned;
}
