// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli.terminal;

import dev.memremap.scenario.ScenarioRun;

/** What a command ends with: the one home of these numbers, which its help and man pages list. */
public final class ExitStatus {
  /** Done, and the answer is yes where there was a question. */
  public static final int OK = 0;

  /** The answer is no, a comparison found a difference, or a write was refused. */
  public static final int REFUSED = 1;

  /** The input or the usage is wrong, or the command itself failed. */
  public static final int UNUSABLE = 2;

  /** The output could not be written. */
  public static final int OUTPUT_LOST = 3;

  /** The command was interrupted, as by Ctrl-C. */
  public static final int INTERRUPTED = 130;

  private ExitStatus() {}

  /** The status of a run of scenarios. */
  public static int of(ScenarioRun.Outcome outcome) {
    return switch (outcome) {
      case OK -> OK;
      case DIFFERENCES -> REFUSED;
      case UNUSABLE -> UNUSABLE;
    };
  }
}
