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

/** A page map was registered, killed, drained or released. */
@Name("dev.memremap.Pagemap")
@Label("Page map")
@Category("memremap")
@Description("A page map was registered, killed, drained or released.")
@StackTrace(true)
public final class PagemapEvent extends Event {
  /** what happened: registered, killed, drained or released. */
  @Label("what happened: registered, killed, drained or released")
  public @Nullable String step;

  /** the page map. */
  @Label("the page map")
  public @Nullable String map;

  /** the first physical address. */
  @Label("the first physical address")
  @Unsigned
  public long start;

  /** its pages, in all ranges. */
  @Label("its pages, in all ranges")
  public long pages;

  /** references left to it. */
  @Label("references left to it")
  public long references;
}
