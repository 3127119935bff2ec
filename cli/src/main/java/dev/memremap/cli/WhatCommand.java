// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli;

import dev.memremap.Machine;
import dev.memremap.cli.terminal.ExitStatus;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code memremap what}. */
@Command(
    name = "what",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    exitCodeListHeading = ExitStatus.HEADING,
    exitCodeList = {
      ExitStatus.OK_TEXT,
      ExitStatus.REFUSED_IF + "No resource lies there.",
      ExitStatus.UNUSABLE_TEXT,
      ExitStatus.OUTPUT_LOST_TEXT,
      ExitStatus.INTERRUPTED_TEXT
    },
    description = {
      "Say what lies at an address: its owners, its holders, its memory type, and what may be done there.",
      "It says how the memory can be mapped and by which file, and what the calls that drivers"
          + " usually make would answer. Nothing is mapped."
    })
final class WhatCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private MachineOption machine;
  @Mixin private HostPermissions.ToAsk permissions;

  @Parameters(
      index = "0",
      paramLabel = "WHERE",
      description =
          "A physical address, such as 0x40000000; a range, START+SIZE or START-END in hexadecimal;"
              + " a page, pfn:N; a region of a device, DEVICE/BAR or DEVICE/BAR+OFFSET, such as"
              + " 0000:03:00.0/0+0x10; or a resource's name, as iomem lists it.")
  private String where = "";

  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  WhatCommand() {
    this.machine = new MachineOption();
    this.permissions = new HostPermissions.ToAsk();
  }

  @Override
  public Integer call() {
    Where place = Where.parseAny(where);
    try (Machine on = machine.withBytes(permissions)) {
      NumaNode nodes = machine.isHost() ? new NumaNode(Path.of("/")) : null;
      WhatView view = WhatView.of(on, place.on(on), nodes);
      if (json) {
        spec.commandLine().getOut().println(view.toJson(machine::addRemarks));
      } else {
        view.lines().forEach(spec.commandLine().getOut()::println);
      }
      return view.owners().isEmpty() ? ExitStatus.REFUSED : ExitStatus.OK;
    }
  }
}
