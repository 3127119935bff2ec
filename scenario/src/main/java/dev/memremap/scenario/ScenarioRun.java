// SPDX-License-Identifier: Apache-2.0
package dev.memremap.scenario;

import dev.memremap.rule.MemremapException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * Runs scenarios and prints their answers, or compares them with a kernel's: {@code memremap run}.
 * Each file runs by itself, on its own machine; the others run even if one cannot.
 *
 * <p>Thread safety: none; one thread runs.
 */
public final class ScenarioRun {
  /** How a run ended. */
  public enum Outcome {
    /** All was run, and what was compared agrees. */
    OK,
    /** A comparison found a difference. */
    DIFFERENCES,
    /** A scenario could not be run, or had nothing to be compared with. */
    UNUSABLE
  }

  /** What an explanation's line starts with; such lines are never compared. */
  static final String EXPLANATION = "  | ";

  /**
   * What a user can ask for in addition.
   *
   * @param explain add lines that say why
   * @param force let a scenario change the host's own memory
   */
  public record Options(boolean explain, boolean force) {
    /** Neither. */
    public static final Options NONE = new Options(false, false);
  }

  private final ScenarioExecutor.Factory executors;
  private final Options options;
  private final Appendable out;
  private final Appendable errors;

  /**
   * A run that has not started.
   *
   * @param executors makes the machine of each scenario
   * @param options what the user asked for
   * @param out takes answers, differences and the summary
   * @param errors takes what could not be run
   */
  public ScenarioRun(
      ScenarioExecutor.Factory executors, Options options, Appendable out, Appendable errors) {
    this.executors = executors;
    this.options = options;
    this.out = out;
    this.errors = errors;
  }

  /**
   * Runs files and folders of files, and prints one line {@code N: ANSWER} for each operation;
   * where there is more than one file, a comment line with its name before its answers.
   *
   * @return {@link Outcome#OK} or {@link Outcome#UNUSABLE}
   * @throws UncheckedIOException if the output cannot be written or a folder cannot be read
   */
  public Outcome run(List<Path> named) {
    return run(named, StepWatch.NONE);
  }

  /**
   * Runs files and folders of files as {@link #run(List)} does, and shows each step.
   *
   * @param watch sees each operation after its answer was printed
   */
  public Outcome run(List<Path> named, StepWatch watch) {
    ScenarioFiles scenarios = ScenarioFiles.toRun(named);
    Outcome status = scenarios.files().isEmpty() ? noScenario(named) : Outcome.OK;
    for (Path file : scenarios.files()) {
      try {
        Scenario scenario = Scenario.read(file);
        String heading = scenarios.files().size() > 1 ? "# " + file : "";
        on(scenario, executor -> runAll(scenario, executor, heading, watch));
      } catch (ScenarioSyntaxException | UnfinishedException e) {
        complain(String.valueOf(e.getMessage()));
        status = Outcome.UNUSABLE;
      }
    }
    return status;
  }

  private void runAll(
      Scenario scenario, ScenarioExecutor executor, String heading, StepWatch watch) {
    if (!heading.isEmpty()) {
      print(heading);
    }
    for (Operation operation : scenario.operations()) {
      Answer answer = execute(scenario, executor, operation);
      print(operation.line() + ": " + answer.text());
      explain(answer);
      watch.after(scenario, executor, operation, answer);
    }
  }

  /**
   * Runs files and folders of files, compares their answers with a kernel's, and prints each
   * departure, each difference and a summary, but not the answers.
   *
   * @return {@link Outcome#OK}, {@link Outcome#DIFFERENCES}, or {@link Outcome#UNUSABLE} if a file
   *     could not be run or has no answers
   * @throws UncheckedIOException if the output cannot be written or a folder cannot be read
   */
  public Outcome check(List<Path> named, Kernel kernel) {
    ScenarioFiles scenarios = ScenarioFiles.toCheck(named, kernel);
    if (!scenarios.unanswered().isEmpty()) {
      complain(
          "memremap: not compared: %d files without answers from Linux %s, %s for one"
              .formatted(
                  scenarios.unanswered().size(),
                  kernel.version(),
                  scenarios.unanswered().getFirst()));
    }
    Outcome status = scenarios.files().isEmpty() ? noScenario(named) : Outcome.OK;
    Summary summary = new Summary();
    for (Path file : scenarios.files()) {
      try {
        Comparison comparison = check(file, kernel);
        report(comparison);
        summary.add(comparison);
      } catch (ScenarioSyntaxException | UnfinishedException e) {
        complain(String.valueOf(e.getMessage()));
        status = Outcome.UNUSABLE;
      }
    }
    print(summary.toString());
    return status == Outcome.OK && summary.differences() > 0 ? Outcome.DIFFERENCES : status;
  }

