// SPDX-License-Identifier: Apache-2.0
package dev.memremap.benchmarks;

import java.util.List;

/** What much of everything is to cost. */
final class ScaleGoals {
  private ScaleGoals() {}

  static List<Comparison> rows() {
    return List.of();
  }
}
