// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli;

import dev.memremap.cli.json.JsonDocument;
import dev.memremap.cli.rules.KernelFunction;
import dev.memremap.cli.rules.RuleGroup;
import dev.memremap.cli.terminal.ExitStatus;
import dev.memremap.cli.terminal.UsageException;
import dev.memremap.rule.Rule;
import java.io.PrintWriter;
import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.SequencedSet;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code memremap rule}. */
@Command(
    name = "rule",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    exitCodeListHeading = ExitStatus.HEADING,
    exitCodeList = {
      ExitStatus.OK_TEXT,
      ExitStatus.UNUSABLE_TEXT,
      ExitStatus.OUTPUT_LOST_TEXT,
      ExitStatus.INTERRUPTED_TEXT
    },
    description = {
      "Say what a rule that an answer cites says, and which functions follow it.",
      "Without a rule it lists all of them, by what they are about."
    })
final class RuleCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(
      paramLabel = "RULE",
      arity = "0..*",
      completionCandidates = Ids.class,
      description = "A rule's number, such as MR-3, or its letters, such as MR, for all of those.")
  private List<String> words = List.of();

  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  RuleCommand() {}

  /** What can be written for RULE. */
  static final class Ids implements Iterable<String> {
    Ids() {}

    @Override
    public Iterator<String> iterator() {
      return Arrays.stream(Rule.values()).map(Rule::id).iterator();
    }
  }

  @Override
  public Integer call() {
    SequencedSet<Rule> rules = new LinkedHashSet<>();
    words.forEach(word -> rules.addAll(named(word)));
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      out.println(toJson(words.isEmpty() ? List.of(Rule.values()) : List.copyOf(rules)));
    } else if (words.isEmpty()) {
      for (RuleGroup group : RuleGroup.values()) {
        out.println(group.title() + ":");
        group.rules().forEach(rule -> out.printf("  %-6s  %s%n", rule.id(), rule.sentence()));
      }
    } else {
      rules.forEach(rule -> print(out, rule));
    }
    return ExitStatus.OK;
  }

  private static List<Rule> named(String word) {
    Optional<Rule> rule =
        Arrays.stream(Rule.values()).filter(each -> each.id().equalsIgnoreCase(word)).findAny();
    if (rule.isPresent()) {
      return List.of(rule.get());
    }
    Optional<RuleGroup> whole = RuleGroup.named(word);
    if (whole.isPresent()) {
      return whole.get().rules();
    }
    int dash = word.indexOf('-');
    Optional<RuleGroup> group = RuleGroup.named(dash < 0 ? "" : word.substring(0, dash));
    throw new UsageException(
        group.isPresent()
            ? "no answer cites a rule '%s'; the rules of %s are %s"
                .formatted(word, group.get(), ids(group.get().rules()))
            : "no rule '%s'; 'memremap rule' lists them".formatted(word));
  }

  private static String ids(List<Rule> rules) {
    return rules.stream().map(Rule::id).collect(Collectors.joining(", "));
  }

  private static void print(PrintWriter out, Rule rule) {
    out.println(rule.id() + ": " + rule.sentence());
    out.println("  about     " + RuleGroup.of(rule).title());
    for (KernelFunction function : KernelFunction.citing(rule)) {
      out.println("  followed  by " + function.name() + ", here " + function.method());
    }
    if (rule.isDeparture()) {
      out.println("  departs   from every kernel, on purpose: docs/contract.md says why");
    }
  }

  private static String toJson(List<Rule> rules) {
    ObjectNode document = JsonDocument.of("rule");
    ArrayNode all = document.putArray("rules");
    for (Rule rule : rules) {
      ObjectNode node = all.addObject();
      node.put("rule", rule.id());
      node.put("ruleText", rule.sentence());
      node.put("group", RuleGroup.of(rule).title());
      node.put("departure", rule.isDeparture());
      ArrayNode functions = node.putArray("functions");
      for (KernelFunction function : KernelFunction.citing(rule)) {
        functions.addObject().put("kernel", function.name()).put("method", function.method());
      }
    }
    return JsonDocument.text(document);
  }
}
