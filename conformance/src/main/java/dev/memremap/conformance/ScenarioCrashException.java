// SPDX-License-Identifier: Apache-2.0
package dev.memremap.conformance;

import dev.memremap.scenario.Operation;
import dev.memremap.scenario.Scenario;

/**
 * The guest panicked, hung or ended while it carried out a scenario's line. The message names both.
 *
 * <p>Thread safety: immutable but for what {@link Throwable} lets anyone change.
 */
public final class ScenarioCrashException extends GuestException {
  private static final long serialVersionUID = 1L;

  private final String scenario;
  private final int line;

  private ScenarioCrashException(
      String sentence, String scenario, int line, String output, String kernelLog) {
    super(sentence, output, kernelLog);
    this.scenario = scenario;
    this.line = line;
  }

  static ScenarioCrashException during(
      Scenario scenario, Operation operation, String what, RunningGuest guest) {
    String log = guest.kernelLog();
    return at(scenario, operation.line(), scenario.textOf(operation), what, guest.output(), log);
  }

  static ScenarioCrashException afterwards(Scenario scenario, String what, RunningGuest guest) {
    int last = scenario.operations().getLast().line();
    return at(scenario, last, "(undoing the scenario)", what, guest.output(), guest.kernelLog());
  }

  private static ScenarioCrashException at(
      Scenario scenario, int line, String operation, String what, String output, String log) {
    String file = scenario.path().toString();
    return new ScenarioCrashException(
        "%s:%d: %s: the guest %s%s".formatted(file, line, operation, what, GuestRecord.tail(log)),
        file,
        line,
        output,
        log);
  }

  /** The scenario's path, as it was named. */
  public String scenario() {
    return scenario;
  }

  /** The line whose operation it was; the last one's if it happened while all was undone. */
  public int line() {
    return line;
  }
}
