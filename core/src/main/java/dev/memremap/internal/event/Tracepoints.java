// SPDX-License-Identifier: Apache-2.0
package dev.memremap.internal.event;

import java.util.Arrays;
import jdk.jfr.FlightRecorder;

/**
 * The places where something happens that others look at: a flight recording, and probes. Where
 * nothing looks, nothing is loaded and nothing made. What finds no room in the heap is left out:
 * what it tells of has to go on.
 *
 * <p>Thread safety: all methods may be called from any thread; this class guards changes of the
 * probes.
 */
public final class Tracepoints {
  private static volatile Probe[] probes = {};

  private Tracepoints() {}

  /** Has a probe told of all that happens from now on. */
  public static synchronized void attach(Probe probe) {
    Probe[] more = Arrays.copyOf(probes, probes.length + 1);
    more[probes.length] = probe;
    probes = more;
  }

  /** Tells a probe nothing more; a thread that is about to tell it something still does. */
  public static synchronized void detach(Probe probe) {
    probes = Arrays.stream(probes).filter(each -> !each.equals(probe)).toArray(Probe[]::new);
  }

  /** Whether anything looks. */
  public static boolean areOn() {
    return probes.length > 0 || FlightRecorder.isInitialized();
  }

  /** Tells what memremap answered: a cache mode, or the name of an error. */
  public static void remapped(long start, long size, String outcome) {
    if (areOn()) {
      try {
        if (FlightRecorder.isInitialized()) {
          RemapEvent.record(start, size, outcome);
        }
        for (Probe probe : probes) {
          probe.remapped(start, size, outcome);
        }
      } catch (OutOfMemoryError noRoom) {
        // left out
      }
    }
  }

  /** Tells that a mapping that memremap made was unmapped. */
  public static void unmapped(long start, long size, String mode) {
    if (areOn()) {
      try {
        if (FlightRecorder.isInitialized()) {
          UnmapEvent.record(start, size, mode);
        }
        for (Probe probe : probes) {
          probe.unmapped(start, size, mode);
        }
      } catch (OutOfMemoryError noRoom) {
        // left out
      }
    }
  }

  /** Tells that a page map was registered, killed, drained or released. */
  public static void pagemap(String step, String map, long start, long pages, long references) {
    if (FlightRecorder.isInitialized()) {
      PagemapEvent.record(step, map, start, pages, references);
    }
    for (Probe probe : probes) {
      probe.pagemap(step, map, references);
    }
  }

  /** Tells that the last reference to a device page was dropped. */
  public static void pageFreed(long pfn, String map) {
    if (FlightRecorder.isInitialized()) {
      PageFreedEvent.record(pfn, map);
    }
    for (Probe probe : probes) {
      probe.pageFreed(pfn, map);
    }
  }

  /** Tells that broken memory was reported. */
  public static void memoryFailure(long pfn, long pages, String outcome) {
    if (FlightRecorder.isInitialized()) {
      MemoryFailureEvent.record(pfn, pages, outcome);
    }
    for (Probe probe : probes) {
      probe.memoryFailure(pfn, outcome);
    }
  }
}
