// SPDX-License-Identifier: Apache-2.0
package dev.memremap.benchmarks;

import java.util.List;

/** What page maps are to cost. */
final class PagemapGoals {
  private PagemapGoals() {}

  static List<Comparison> rows() {
    return List.of();
  }
}
