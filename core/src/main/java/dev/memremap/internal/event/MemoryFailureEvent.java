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

/** Broken memory was reported. */
@Name("dev.memremap.MemoryFailure")
@Label("Memory failure")
@Category("memremap")
@Description("Broken memory was reported.")
@StackTrace(true)
public final class MemoryFailureEvent extends Event {
  /** The first broken page. */
  @Label("The first broken page")
  @MemoryAddress
  public long pfn;

  /** How many pages. */
  @Label("How many pages")
  public long pages;

  /** Recovered, or the error. */
  @Label("Recovered, or the error")
  public @Nullable String outcome;

  static void record(long pfn, long pages, String outcome) {
    MemoryFailureEvent event = new MemoryFailureEvent();
    event.pfn = pfn;
    event.pages = pages;
    event.outcome = outcome;
    event.commit();
  }
}
