// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli;

import dev.memremap.rule.Fact;
import java.util.List;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** What is known of a machine, as JSON. */
final class FactsJson {
  private FactsJson() {}

  /** Adds facts to an array, each with its source, and an assumption with what would settle it. */
  static void fill(ArrayNode array, List<Fact.Known> facts) {
    for (Fact.Known known : facts) {
      ObjectNode one = array.addObject();
      one.put("fact", known.fact().id());
      one.put("value", known.value());
      one.put("source", known.source().id());
      one.put("because", known.because());
      if (known.isAssumed()) {
        one.put("wouldTell", known.tells());
      }
    }
  }
}
