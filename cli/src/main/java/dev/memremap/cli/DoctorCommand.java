// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli;

import dev.memremap.cli.doctor.Checkup;
import dev.memremap.cli.terminal.ExitStatus;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code memremap doctor}. */
@Command(
    name = "doctor",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    exitCodeListHeading = ExitStatus.HEADING,
    exitCodeList = {
      ExitStatus.OK_TEXT,
      ExitStatus.REFUSED_IF + "The library or simulated machines do not work here.",
      ExitStatus.UNUSABLE_TEXT,
      ExitStatus.OUTPUT_LOST_TEXT,
      ExitStatus.INTERRUPTED_TEXT
    },
    description = {
      "Look at this computer, and say what is missing for what and how to get it.",
      "It looks at the JDK, the room for simulated memory, privileges, the routes to real memory,"
          + " what remote memory needs, and at QEMU and the kernels that guests need. It changes"
          + " nothing. What only real or remote memory or guests need does not count for the exit"
          + " status."
    })
final class DoctorCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  DoctorCommand() {}

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    Checkup checkup = Checkup.ofThisComputer();
    DoctorView view = new DoctorView(checkup);
    if (json) {
      out.println(view.toJson());
    } else {
      view.lines().forEach(out::println);
    }
    return checkup.isUsable() ? ExitStatus.OK : ExitStatus.REFUSED;
  }
}
