// SPDX-License-Identifier: Apache-2.0
package dev.memremap.internal.event;

import jdk.jfr.FlightRecorder;

/**
 * Whether anybody records; asked before an event class is touched, which costs a start its time.
 */
public final class Recording {
  private Recording() {}

  /** Whether this JVM has a flight recorder running or has had one. */
  public static boolean isOn() {
    return FlightRecorder.isInitialized();
  }
}
