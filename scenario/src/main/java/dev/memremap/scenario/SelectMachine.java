// SPDX-License-Identifier: Apache-2.0
package dev.memremap.scenario;

import java.util.List;

/**
 * {@code machine SPEC [KEY=VALUE…]}: the machine that all other operations work on, always the
 * first operation.
 *
 * @param spec {@code host}, or the path of a machine file relative to the scenario
 * @param specColumn where the spec stands in its line
 * @param settings description keys that win over the file's, each once
 */
public record SelectMachine(int line, String spec, int specColumn, List<Setting> settings)
    implements Operation {
  /** The SPEC that means the machine this runs on. */
  static final String HOST = "host";

  /**
   * One {@code KEY=VALUE}.
   *
   * @param column where the key stands in its line
   */
  public record Setting(String key, String value, int column) {}

  /** Keeps a copy of the settings. */
  public SelectMachine {
    settings = List.copyOf(settings);
  }

  /** Whether this is the machine the scenario runs on, not a simulated one. */
  public boolean isHost() {
    return spec.equals(HOST);
  }

  @Override
  public List<String> names() {
    return List.of();
  }
}
