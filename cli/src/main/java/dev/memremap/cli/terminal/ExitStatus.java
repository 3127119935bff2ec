// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli.terminal;

/** What a command ends with. */
public final class ExitStatus {
  /** Done. */
  public static final int OK = 0;

  /** The machine refused, or a comparison found a difference. */
  public static final int REFUSED = 1;

  /** The input cannot be used, or the command itself failed. */
  public static final int UNUSABLE = 2;

  private ExitStatus() {}
}
