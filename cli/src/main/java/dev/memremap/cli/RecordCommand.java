// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli;

import dev.memremap.Machine;
import dev.memremap.cli.terminal.ExitStatus;
import dev.memremap.cli.terminal.OutputException;
import dev.memremap.cli.terminal.OutputFile;
import dev.memremap.cli.terminal.StandardStreams;
import dev.memremap.cli.terminal.UsageException;
import dev.memremap.machine.MachineDescription;
import dev.memremap.rule.Fact;
import dev.memremap.rule.PlainText;
import dev.memremap.spi.HardwareDevice;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code memremap record}. */
@Command(
    name = "record",
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
      "Write this computer, or with --machine another, as a machine file in the strict form that"
          + " anyone can replay.",
      "It holds the text of /proc/iomem, and what /proc/cpuinfo, /proc/mtrr and the kernel's memory"
          + " type list tell, and which region is which BAR of a PCI device. Run it as root.",
      "Only its owner may read the file, for Linux shows these addresses to root alone."
    })
final class RecordCommand implements Callable<Integer> {

  private static final MachineDescription.Origin RECORDED =
      new MachineDescription.Origin(Fact.Source.RECORDED, "/sys/bus/pci/devices");

  @Spec private CommandSpec spec;
  @Mixin private MachineOption machine;

  @Parameters(paramLabel = "FILE", description = "The file to write; '-' prints it.")
  private Path file = Path.of("-");

  @Option(
      names = "--anonymous",
      description =
          "Replace the names that Linux does not give by itself, such as drivers, GUIDs and serial"
              + " numbers, each by the same word everywhere, and leave out the names of files.")
  private boolean anonymous;

  @Option(names = "--force", description = "Overwrite the file.")
  private boolean force;

  RecordCommand() {
    this.machine = new MachineOption();
  }

  @Override
  public Integer call() {
    MachineDescription described = machine.describe();
    if (machine.isHost()) {
      try (Machine host = Machine.host()) {
        described = withBars(described, host.hardware(), this::warn);
      }
    }
    String text = anonymous ? AnonymousText.of(described) : described.toText();
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    if (StandardStreams.isOutput(file)) {
      // a machine file is UTF-8 in every locale
      StandardStreams.write(file, bytes, spec.commandLine().getOut());
      return ExitStatus.OK;
    }
    try {
      OutputFile.writeForOwner(file, bytes, force);
    } catch (FileAlreadyExistsException e) {
      throw new UsageException(
          Files.isDirectory(file)
              ? file + " is a folder; name a file"
              : file + " exists; --force overwrites it",
          e);
    } catch (IOException e) {
      throw new OutputException(file.toString(), e);
    }
    spec.commandLine()
        .getOut()
        .printf("%s: %d lines recorded%n", PlainText.of(file.toString()), text.lines().count());
    return ExitStatus.OK;
  }

  private void warn(String sentence) {
    spec.commandLine().getErr().println("memremap: " + sentence);
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
    List<MachineDescription.Bar> bars = new ArrayList<>(machine.bars());
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
            bars.add(bar);
          } else {
            leftOut.accept(
                "BAR %d of %s at %s is in no resource of /proc/iomem, and is left out"
                    .formatted(bar.index(), bar.device(), bar.range()));
          }
        }
      }
    }
    return bars.isEmpty() ? machine : machine.withBars(bars, RECORDED);
  }
}
