// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager.internal.event;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Timespan;
import org.jspecify.annotations.Nullable;

/** Another worker serves a remote memory, since the last one had ended. */
@Name("dev.memremap.PagerTakeover")
@Label("Takeover")
@Category({"memremap", "Remote memory"})
@Description("Another worker serves a remote memory, since the last one had ended.")
@StackTrace(false)
public final class TakeoverEvent extends Event {
  /** Where its pages are. */
  @Label("Where its pages are")
  public @Nullable String store;

  /** The process that serves it. */
  @Label("The process that serves it")
  public long worker;

  /** How many times, since the memory was looked at last. */
  @Label("How many times, since the memory was looked at last")
  public long times;

  /** What the last time took. */
  @Label("What the last time took")
  @Timespan
  public long took;
}
