// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager.internal.event;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import org.jspecify.annotations.Nullable;

/** An access to pages fails, since the store did not answer in time. */
@Name("dev.memremap.PagerPoisoned")
@Label("Poisoned")
@Category({"memremap", "Remote memory"})
@Description("An access to pages fails, since the store did not answer in time.")
@StackTrace(false)
public final class PoisonedEvent extends Event {
  /** Where its pages are. */
  @Label("Where its pages are")
  public @Nullable String store;

  /** How many, since the memory was looked at last. */
  @Label("How many, since the memory was looked at last")
  public long pages;

  /** How many pages it is now. */
  @Label("How many pages it is now")
  public long poisoned;
}