  /**
   * Runs one scenario and compares its answers with a kernel's; prints nothing.
   *
   * @throws ScenarioSyntaxException if scenario or answers are missing or cannot be read
   */
  public Comparison check(Path file, Kernel kernel) {
    Scenario scenario = Scenario.read(file);
    Path answers = kernel.answersOf(file);
    if (!Files.exists(answers)) {
      throw new ScenarioSyntaxException(
          file.toString(),
          1,
          1,
          "no answers from Linux %s to compare with: no such file %s"
              .formatted(kernel.version(), answers));
    }
    Answers recorded = Answers.read(answers);
    return Comparison.of(scenario, answers(scenario, executors), kernel, recorded);
  }

  /** Carries a scenario out, and gives back what it left. */
  private List<Answer> answers(Scenario scenario, ScenarioExecutor.Factory machines) {
    List<Answer> answers = new ArrayList<>();
    on(
        scenario,
        machines,
        executor ->
            scenario
                .operations()
                .forEach(operation -> answers.add(execute(scenario, executor, operation))));
    return answers;
  }

  /**
   * Runs files and folders of files with several kernels, and prints what these answer differently,
   * the rows of {@code docs/kernels.md} that make the difference, and a summary.
   *
   * @param kernels releases, at least two; their machines follow them, whatever the scenarios say
   * @return {@link Outcome#OK}, {@link Outcome#DIFFERENCES}, or {@link Outcome#UNUSABLE} if a file
   *     could not be run
   * @throws UncheckedIOException if the output cannot be written or a folder cannot be read
   */
  public Outcome sideBySide(List<Path> named, List<String> kernels, KernelSides.Machines machines) {
    ScenarioFiles scenarios = ScenarioFiles.toRun(named);
    Outcome status = scenarios.files().isEmpty() ? noScenario(named) : Outcome.OK;
    SidesSummary summary = new SidesSummary(kernels);
    for (Path file : scenarios.files()) {
      try {
        Scenario scenario = Scenario.read(file);
        List<KernelSides.Parting> partings =
            new KernelSides(
                    scenario,
                    kernels,
                    rows ->
                        answers(scenario, each -> machines.open(each, kernels.getFirst(), rows)))
                .partings();
        partings.forEach(parting -> report(scenario, kernels, parting));
        summary.add(scenario, partings);
      } catch (ScenarioSyntaxException | UnfinishedException e) {
        complain(String.valueOf(e.getMessage()));
        status = Outcome.UNUSABLE;
      }
    }
    print(summary.toString());
    return status == Outcome.OK && !summary.allAgree() ? Outcome.DIFFERENCES : status;
  }

  private void report(Scenario scenario, List<String> kernels, KernelSides.Parting parting) {
    print(
        "%s:%d: %s"
            .formatted(
                scenario.path(), parting.operation().line(), scenario.textOf(parting.operation())));
    int width = kernels.stream().mapToInt(String::length).max().orElse(0);
    for (int i = 0; i < kernels.size(); i++) {
      print(
          "  %s  %s"
              .formatted(
                  kernels.get(i) + " ".repeat(width - kernels.get(i).length()),
                  parting.answers().get(i).text()));
      explain(parting.answers().get(i));
    }
    for (int i = 0; i + 1 < kernels.size(); i++) {
      if (parting.isBetween(i)) {
        print(
            "  %s and %s part by %s"
                .formatted(
                    kernels.get(i), kernels.get(i + 1), parting.turning().get(i).sentence()));
      }
    }
  }

  /**
   * Runs one scenario without printing its answers, and shows what it leaves before that is undone.
   *
   * @param watch sees each operation
   * @return {@link Outcome#OK} or {@link Outcome#UNUSABLE}
   */
  public Outcome look(Path file, StepWatch watch, Consumer<ScenarioExecutor> look) {
    try {
      Scenario scenario = Scenario.read(file);
      on(
          scenario,
          executor -> {
            for (Operation operation : scenario.operations()) {
              Answer answer = execute(scenario, executor, operation);
              watch.after(scenario, executor, operation, answer);
            }
            look.accept(executor);
          });
      return Outcome.OK;
    } catch (ScenarioSyntaxException | UnfinishedException e) {
      complain(String.valueOf(e.getMessage()));
      return Outcome.UNUSABLE;
    }
  }

