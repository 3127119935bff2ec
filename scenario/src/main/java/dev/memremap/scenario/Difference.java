// SPDX-License-Identifier: Apache-2.0
package dev.memremap.scenario;

import java.util.List;

/**
 * One line where ours and a kernel's answer differ though they should agree, or agree though a
 * departure was expected.
 *
 * <p>Thread safety: immutable.
 *
 * @param file the scenario
 * @param line of the operation
 * @param operation as written; empty if the line holds none
 * @param expected what was expected
 * @param ours what our answer was
 * @param why what decided our answer, one sentence a line
 */
public record Difference(
    String file, int line, String operation, String expected, String ours, List<String> why) {
  /** Keeps a copy. */
  public Difference {
    why = List.copyOf(why);
  }

  /** The difference as lines for a reader: place and operation, expected, ours, why. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    text.append(file).append(':').append(line).append(": ").append(operation).append('\n');
    text.append("  - expected  ").append(expected).append('\n');
    text.append("  + ours      ").append(ours);
    for (String reason : why) {
      text.append("\n    because   ").append(reason);
    }
    return text.toString();
  }
}
