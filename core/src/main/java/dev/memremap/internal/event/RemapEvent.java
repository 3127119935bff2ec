// SPDX-License-Identifier: Apache-2.0
package dev.memremap.internal.event;

import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.MemoryAddress;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import org.jspecify.annotations.Nullable;

/** A range was mapped by memremap, or refused. */
@Name("dev.memremap.Remap")
@Label("Remap")
@Category("memremap")
@Description("A range was mapped by memremap, or refused.")
@StackTrace(true)
public final class RemapEvent extends Event {
  /** The first physical address. */
  @Label("The first physical address")
  @MemoryAddress
  public long start;

  /** The size. */
  @Label("The size")
  @DataAmount
  public long size;

  /** The cache mode granted, or the error. */
  @Label("The cache mode granted, or the error")
  public @Nullable String outcome;

  static void record(long start, long size, String outcome) {
    RemapEvent event = new RemapEvent();
    event.start = start;
    event.size = size;
    event.outcome = outcome;
    event.commit();
  }
}
