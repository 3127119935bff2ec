// SPDX-License-Identifier: Apache-2.0
package dev.memremap.scenario;

import java.util.List;

/**
 * One operation of a scenario.
 *
 * <p>Thread safety: immutable.
 *
 * @param verb what to do
 * @param line the line it stands in, 1 for the file's first; its answer carries the same number
 * @param arguments what to do it with, as the verb's syntax reads them
 */
public record Operation(Verb verb, int line, Arguments arguments) {

  /** The names it defines or works on, in the order they are written. */
  public List<String> names() {
    return arguments.names();
  }

  /** Whether, having got this answer, it changed more than the bytes of memory. */
  boolean changedState(String answer) {
    return verb.effect().changedState(arguments, answer);
  }
}
