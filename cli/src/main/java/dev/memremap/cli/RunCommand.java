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
      ExitStatus.REFUSED_IF + "With --check, answers differ.",
      ExitStatus.UNUSABLE_TEXT,
      ExitStatus.OUTPUT_LOST_TEXT,
      ExitStatus.INTERRUPTED_TEXT
    },
    description = "Run scenarios, and print one answer line for each operation.")
final class RunCommand implements Callable<Integer> {
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
      paramLabel = "VERSION",
      description =
          "The kernel that the scenarios' machines follow, whatever they say, and whose recorded"
              + " answers --check compares with. Default: theirs, and the answers of 6.1.")
  private @Nullable String kernel;

  @Option(names = "--force", description = "Let scenarios change this computer's own memory.")
  private boolean force;

  RunCommand() {}

  @Override
  public Integer call() {
    Optional<Kernel> recorded = check ? Optional.of(recorded()) : Optional.empty();
    if (kernel != null) {
      MachineOption.requireKernel(kernel);
    }
    StandardStreams.requireOneInput(files);
    if (check && files.stream().anyMatch(StandardStreams::isDash)) {
      throw new UsageException(
          "--check compares with the answers beside a file, and standard input has none; name the"
              + " file");
    }
    PrintWriter out = spec.commandLine().getOut();
    PrintWriter err = spec.commandLine().getErr();
    ScenarioRun run =
        new ScenarioRun(
            scenario -> MachineExecutor.open(scenario, kernel),
            new ScenarioRun.Options(explain, force),
            out,
            err);
    try {
      return ExitStatus.of(
          recorded.map(of -> run.check(files, of)).orElseGet(() -> run.run(files)));
    } finally {
      // the answers so far are printed, whatever ended the run
      out.flush();
      err.flush();
    }
  }

  private Kernel recorded() {
    return kernel == null ? Kernel.FOLLOWED : new Kernel(kernel);
  }
}
