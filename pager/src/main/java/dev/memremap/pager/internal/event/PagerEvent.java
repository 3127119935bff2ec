// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager.internal.event;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.Period;
import jdk.jfr.StackTrace;
import jdk.jfr.Timespan;
import org.jspecify.annotations.Nullable;

/** What a remote memory holds and has done, each second. */
@Name("dev.memremap.Pager")
@Label("Remote memory")
@Category({"memremap", "Remote memory"})
@Description("What a remote memory holds and has done, each second.")
@Period("1 s")
@StackTrace(false)
public final class PagerEvent extends Event {
  /** Where its pages are. */
  @Label("Where its pages are")
  public @Nullable String store;

  /** Pages in memory. */
  @Label("Pages in memory")
  public long resident;

  /** Pages in memory that the store does not have yet. */
  @Label("Pages in memory that the store does not have yet")
  public long dirty;

  /** Pages that stay in memory. */
  @Label("Pages that stay in memory")
  public long pinned;

  /** Pages whose access fails. */
  @Label("Pages whose access fails")
  public long poisoned;

  /** Faults for a missing page, since it was opened. */
  @Label("Faults for a missing page, since it was opened")
  public long faults;

  /** Pages taken out of memory, since it was opened. */
  @Label("Pages taken out of memory, since it was opened")
  public long evicted;

  /** Pages written to the store, since it was opened. */
  @Label("Pages written to the store, since it was opened")
  public long written;

  /** What the longest fault took. */
  @Label("What the longest fault took")
  @Timespan
  public long longestStall;
}
