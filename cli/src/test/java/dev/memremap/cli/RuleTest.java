// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli;

import static dev.memremap.cli.CommandRun.run;
import static org.assertj.core.api.Assertions.assertThat;

import dev.memremap.cli.rules.KernelFunction;
import dev.memremap.cli.rules.RuleGroup;
import dev.memremap.rule.Rule;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;

/** {@code memremap rule}, and what it knows. */
class RuleTest {
  private static final List<String> PACKAGES =
      List.of("", ".page", ".ref", ".devres", ".nvdimm", ".resource");

  @ParameterizedTest
  @EnumSource
  @DisplayName("each rule is found by its number, as an answer writes it, and in lower case")
  void byNumber(Rule rule) {
    CommandRun found = run("rule", rule.id());
    assertThat(found.status()).as(found.err()).isZero();
    assertThat(found.lines())
        .startsWith(
            rule.id() + ": " + rule.sentence(), "  about     " + RuleGroup.of(rule).title());
    assertThat(run("rule", rule.id().toLowerCase(Locale.ROOT)).out()).isEqualTo(found.out());
    assertThat(found.out().contains("\n  departs ")).isEqualTo(rule.isDeparture());
  }

  @Test
  @DisplayName("without a number all are listed, each once, below what it is about")
  void all() {
    List<String> lines = run("rule").lines();
    for (Rule rule : Rule.values()) {
      String line = "  %-6s  %s".formatted(rule.id(), rule.sentence());
      assertThat(lines).containsOnlyOnce(line);
      assertThat(lines.subList(0, lines.indexOf(line)))
          .filteredOn(each -> each.endsWith(":"))
          .last()
          .isEqualTo(RuleGroup.of(rule).title() + ":");
    }
    assertThat(lines).hasSize(Rule.values().length + RuleGroup.values().length);
  }

  @Test
  @DisplayName("letters stand for all rules of them, and a rule named twice is printed once")
  void letters() {
    assertThat(run("rule", "mu", "MU-2", "MR-3").lines())
        .filteredOn(line -> !line.startsWith(" "))
        .extracting(line -> line.substring(0, line.indexOf(':')))
        .containsExactly("MU-1", "MU-2", "MU-3", "MR-3");
  }

  @ParameterizedTest(name = "memremap rule {0}")
  @CsvSource(
      delimiter = '|',
      value = {
        "MR-99 | no answer cites a rule 'MR-99'; the rules of MR are MR-2, MR-3, MR-4",
        "XY-1 | no rule 'XY-1'; 'memremap rule' lists them",
        "-1 | no rule '-1'; 'memremap rule' lists them",
        "'' | no rule ''; 'memremap rule' lists them",
        "MR- | no answer cites a rule 'MR-'",
      })
  @DisplayName("another word is refused in one sentence, as text and as JSON")
  void refused(String word, String sentence) {
    CommandRun refused = run("rule", word);
    assertThat(refused.status()).isEqualTo(2);
    assertThat(refused.out()).isEmpty();
    assertThat(refused.err()).startsWith("memremap: " + sentence).hasLineCount(1);
    assertThat(run("rule", word, "--json").json().at("/error/message").asString())
        .startsWith(sentence);
  }

  @Test
  @DisplayName("JSON has the rules in the order asked for, with the functions that cite them")
  void json() {
    JsonNode rules = run("rule", "D-7", "LIB-5", "--json").json().get("rules");
    assertThat(rules.valueStream().map(rule -> rule.get("rule").asString()))
        .containsExactly("D-7", "LIB-5");
    assertThat(rules.at("/0/departure").asBoolean()).isTrue();
    assertThat(rules.at("/0/functions/0/method").asString()).isEqualTo("Machine.memremap");
    assertThat(run("rule", "--json").json().get("rules")).hasSize(Rule.values().length);
  }

  @Test
  @DisplayName("each rule of a kernel's behaviour is cited by a function")
  void everyRule() {
    assertThat(Rule.values()).filteredOn(rule -> KernelFunction.citing(rule).isEmpty()).isEmpty();
  }

  @Test
  @DisplayName("each function names a public method that there is")
  void everyMethod() {
    for (KernelFunction function : KernelFunction.all()) {
      int dot = function.method().indexOf('.');
      Class<?> type = type(function.method().substring(0, dot));
      assertThat(Arrays.stream(type.getMethods()).map(Method::getName))
          .as(function.name())
          .contains(function.method().substring(dot + 1));
    }
  }

  private static Class<?> type(String name) {
    List<Class<?>> found = new ArrayList<>();
    for (String place : PACKAGES) {
      try {
        found.add(Class.forName("dev.memremap" + place + "." + name));
      } catch (ClassNotFoundException e) {
        // in another package
      }
    }
    assertThat(found).as(name).hasSize(1);
    return found.getFirst();
  }
}
