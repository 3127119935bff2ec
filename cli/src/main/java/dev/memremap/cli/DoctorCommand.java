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
    description = {
      "Look at this computer, and say what is missing for what and how to get it.",
      "It looks at the JDK, the room for simulated memory, privileges, the routes to real memory,"
          + " and at QEMU and the kernels that guests need. It changes nothing. The exit status is 0"
          + " if the library and simulated machines work here; what only real memory or guests need"
          + " does not count."
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
