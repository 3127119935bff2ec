// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli;

import dev.memremap.cli.terminal.ExitStatus;
import dev.memremap.cli.terminal.StandardStreams;
import dev.memremap.machine.MachineDescription;
import dev.memremap.reading.MachineReader;
import dev.memremap.reading.Reading;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code memremap iomem}. */
@Command(
    name = "iomem",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = "Show what lies where in a machine's physical address space, and what it is.")
final class IomemCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private MachineOption machine;

  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  @Option(
      names = "--diff",
      arity = "2",
      paramLabel = "FILE",
      description = "Show two machines side by side, and what only one of them has.")
  private Path @Nullable [] diff;

  IomemCommand() {
    this.machine = new MachineOption();
  }

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    if (diff != null) {
      if (machine.isGiven() || json) {
        throw new IllegalArgumentException(
            "--diff compares two files and prints text; leave --machine, --set and --json out");
      }
      StandardStreams.requireOneInput(List.of(diff));
      MachineDescription a = read(diff[0]);
      MachineDescription b = read(diff[1]);
      IomemDiff difference = IomemDiff.between(a.root(), b.root());
      difference.lines(diff[0].toString(), diff[1].toString()).forEach(out::println);
      return difference.isEmpty() ? ExitStatus.OK : ExitStatus.REFUSED;
    }
    Reading reading = machine.read();
    IomemView view = new IomemView(reading.machine());
    if (json) {
      out.println(view.toJson(reading));
    } else {
      view.lines(spec.commandLine().getColorScheme()).forEach(out::println);
    }
    return ExitStatus.OK;
  }

  private MachineDescription read(Path file) {
    Reading reading = MachineReader.of(file).read();
    MachineOption.say(reading, spec.commandLine().getErr());
    return reading.machine();
  }
}
