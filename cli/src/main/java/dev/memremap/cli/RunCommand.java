// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli;

import dev.memremap.cli.terminal.ExitStatus;
import dev.memremap.cli.terminal.StandardStreams;
import dev.memremap.cli.terminal.UsageException;
import dev.memremap.scenario.Kernel;
import dev.memremap.scenario.MachineExecutor;
import dev.memremap.scenario.ScenarioRun;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code memremap run}. */
@Command(
    name = "run",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    exitCodeListHeading = ExitStatus.HEADING,
    exitCodeList = {
      ExitStatus.OK_TEXT,
      ExitStatus.REFUSED_IF
          + "With --check, answers differ; with several kernels, they answer differently.",
      ExitStatus.UNUSABLE_TEXT,
      ExitStatus.OUTPUT_LOST_TEXT,
      ExitStatus.INTERRUPTED_TEXT
    },
    description = "Run scenarios, and print one answer line for each operation.")
final class RunCommand implements Callable<Integer> {
  /** A strong reference: a logger that only its name keeps loses its level. */
  private static final Logger WARNINGS = Logger.getLogger("dev.memremap");

  @Spec private CommandSpec spec;

  @Parameters(
      arity = "1..*",
      paramLabel = "FILE",
      description = "Scenario files, or folders of them; '-' is standard input.")
  private List<Path> files = List.of();

  @Option(
      names = "--check",
      description =
          "Print no answers, but compare them with those recorded beside each file; exit with 1"
              + " where they differ.")
  private boolean check;

  @Option(names = "--explain", description = "Say why, in lines that start with '  | '.")
  private boolean explain;

  @Option(
      names = "--kernel",
      paramLabel = "RELEASE",
      completionCandidates = KernelNames.Followed.class,
      description =
          "The kernel that the scenarios' machines follow, whatever their machine lines say, and"
              + " whose recorded answers --check compares with. Default: theirs, and the answers of"
              + " 6.1. Several, such as 5.10,6.1,7.3, are run side by side: only what they answer"
              + " differently is printed, with the row of docs/kernels.md that makes the"
              + " difference, and a summary; --check takes one.")
  private @Nullable String kernel;

  @Option(names = "--force", description = "Let scenarios change this computer's own memory.")
  private boolean force;

  @Option(
      names = "--svg",
      paramLabel = "DIR",
      description =
          "Draw the machine after each operation, into files 001-….svg of this folder, and a page"
              + " index.html of all. From the first kill on, a time line shows the teardown.")
  private @Nullable Path svg;

  RunCommand() {}

  @Override
  public Integer call() {
    List<String> kernels = kernel == null ? List.of() : MachineOption.kernels(kernel);
    boolean isSideBySide = kernels.size() > 1;
    if (check && isSideBySide) {
      throw new UsageException(
          "--check compares with the recorded answers of one kernel; give --kernel one release, or"
              + " leave --check out");
    }
    if (svg != null && (check || isSideBySide)) {
      throw new UsageException(
          "--svg draws what one run does; leave --check out, and give --kernel one release");
    }
    Optional<Kernel> recorded = check ? Optional.of(recorded()) : Optional.empty();
    StandardStreams.requireOneInput(files);
    if (check && files.stream().anyMatch(StandardStreams::isDash)) {
      throw new UsageException(
          "--check compares with the answers beside a file, and standard input has none; name the"
              + " file");
    }
    DrawnSteps drawn = svg == null ? null : DrawnSteps.into(svg);
    PrintWriter out = spec.commandLine().getOut();
    PrintWriter err = spec.commandLine().getErr();
    ScenarioRun run =
        new ScenarioRun(
            scenario -> MachineExecutor.open(scenario, kernel),
            new ScenarioRun.Options(explain, force),
            out,
            err);
    try {
      if (isSideBySide) {
        return ExitStatus.of(sideBySide(run, kernels));
      }
      if (drawn != null) {
        ScenarioRun.Outcome outcome = run.run(files, drawn);
        drawn.writeIndex();
        return ExitStatus.of(outcome);
      }
      return ExitStatus.of(
          recorded.map(of -> run.check(files, of)).orElseGet(() -> run.run(files)));
    } finally {
      // the answers so far are printed, whatever ended the run
      out.flush();
      err.flush();
    }
  }

  /** Each scenario is carried out many times, and would warn each time of what it does wrong. */
  private ScenarioRun.Outcome sideBySide(ScenarioRun run, List<String> kernels) {
    Level before = WARNINGS.getLevel();
    WARNINGS.setLevel(Level.OFF);
    try {
      return run.sideBySide(files, kernels, MachineExecutor::open);
    } finally {
      WARNINGS.setLevel(before);
    }
  }

  private Kernel recorded() {
    return kernel == null ? Kernel.FOLLOWED : new Kernel(kernel);
  }
}
