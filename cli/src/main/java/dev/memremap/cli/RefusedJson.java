// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli;

import dev.memremap.rule.MemremapException;
import tools.jackson.databind.node.ObjectNode;

/** A refusal that came instead of a plan, with the names that a plan's refusal has in JSON. */
final class RefusedJson {
  private RefusedJson() {}

  /** Adds a refusal, what it rests on, and that there is nothing near it that works. */
  static void fill(ObjectNode node, MemremapException refused) {
    node.put("granted", false);
    node.put("errno", refused.errno().name());
    node.put("rule", refused.rule().id());
    node.put("ruleText", refused.rule().sentence());
    node.put("sentence", refused.sentence());
    if (!refused.assumptions().isEmpty()) {
      FactsJson.fill(node.putArray("assumptions"), refused.assumptions());
    }
    node.putArray("nearest");
  }
}
