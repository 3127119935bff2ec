// SPDX-License-Identifier: Apache-2.0
package dev.memremap.event;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Unsigned;
import org.jspecify.annotations.Nullable;

/** The last reference to a device page was dropped. */
@Name("dev.memremap.PageFreed")
@Label("Page freed")
@Category("memremap")
@Description("The last reference to a device page was dropped.")
@StackTrace(true)
public final class PageFreedEvent extends Event {
  /** the page frame number. */
  @Label("the page frame number")
  @Unsigned
  public long pfn;

  /** the page map. */
  @Label("the page map")
  public @Nullable String map;
}
