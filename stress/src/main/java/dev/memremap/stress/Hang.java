// SPDX-License-Identifier: Apache-2.0
package dev.memremap.stress;

import java.time.Duration;

/** When a run is called hung. */
final class Hang {
  /** A wait that ends at all ends within this, however busy the computer is. */
  static final Duration AFTER = Duration.ofMinutes(10);

  private Hang() {}
}
