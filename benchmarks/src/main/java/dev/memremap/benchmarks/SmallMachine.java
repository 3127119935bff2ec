// SPDX-License-Identifier: Apache-2.0
package dev.memremap.benchmarks;

import dev.memremap.machine.MachineDescription;

/** The machine that is measured: 1 GiB of RAM and 256 MiB of persistent memory. */
final class SmallMachine {
  static final long RAM = 0x10000000L;
  static final long PMEM = 0x40000000L;

  private SmallMachine() {}

  static MachineDescription description() {
    return MachineDescription.parse(
        """
        00000000-00000fff : Reserved
        00001000-0009fbff : System RAM
        00100000-3fffffff : System RAM
        40000000-4fffffff : Persistent Memory
        fee00000-fee00fff : Local APIC
        """);
  }
}
