// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager.internal.event;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import org.jspecify.annotations.Nullable;

/** A RemoteMemoryException was made. */
@Name("dev.memremap.RemoteMemoryRefused")
@Label("Remote memory refused")
@Category({"memremap", "Remote memory"})
@Description("A RemoteMemoryException was made.")
@StackTrace(true)
public final class RefusedEvent extends Event {
  /** Where its pages are. */
  @Label("Where its pages are")
  public @Nullable String store;

  /** The page that did not come; -1 if it is not one page. */
  @Label("The page that did not come; -1 if it is not one page")
  public long page;

  /** Why. */
  @Label("Why")
  public @Nullable String reason;
}
