// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager.internal.event;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import org.jspecify.annotations.Nullable;

/** The store of a remote memory did not give or take a page. */
@Name("dev.memremap.PagerOutage")
@Label("Outage")
@Category({"memremap", "Remote memory"})
@Description("The store of a remote memory did not give or take a page.")
@StackTrace(false)
public final class OutageEvent extends Event {
  /** Where its pages are. */
  @Label("Where its pages are")
  public @Nullable String store;

  /** How many times, since the memory was looked at last. */
  @Label("How many times, since the memory was looked at last")
  public long times;
}
