// SPDX-License-Identifier: Apache-2.0
package dev.memremap.scenario;

import dev.memremap.rule.Rule;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Compares a scenario's lines one by one, ours with the kernel's, until the two states differ; then
 * compares the departures it met with the list of those it should have met, if there is a list.
 */
final class LineComparison {
  /** How a comparison can end before the last line. */
  private enum How {
    /** Our answer departed. */
    DEPARTED,
    /** We carried out what the kernel could not. */
    KERNEL_LEFT_BEHIND,
    /** The kernel carried out what we cannot do yet. */
    OURS_LEFT_BEHIND
  }

  /** The line that ended the comparison; a rule only if it departed. */
  private record End(
      How how, Operation operation, Answer ours, String theirs, Optional<Rule> rule) {

    /** D-9 or parted; empty where the end is nothing that a list of departures should hold. */
    Optional<String> number() {
      return switch (how) {
        case DEPARTED -> rule.map(Rule::id);
        case KERNEL_LEFT_BEHIND -> Optional.of(DepartureList.PARTED);
        case OURS_LEFT_BEHIND -> Optional.empty();
      };
    }

    boolean is(DepartureList.Entry entry) {
      return entry.line() == operation.line()
          && number().filter(entry.number()::equals).isPresent()
          && entry.ours().equals(ours.text())
          && entry.kernel().equals(theirs);
    }
  }

  private final Scenario scenario;
  private final Kernel kernel;
  private final Answers recorded;
  private final List<Difference> differences = new ArrayList<>();
  private final Set<Integer> oursUnsupported = new HashSet<>();
  private int compared;
  private int unsupported;
  private @Nullable End end;

  LineComparison(Scenario scenario, List<Answer> ours, Kernel kernel, Answers recorded) {
    this.scenario = scenario;
    this.kernel = kernel;
    this.recorded = recorded;
    List<Operation> operations = scenario.operations();
    if (ours.size() != operations.size()) {
      throw new IllegalArgumentException(
          "%d answers to %d operations".formatted(ours.size(), operations.size()));
    }
    for (int i = 0; i < ours.size() && end == null; i++) {
      line(operations.get(i), ours.get(i));
    }
    linesWithoutOperation();
  }

  private void line(Operation operation, Answer ours) {
    Optional<String> answer = recorded.at(operation.line());
    if (answer.isEmpty()) {
      differ(operation, "an answer, but none is recorded for this line", ours);
      return;
    }
    String theirs = answer.get();
    if (ours.isUnsupported()) {
      oursUnsupported.add(operation.line());
    }
    if (ours.isUnsupported() || theirs.equals(Answer.UNSUPPORTED)) {
      unsupported(operation, ours, theirs);
    } else if (ours.text().equals(theirs)) {
      compared++;
      if (ours.parts()) {
        depart(operation, ours.departure().orElseThrow(), ours, theirs);
      } else if (kernel.endsReference(scenario, operation, theirs)) {
        depart(operation, Rule.D_20, ours, theirs);
      }
    } else {
      Optional<Rule> rule =
          ours.departure().or(() -> kernel.departure(scenario, operation, ours.text(), theirs));
      if (rule.isPresent()) {
        depart(operation, rule.get(), ours, theirs);
      } else {
        compared++;
        differ(operation, theirs, ours);
      }
    }
  }

  private void unsupported(Operation operation, Answer ours, String theirs) {
    unsupported++;
    if (operation.changedState(ours.isUnsupported() ? theirs : ours.text())) {
      How how = ours.isUnsupported() ? How.OURS_LEFT_BEHIND : How.KERNEL_LEFT_BEHIND;
      end = new End(how, operation, ours, theirs, Optional.empty());
    }
  }

  private void depart(Operation operation, Rule rule, Answer ours, String theirs) {
    end = new End(How.DEPARTED, operation, ours, theirs, Optional.of(rule));
  }

  private void differ(Operation operation, String expected, Answer ours) {
    differences.add(
        new Difference(
            scenario.path().toString(),
            operation.line(),
            scenario.textOf(operation),
            expected,
            ours.text(),
            ours.explanation()));
  }

  /** Answers to lines that hold no operation: the answers belong to another text. */
  private void linesWithoutOperation() {
    Set<Integer> operations = new HashSet<>();
    scenario.operations().forEach(operation -> operations.add(operation.line()));
    recorded
        .byLine()
        .forEach(
            (line, text) -> {
              if (!operations.contains(line)) {
                differences.add(
                    new Difference(
                        scenario.path().toString(),
                        line,
                        "(no operation)",
                        text,
                        "nothing: this line holds no operation",
                        List.of()));
              }
            });
  }

  /** What the list of departures says about this scenario and the comparison did not find so. */
  List<Difference> againstList(List<DepartureList.Entry> listed) {
    List<Difference> found = new ArrayList<>();
    End met = end;
    if (met != null && met.number().isPresent() && listed.stream().noneMatch(met::is)) {
      found.add(
          new Difference(
              scenario.path().toString(),
              met.operation().line(),
              scenario.textOf(met.operation()),
              "what %s lists; it does not list this".formatted(DepartureList.FILE_NAME),
              "%s: ours %s, kernel %s"
                  .formatted(met.number().get(), met.ours().text(), met.theirs()),
              met.ours().explanation()));
    }
    for (DepartureList.Entry entry : listed) {
      if ((met == null || !met.is(entry)) && !isOutOfSight(entry)) {
        found.add(
            new Difference(
                scenario.path().toString(),
                entry.line(),
                entry.operation(),
                "%s: ours %s, kernel %s".formatted(entry.number(), entry.ours(), entry.kernel()),
                "did not come to that, though %s lists it".formatted(DepartureList.FILE_NAME),
                List.of()));
      }
    }
    return found;
  }

  /**
   * Whether a listed departure may have happened unseen: we cannot do its operation yet, or it lies
   * beyond the line where the kernel went on without us.
   */
  private boolean isOutOfSight(DepartureList.Entry entry) {
    return oursUnsupported.contains(entry.line())
        || (end != null
            && end.how() == How.OURS_LEFT_BEHIND
            && entry.line() > end.operation().line());
  }

  int compared() {
    return compared;
  }

  int unsupported() {
    return unsupported;
  }

  Optional<Comparison.Departed> departed() {
    End met = end;
    return met == null
        ? Optional.empty()
        : met.rule()
            .map(rule -> new Comparison.Departed(met.operation(), rule, met.ours(), met.theirs()));
  }

  boolean parted() {
    return end != null && end.how() != How.DEPARTED;
  }

  List<Difference> differences() {
    return differences;
  }
}
