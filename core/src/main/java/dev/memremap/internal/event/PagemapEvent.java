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

/** A page map was registered, killed, drained or released. */
@Name("dev.memremap.Pagemap")
@Label("Page map")
@Category("memremap")
@Description("A page map was registered, killed, drained or released.")
@StackTrace(true)
public final class PagemapEvent extends Event {
  /** What happened: registered, killed, drained or released. */
  @Label("What happened: registered, killed, drained or released")
  public @Nullable String step;

  /** The page map. */
  @Label("The page map")
  public @Nullable String map;

  /** The first physical address. */
  @Label("The first physical address")
  @MemoryAddress
  public long start;

  /** Its pages, in all ranges. */
  @Label("Its pages, in all ranges")
  public long pages;

  /** References left to it. */
  @Label("References left to it")
  public long references;

  static void record(String step, String map, long start, long pages, long references) {
    PagemapEvent event = new PagemapEvent();
    event.step = step;
    event.map = map;
    event.start = start;
    event.pages = pages;
    event.references = references;
    event.commit();
  }
}
