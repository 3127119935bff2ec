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

/** A mapping was unmapped. */
@Name("dev.memremap.Unmap")
@Label("Unmap")
@Category("memremap")
@Description("A mapping that memremap made was unmapped.")
@StackTrace(true)
public final class UnmapEvent extends Event {
  /** The first physical address. */
  @Label("The first physical address")
  @MemoryAddress
  public long start;

  /** The size. */
  @Label("The size")
  @DataAmount
  public long size;

  /** The cache mode that it had. */
  @Label("The cache mode")
  public @Nullable String mode;

  static void record(long start, long size, String mode) {
    UnmapEvent event = new UnmapEvent();
    event.start = start;
    event.size = size;
    event.mode = mode;
    event.commit();
  }
}
