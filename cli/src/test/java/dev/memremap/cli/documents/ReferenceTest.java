// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli.documents;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memremap.cli.rules.KernelFunction;
import dev.memremap.cli.rules.RuleGroup;
import dev.memremap.rule.Rule;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.stream.Collectors;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/**
 * The parts of reference pages that say again what the code says, between two comments. {@code
 * -Dgolden.update=true} writes them anew.
 */
class ReferenceTest {
  private static final String BEGIN = "<!-- from the code -->\n";
  private static final String END = "<!-- end of what is from the code -->\n";

  /** Compares the part of a page, or writes it. */
  private static void check(String page, String part) throws IOException {
    Path file = Page.ROOT.resolve(page);
    String text = Files.readString(file);
    int from = text.indexOf(BEGIN) + BEGIN.length();
    int to = text.indexOf(END);
    assertThat(to).as(page + " has the two comments").isGreaterThanOrEqualTo(from);
    if (Boolean.getBoolean("golden.update")) {
      Files.writeString(file, text.substring(0, from) + "\n" + part + "\n" + text.substring(to));
    } else {
      assertThat(text.substring(from, to)).as(page).isEqualTo("\n" + part + "\n");
    }
  }

  private static String ids(KernelFunction function) {
    return function.rules().stream()
        .map(rule -> "[%s](rules.md#%s)".formatted(rule.id(), anchor(rule)))
        .collect(Collectors.joining(", "));
  }

  private static String anchor(Rule rule) {
    return rule.id().toLowerCase(Locale.ROOT);
  }

  private static String section(RuleGroup group) {
    return "## %s: %s\n\n| rule | says | functions |\n|---|---|---|\n"
            .formatted(group, group.title())
        + group.rules().stream()
            .map(
                rule ->
                    "| <a id=\"%s\"></a>%s | %s | %s |\n"
                        .formatted(anchor(rule), rule.id(), rule.sentence(), functions(rule)))
            .collect(Collectors.joining());
  }

  private static String functions(Rule rule) {
    return KernelFunction.citing(rule).stream()
        .map(function -> "`" + function.name() + "`")
        .collect(Collectors.joining(", "));
  }

  @Test
  @DisplayName("docs/rules.md has every rule that an answer can cite")
  void rules() throws IOException {
    StringBuilder part = new StringBuilder();
    for (RuleGroup group : RuleGroup.values()) {
      part.append(part.isEmpty() ? "" : "\n").append(section(group));
    }
    check("docs/rules.md", part.toString());
  }

  @Test
  @DisplayName("docs/kernel-functions.md has every function, its method and its rules")
  void functions() throws IOException {
    StringBuilder part = new StringBuilder("| kernel | here | rules |\n|---|---|---|\n");
    for (KernelFunction function : KernelFunction.all()) {
      part.append(
          "| `%s` | `%s` | %s |\n".formatted(function.name(), function.method(), ids(function)));
    }
    check("docs/kernel-functions.md", part.toString());
  }
}
