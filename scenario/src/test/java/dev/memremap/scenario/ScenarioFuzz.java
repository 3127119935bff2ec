// SPDX-License-Identifier: Apache-2.0
package dev.memremap.scenario;

import java.nio.file.Path;

/** Jazzer's target for scenarios and for answers: the bytes are read as each of them. */
public final class ScenarioFuzz {
  private static final Path FILE = Path.of("fuzz.scenario");

  private ScenarioFuzz() {}

  /** Reads the bytes; a refusal with its place is an answer. */
  public static void fuzzerTestOneInput(byte[] input) {
    try {
      Scenario.parse(FILE, ScenarioText.decode("fuzz.scenario", input));
    } catch (ScenarioSyntaxException refused) {
      requirePlace(refused);
    }
    try {
      Answers.parse(FILE, ScenarioText.decode("fuzz.scenario", input));
    } catch (ScenarioSyntaxException refused) {
      requirePlace(refused);
    }
  }

  private static void requirePlace(ScenarioSyntaxException refused) {
    if (!String.valueOf(refused.getMessage()).startsWith("fuzz.scenario:")) {
      throw new AssertionError("a refusal without its place", refused);
    }
  }
}
