// SPDX-License-Identifier: Apache-2.0
package dev.memremap;

import dev.memremap.cache.MemtypeEntry;
import dev.memremap.internal.pages.PagemapTable;
import dev.memremap.machine.MachineDescription;
import java.util.List;

/** Small machines for tests. */
public final class Machines {
  public static final long PMEM = 0x40000000L;
  static final long RAM = 0x10000000L;
  public static final long BAR = 0xfd000000L;

  /** A machine of 2 GiB with persistent memory at 1 GiB, as the first test guest has. */
  public static final String QEMU_2G =
      """
      # phys-bits=40
      # mtrr-uc=0x80000000+0x80000000
      00000000-00000fff : Reserved
      00001000-0009fbff : System RAM
      0009fc00-0009ffff : Reserved
      000a0000-000bffff : PCI Bus 0000:00
      000f0000-000fffff : Reserved
        000f0000-000fffff : System ROM
      00100000-3fffffff : System RAM
        01000000-01600107 : Kernel code
      40000000-4fffffff : Persistent Memory (legacy)
      50000000-5dffffff : System RAM
      5e000000-5effffff : Reserved
      5f000000-7ffdffff : System RAM
      7ffe0000-7fffffff : Reserved
      80000000-febfffff : PCI Bus 0000:00
        fd000000-fdffffff : 0000:00:02.0
      fee00000-fee00fff : Local APIC
      """;

  private Machines() {}

  public static MachineDescription qemu() {
    return MachineDescription.parse(QEMU_2G);
  }

  static Machine machine() {
    return Machine.simulated(qemu());
  }

  /** What a machine's tables hold; two of these are equal if nothing leaked between them. */
  record Tables(List<MemtypeEntry> entries, List<MemtypeEntry> ramPages, int live, long mappings) {
    static Tables of(Machine machine) {
      return new Tables(
          machine.space().memtypes().list().entries(),
          machine.space().memtypes().list().ramPages(),
          machine.liveMappings().size(),
          Machines.mappings(machine));
    }
  }

  /** How many mappings a machine has. */
  public static long mappings(Machine machine) {
    return machine.space().quota().taken();
  }

  /** Which map covers which page, as the machine sees it. */
  public static PagemapTable pagemapTable(Machine machine) {
    return machine.maps().table();
  }
}
