// SPDX-License-Identifier: Apache-2.0
package dev.memremap.conformance;

import java.nio.file.Path;
import java.util.List;

/** The processors that a guest can have, and how QEMU and the guest's kernel name its parts. */
enum GuestArchitecture {
  /** The host's own, a PC. Its three or four serial ports are those of a PC. */
  X86_64("qemu-system-x86_64", "qemu-system-x86") {
    @Override
    List<String> processor() {
      return List.of("-cpu", "max");
    }

    @Override
    List<String> kernelArguments() {
      // without the second, no tick for a while at boot is a panic: "IO-APIC + timer doesn't work"
      return List.of("console=ttyS0", "no_timer_check");
    }

    @Override
    List<String> port(int number, Path file) {
      return List.of("-serial", "file:" + file);
    }

    @Override
    Path busybox() {
      return HostTools.findBusybox();
    }
  },

  /** QEMU's board "virt". It has one serial port of its own; the others are PCI devices. */
  ARM64("qemu-system-aarch64", "qemu-system-arm") {
    @Override
    List<String> processor() {
      // pointers that QEMU would sign as the processor does cost half of the boot
      return List.of("-cpu", "max,pauth-impdef=on");
    }

    @Override
    List<String> kernelArguments() {
      // the last two are variables in the environment of init
      return List.of("console=ttyAMA0", "memremap_output=ttyS0", "memremap_status=ttyS1");
    }

    @Override
    List<String> port(int number, Path file) {
      if (number == 0) {
        return List.of("-serial", "file:" + file);
      }
      return List.of(
          "-chardev",
          "file,id=port%d,path=%s".formatted(number, GuestHardware.optionValue(file)),
          "-device",
          "pci-serial,chardev=port" + number);
    }

    @Override
    Path busybox() {
      return Arm64Files.find().busybox();
    }
  };

  private final String qemu;
  private final String debianPackage;

  GuestArchitecture(String qemu, String debianPackage) {
    this.qemu = qemu;
    this.debianPackage = debianPackage;
  }

  /**
   * QEMU for such a computer.
   *
   * @throws GuestUnavailableException if it is not on the search path
   */
  Path qemu() {
    return HostTools.find(qemu, debianPackage, HostTools.searchPath());
  }

  /**
   * A static busybox for such a processor.
   *
   * @throws GuestUnavailableException if it is missing
   */
  abstract Path busybox();

  /** QEMU's options for the processor. */
  abstract List<String> processor();

  /** What the guest's kernel is told of its console and its ports. */
  abstract List<String> kernelArguments();

  /** QEMU's options for a serial port: 0 is the console, 1 the command's output, 2 the status. */
  abstract List<String> port(int number, Path file);
}
