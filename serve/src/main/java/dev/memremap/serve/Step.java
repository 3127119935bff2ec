// SPDX-License-Identifier: Apache-2.0
package dev.memremap.serve;

import java.util.List;
import java.util.Objects;

/**
 * An operation of a run.
 *
 * @param line its line in the file
 * @param text what the line says
 * @param answer what the machine answered
 * @param why why, in sentences; may be empty
 */
public record Step(int line, String text, String answer, List<String> why) {
  /** Checks the parts. */
  public Step {
    Objects.requireNonNull(text, "text");
    Objects.requireNonNull(answer, "answer");
    why = List.copyOf(why);
  }
}
