// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli;

import dev.memremap.Machine;
import dev.memremap.cli.terminal.ExitStatus;
import dev.memremap.machine.MachineDescription;
import dev.memremap.spi.HardwareDevice;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code memremap record}. */
@Command(
    name = "record",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Write this computer as a machine file that anyone can replay.",
      "It holds the text of /proc/iomem, and what /proc/cpuinfo, /proc/mtrr and the kernel's memory type list tell, and which region is which BAR of a PCI device. Run it as root."
    })
final class RecordCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "FILE", description = "The file to write; '-' prints it.")
  private String file = "-";

  @Option(names = "--force", description = "Overwrite the file.")
  private boolean force;

  RecordCommand() {}

  @Override
  public Integer call() {
    MachineDescription tables = MachineDescription.ofHost();
    String text;
    try (Machine host = Machine.host()) {
      text = withBars(tables, host.hardware(), this::warn).toText();
    }
    if (file.equals("-")) {
      spec.commandLine().getOut().print(text);
      spec.commandLine().getOut().flush();
      return ExitStatus.OK;
    }
    try {
      if (force) {
        Files.writeString(Path.of(file), text);
      } else {
        Files.writeString(Path.of(file), text, StandardOpenOption.CREATE_NEW);
      }
    } catch (FileAlreadyExistsException e) {
      throw new UncheckedIOException(file + " exists; --force overwrites it", e);
    } catch (IOException e) {
      throw new UncheckedIOException(file + " cannot be written (" + e.getMessage() + ")", e);
    }
    spec.commandLine().getOut().printf("%s: %d lines recorded%n", file, text.lines().count());
    return ExitStatus.OK;
  }

  private void warn(String sentence) {
    spec.commandLine().getErr().println(sentence);
    spec.commandLine().getErr().flush();
  }

  /**
   * The machine with a {@code bar=} line for each BAR of its PCI devices.
   *
   * @param leftOut told of one that lies in no resource, as one does that the kernel has not
   *     claimed
   */
  static MachineDescription withBars(
      MachineDescription machine, List<HardwareDevice> hardware, Consumer<String> leftOut) {
    MachineDescription described = machine;
    for (HardwareDevice device : hardware) {
      if (device.kind() == HardwareDevice.Kind.PCI) {
        for (HardwareDevice.Region region : device.regions()) {
          MachineDescription.Bar bar =
              new MachineDescription.Bar(
                  device.name(),
                  region.index(),
                  region.range(),
                  !region.sideEffects(),
                  device.driver());
          if (bar.isListedIn(machine.root())) {
            described = described.with("bar", bar.toString());
          } else {
            leftOut.accept(
                "BAR %d of %s at %s is in no resource of /proc/iomem, and is left out"
                    .formatted(bar.index(), bar.device(), bar.range()));
          }
        }
      }
    }
    return described;
  }
}
