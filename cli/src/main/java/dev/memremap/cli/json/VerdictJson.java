// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli.json;

import dev.memremap.rule.Attempt;
import dev.memremap.rule.Refusal;
import dev.memremap.rule.Rule;
import java.util.List;
import java.util.Locale;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Why an answer is as it is, in JSON: {@code refused} for a no, {@code because} for all else. */
public final class VerdictJson {
  private VerdictJson() {}

  /** Adds why something is refused. */
  public static void refused(ObjectNode node, Refusal refusal) {
    ObjectNode why = node.putObject("refused");
    why.put("errno", refusal.errno().name());
    fill(why, refusal.rule(), refusal.sentence());
  }

  /** Adds the rule that decided otherwise than by a refusal. */
  public static void because(ObjectNode node, Rule rule, String reason) {
    fill(node.putObject("because"), rule, reason);
  }

  /** Adds a reason where several rules were passed. */
  public static void because(ObjectNode node, String reason) {
    node.putObject("because").put("reason", reason);
  }

  private static void fill(ObjectNode why, Rule rule, String reason) {
    why.put("rule", rule.id());
    why.put("ruleText", rule.sentence());
    why.put("reason", reason);
  }

  /** Adds each mapping type that was considered, and what came of it. */
  public static void attempts(ObjectNode node, List<Attempt> attempts) {
    ArrayNode all = node.putArray("attempts");
    for (Attempt attempt : attempts) {
      ObjectNode one = all.addObject();
      one.put("asked", attempt.mode());
      one.put("outcome", attempt.outcome().toUpperCase(Locale.ROOT).replace(' ', '_'));
      attempt
          .refusal()
          .ifPresentOrElse(
              why -> refused(one, why), () -> because(one, attempt.rule(), attempt.reason()));
    }
  }
}
