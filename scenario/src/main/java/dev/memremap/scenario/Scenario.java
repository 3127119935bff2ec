// SPDX-License-Identifier: Apache-2.0
package dev.memremap.scenario;

/** Placeholder. */
public final class Scenario {
  private Scenario() {}
}
