// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli.terminal;

import dev.memremap.scenario.ScenarioRun;

/**
 * What a command ends with: the one home of these numbers. Its help and its man page list them, in
 * the words that stand here; each command says itself what 1 means.
 */
public final class ExitStatus {
  /** Done, and the answer is yes where there was a question. */
  public static final int OK = 0;

  /** The answer is no, a comparison found a difference, or a read or a write was refused. */
  public static final int REFUSED = 1;

  /** The input or the usage is wrong, the heap or the stack is full, or the command is at fault. */
  public static final int UNUSABLE = 2;

  /** The output could not be written. */
  public static final int OUTPUT_LOST = 3;

  /** The command was interrupted, as by Ctrl-C. */
  public static final int INTERRUPTED = 130;

  /** What stands above the list of them in a command's help. */
  public static final String HEADING = "%nExit status:%n";

  /** {@link #OK} in a command's help. */
  public static final String OK_TEXT = OK + ":Done.";

  /** {@link #REFUSED} in a command's help, without its words. */
  public static final String REFUSED_IF = REFUSED + ":";

  /** {@link #UNUSABLE} in a command's help. */
  public static final String UNUSABLE_TEXT =
      UNUSABLE
          + ":The input or the usage is wrong, the JVM's heap or stack is full, or memremap made a"
          + " mistake.";

  /** {@link #OUTPUT_LOST} in a command's help. */
  public static final String OUTPUT_LOST_TEXT =
      OUTPUT_LOST
          + ":The output could not be written; if the reader closed the pipe, no message is printed.";

  /** {@link #INTERRUPTED} in a command's help. */
  public static final String INTERRUPTED_TEXT = INTERRUPTED + ":Interrupted.";

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
