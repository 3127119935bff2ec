// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli;

import dev.memremap.Machine;
import dev.memremap.cli.terminal.ExitStatus;
import dev.memremap.cli.terminal.Terminal;
import dev.memremap.cli.terminal.UsageException;
import dev.memremap.drawing.model.Scene;
import dev.memremap.drawing.model.Timeline;
import dev.memremap.drawing.source.MachineScene;
import dev.memremap.scenario.MachineExecutor;
import dev.memremap.scenario.ScenarioRun;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code memremap pages}. */
@Command(
    name = "pages",
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
      "Show the page maps that a scenario leaves, or what of a machine could be given page maps.",
      "Of each page map it shows type, ranges, references, and what its page structures take, next"
          + " to what Linux would have spent. Without SCENARIO it shows what of the machine could"
          + " be given a page map, and at what cost."
    })
final class PagesCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private MachineOption machine;
  @Mixin private SvgOption drawing;

  @Parameters(
      arity = "0..1",
      paramLabel = "SCENARIO",
      description =
          "A scenario file, which is run to its end without printing; '-' is standard input.")
  private @Nullable Path scenario;

  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  @Option(names = "--force", description = "Let the scenario change this computer's own memory.")
  private boolean force;

  PagesCommand() {
    this.machine = new MachineOption();
    this.drawing = new SvgOption();
  }

  @Override
  public Integer call() {
    drawing.requireOutput(json);
    PrintWriter out = drawing.textOf(spec.commandLine().getOut());
    if (scenario == null) {
      if (force) {
        throw new UsageException("--force is for a scenario; leave it out");
      }
      try (Machine simulated = machine.simulated()) {
        draw(simulated, machine.name(), List.of());
        show(simulated, out);
      }
      return ExitStatus.OK;
    }
    if (machine.isGiven()) {
      throw new UsageException(
          "a scenario names its own machine and facts; leave --machine and --set out");
    }
    String name = SvgOption.nameOf(scenario);
    StringBuilder complaints = new StringBuilder();
    FollowedTeardowns teardowns = new FollowedTeardowns();
    ScenarioRun run =
        new ScenarioRun(
            MachineExecutor::open, new ScenarioRun.Options(false, force), out, complaints);
    ScenarioRun.Outcome outcome =
        run.look(
            scenario,
            teardowns,
            executor -> {
              if (executor instanceof MachineExecutor onMachine) {
                draw(onMachine.machine(), name + " at its end", teardowns.timelines());
                show(onMachine.machine(), out);
              }
            });
    out.flush();
    spec.commandLine().getErr().print(complaints);
    spec.commandLine().getErr().flush();
    int status = ExitStatus.of(outcome);
    if (status != ExitStatus.OK) {
      Terminal.printError(spec.commandLine(), status, complaints.toString());
    }
    return status;
  }

  private void draw(Machine simulated, String name, List<Timeline> teardowns) {
    if (drawing.isGiven()) {
      Scene scene = MachineScene.of("Page maps of " + name, simulated).withTimelines(teardowns);
      boolean ownerOnly = scenario == null && machine.isHost();
      drawing.draw(scene, spec.commandLine().getOut(), ownerOnly);
    }
  }

  private void show(Machine simulated, PrintWriter out) {
    PagesView view = new PagesView(simulated);
    if (json) {
      out.println(view.toJson(machine::addRemarks));
    } else {
      view.lines().forEach(out::println);
    }
  }
}
