// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli;

import dev.memremap.cli.doctor.Check;
import dev.memremap.cli.doctor.Checkup;
import dev.memremap.cli.json.JsonDocument;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What was looked at on this computer, for people and for programs.
 *
 * @param checkup what was found
 */
record DoctorView(Checkup checkup) {

  /** A title for each group, a line for each check, and one more where there is something to do. */
  List<String> lines() {
    List<String> lines = new ArrayList<>();
    Check.Group group = null;
    for (Check check : checkup.checks()) {
      if (check.group() != group) {
        group = check.group();
        lines.add(group.title() + ":");
      }
      lines.add("  %-8s %-16s  %s".formatted(word(check.state()), check.name(), check.says()));
      if (!check.remedy().isEmpty()) {
        lines.add("  %-8s %-16s  to do: %s".formatted("", "", check.remedy()));
      }
    }
    lines.add(summary());
    return lines;
  }

  private String summary() {
    return "%d in order, %d could be better, %d missing"
        .formatted(
            checkup.count(Check.State.OK),
            checkup.count(Check.State.NOTE),
            checkup.count(Check.State.MISSING));
  }

  private static String word(Check.State state) {
    return state.name().toLowerCase(Locale.ROOT);
  }

  String toJson() {
    ObjectNode document = JsonDocument.of("doctor");
    document.put("usable", checkup.isUsable());
    ArrayNode checks = document.putArray("checks");
    for (Check check : checkup.checks()) {
      ObjectNode node = checks.addObject();
      node.put("group", check.group().name().toLowerCase(Locale.ROOT));
      node.put("name", check.name());
      node.put("state", word(check.state()));
      node.put("message", check.says());
      node.put("remedy", check.remedy().isEmpty() ? null : check.remedy());
    }
    return JsonDocument.text(document);
  }
}
