// SPDX-License-Identifier: Apache-2.0
package dev.memremap.internal.event;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.MemoryAddress;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import org.jspecify.annotations.Nullable;

/** The last reference to a device page was dropped. */
@Name("dev.memremap.PageFreed")
@Label("Page freed")
@Category("memremap")
@Description("The last reference to a device page was dropped.")
@StackTrace(true)
public final class PageFreedEvent extends Event {
  /** The page frame number. */
  @Label("The page frame number")
  @MemoryAddress
  public long pfn;

  /** The page map. */
  @Label("The page map")
  public @Nullable String map;

  static void record(long pfn, String map) {
    PageFreedEvent event = new PageFreedEvent();
    event.pfn = pfn;
    event.map = map;
    event.commit();
  }
}
