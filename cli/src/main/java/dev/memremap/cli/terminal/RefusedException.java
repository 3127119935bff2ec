// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli.terminal;

/** A request that the command itself refuses, before the machine is asked. */
public final class RefusedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /**
   * A refusal.
   *
   * @param sentence what is refused, why, and what would allow it, without a final full stop
   */
  public RefusedException(String sentence) {
    super(sentence);
  }
}