  private void report(Comparison comparison) {
    comparison
        .departed()
        .ifPresent(
            at -> {
              Scenario scenario = comparison.scenario();
              print(
                  "%s:%d: departed %s: %s: ours %s, kernel %s"
                      .formatted(
                          scenario.path(),
                          at.operation().line(),
                          at.rule().id(),
                          scenario.textOf(at.operation()),
                          at.answer().text(),
                          at.kernel()));
              explain(at.answer());
            });
    comparison.differences().forEach(difference -> print(difference.toString()));
  }

  /** An operation failed for a reason that is not an answer, such as a full disk. */
  private static final class UnfinishedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    UnfinishedException(String message, Throwable cause) {
      super(message, cause);
    }
  }

  /** Opens the machine of a scenario, and closes it whatever the use of it met. */
  private void on(Scenario scenario, Consumer<ScenarioExecutor> use) {
    on(scenario, executors, use);
  }

  private void on(
      Scenario scenario, ScenarioExecutor.Factory machines, Consumer<ScenarioExecutor> use) {
    ScenarioExecutor executor = open(scenario, machines);
    try {
      use.accept(executor);
    } catch (RuntimeException | Error e) {
      try {
        executor.close();
      } catch (RuntimeException more) {
        e.addSuppressed(more);
      }
      throw e;
    }
    try {
      executor.close();
    } catch (RuntimeException e) {
      throw new UnfinishedException(
          "%s: all operations were carried out, and what they left could not be undone: %s"
              .formatted(scenario.path(), e),
          e);
    }
  }

  private ScenarioExecutor open(Scenario scenario, ScenarioExecutor.Factory machines) {
    if (!options.force()) {
      requireHarmless(scenario);
    }
    try {
      return machines.open(scenario);
    } catch (MemremapException e) {
      throw new UnfinishedException(
          "%s:%d: the machine cannot be made: %s"
              .formatted(scenario.path(), scenario.machineLine(), e.getMessage()),
          e);
    }
  }

  /**
   * Passes if the machine is simulated, or nothing in the scenario stores, remaps or maps pages.
   */
  private static void requireHarmless(Scenario scenario) {
    if (!scenario.machine().isHost()) {
      return;
    }
    for (Operation operation : scenario.operations()) {
      if (operation.verb().effect().worksOnMemory()) {
        throw new ScenarioSyntaxException(
            scenario.path().toString(),
            operation.line(),
            scenario.columnOf(operation),
            "this would work on the host's own memory; add --force if that is meant");
      }
    }
  }

  private static Answer execute(Scenario scenario, ScenarioExecutor executor, Operation operation) {
    try {
      return executor.execute(operation);
    } catch (MemremapException e) {
      throw unfinished(scenario, operation, String.valueOf(e.getMessage()), e);
    } catch (RuntimeException e) {
      // the answers so far are printed, the machine is closed, and other scenarios run
      throw unfinished(
          scenario,
          operation,
          "it failed in a way that we did not expect; please report it: " + e,
          e);
    }
  }

  private static UnfinishedException unfinished(
      Scenario scenario, Operation operation, String why, RuntimeException cause) {
    return new UnfinishedException(
        "%s:%d: %s: %s"
            .formatted(scenario.path(), operation.line(), scenario.textOf(operation), why),
        cause);
  }

  private Outcome noScenario(List<Path> named) {
    complain(
        named.isEmpty()
            ? "memremap: no scenario is named"
            : "memremap: no *.scenario file to use below " + named.getFirst());
    return Outcome.UNUSABLE;
  }

  private void explain(Answer answer) {
    if (options.explain()) {
      answer.explanation().forEach(line -> print(EXPLANATION + line));
    }
  }

  private void print(String line) {
    write(out, line);
  }

  private void complain(String line) {
    write(errors, line);
  }

  private static void write(Appendable to, String line) {
    try {
      to.append(line).append('\n');
    } catch (IOException e) {
      throw new UncheckedIOException("the output cannot be written", e);
    }
  }
}
