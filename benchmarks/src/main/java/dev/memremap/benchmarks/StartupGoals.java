// SPDX-License-Identifier: Apache-2.0
package dev.memremap.benchmarks;

import java.util.List;

/** What a start of the command is to cost. */
final class StartupGoals {
  private StartupGoals() {}

  static List<Comparison> rows() {
    return List.of();
  }
}
