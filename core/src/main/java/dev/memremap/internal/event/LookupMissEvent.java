// SPDX-License-Identifier: Apache-2.0
package dev.memremap.internal.event;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.MemoryAddress;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** A lookup found no live page map; one of 64 misses is recorded. */
@Name("dev.memremap.LookupMiss")
@Label("Lookup miss")
@Category("memremap")
@Description("A lookup found no live page map; one of 64 misses is recorded.")
@StackTrace(true)
public final class LookupMissEvent extends Event {
  /** The page frame number. */
  @Label("The page frame number")
  @MemoryAddress
  public long pfn;
}
