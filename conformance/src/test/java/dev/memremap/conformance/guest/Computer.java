// SPDX-License-Identifier: Apache-2.0
package dev.memremap.conformance.guest;

import dev.memremap.Machine;
import dev.memremap.resource.PhysRange;
import dev.memremap.resource.ResourceKind;
import dev.memremap.spi.HardwareDevice;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** What the guest is made of, and what its kernel says by ways that the library does not go. */
final class Computer {
  static final String IVSHMEM = "1af4:1110";
  static final String EDU = "1234:11e8";

  private static final Path MODES = Path.of("/sys/kernel/debug/x86/pat_memtype_list");
  private static final int COMMAND = 4;

  private Computer() {}

  /** The PCI device with these numbers. */
  static HardwareDevice pci(Machine machine, String vendorAndDevice) {
    return machine.hardware().stream()
        .filter(device -> device.description().startsWith("PCI " + vendorAndDevice))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no PCI device " + vendorAndDevice));
  }

  static HardwareDevice first(Machine machine, HardwareDevice.Kind kind) {
    return machine.hardware().stream()
        .filter(device -> device.kind() == kind)
        .findFirst()
        .orElseThrow(() -> new AssertionError("no device of kind " + kind));
  }

  /** A part of the ivshmem's memory. */
  static PhysRange barAt(Machine machine, long offset, long bytes) {
    return part(pci(machine, IVSHMEM).region(2).range(), offset, bytes);
  }

  static PhysRange part(PhysRange whole, long offset, long bytes) {
    return PhysRange.of(whole.start() + offset, bytes);
  }

  /** Tells the host where in an NVDIMM a pattern must be, by its physical address. */
  static void tellPlace(Machine machine, Pattern pattern, long address) {
    PhysRange nvdimm =
        machine.resources().pathTo(address).stream()
            .filter(resource -> resource.kind() == ResourceKind.PERSISTENT_MEMORY)
            .findFirst()
            .orElseThrow(() -> new AssertionError("no NVDIMM at 0x%x".formatted(address)))
            .range();
    System.out.println(Pattern.PLACE + pattern + " " + (address - nvdimm.start()));
  }

  /** The kernel's lines about mappings that begin where a range begins. */
  static List<String> trackedModes(PhysRange range) throws IOException {
    String beginning = "[mem 0x%016x-".formatted(range.start());
    return Files.readAllLines(MODES).stream()
        .filter(line -> line.contains(beginning))
        .peek(line -> System.out.println("  " + line))
        .toList();
  }

  /** The command register of a PCI device: its bit 1 is whether it answers to its memory. */
  static int command(HardwareDevice device) throws IOException {
    try (RandomAccessFile config = new RandomAccessFile(config(device), "r")) {
      config.seek(COMMAND);
      return config.read();
    }
  }

  static void command(HardwareDevice device, int value) throws IOException {
    try (RandomAccessFile config = new RandomAccessFile(config(device), "rw")) {
      config.seek(COMMAND);
      config.write(value);
    }
  }

  private static String config(HardwareDevice device) {
    return "/sys/bus/pci/devices/" + device.name() + "/config";
  }

  static String read(String file) throws IOException {
    return Files.readString(Path.of(file)).strip();
  }

  static void write(String file, String text) throws IOException {
    Files.writeString(Path.of(file), text);
  }

  /** Runs a shell command, which must succeed, and returns what it writes. */
  static byte[] sh(String command) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder("/bin/sh", "-ec", command)
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    byte[] output = process.getInputStream().readAllBytes();
    int status = process.waitFor();
    if (status != 0) {
      throw new AssertionError(
          "'%s' ended with %d: %s"
              .formatted(command, status, new String(output, StandardCharsets.UTF_8)));
    }
    return output;
  }
}
