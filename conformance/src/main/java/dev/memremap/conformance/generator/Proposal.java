// SPDX-License-Identifier: Apache-2.0
package dev.memremap.conformance.generator;

import java.util.function.Consumer;

/**
 * A line that a scenario may go on with.
 *
 * @param line the operation
 * @param kept what is remembered when the line is kept, given our own answer to it
 */
record Proposal(String line, Consumer<String> kept) {

  static Proposal of(String line) {
    return new Proposal(line, answer -> {});
  }
}
