// SPDX-License-Identifier: Apache-2.0
package dev.memremap.linux;

import dev.memremap.IoMemory;
import dev.memremap.Machine;
import dev.memremap.testing.CutShort;
import dev.memremap.testing.LostRegisters;
import java.nio.file.Path;

/** Registers of a BAR, whose file stands for a device that is pulled. */
final class LostHostRegistersProgram {
  private LostHostRegistersProgram() {}

  /**
   * Runs.
   *
   * @param args how often an access is made before the memory goes; a directory for the device
   */
  public static void main(String[] args) {
    Path directory = Path.of(args[1]);
    int[] number = {0};
    LostRegisters.run(
        "host",
        () -> new Bar(new Computer(directory.resolve("computer" + number[0]++))),
        Integer.parseInt(args[0]));
  }

  private record Bar(Computer computer, Machine machine, IoMemory registers)
      implements LostRegisters.Device {
    Bar(Computer computer) {
      this(
          computer,
          computer
              .pci(Computer.GPU, "10de", "20f1")
              .bar(Computer.GPU, 0, Computer.REGISTERS, false)
              .machine());
    }

    private Bar(Computer computer, Machine machine) {
      this(computer, machine, machine.ioremap(Computer.REGISTERS));
    }

    @Override
    public void pull() {
      CutShort.file(computer.path(PciDevices.DIRECTORY + Computer.GPU + "/resource0"));
    }

    @Override
    public void close() {
      machine.close();
    }
  }
}
