// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli;

import dev.memremap.Machine;
import dev.memremap.cli.terminal.ExitStatus;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code memremap devices}. */
@Command(
    name = "devices",
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
      "List the devices of this computer that have memory, and how each can be mapped.",
      "They are PCI BARs, DAX devices, namespaces of persistent memory and UIO maps; each is listed"
          + " with the files that lead to it, or with what is in the way."
    })
final class DevicesCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private HostPermissions.ToAsk permissions;

  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  DevicesCommand() {
    this.permissions = new HostPermissions.ToAsk();
  }

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    try (Machine host = Machine.host(permissions.granted())) {
      DevicesView view = DevicesView.of(host);
      if (json) {
        out.println(view.toJson());
      } else {
        view.lines().forEach(out::println);
      }
    }
    return ExitStatus.OK;
  }
}
