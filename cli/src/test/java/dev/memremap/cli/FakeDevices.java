// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli;

import dev.memremap.Machine;
import dev.memremap.cache.CacheMode;
import dev.memremap.internal.sim.SparseMemory;
import dev.memremap.machine.MachineDescription;
import dev.memremap.resource.PhysRange;
import dev.memremap.rule.Errno;
import dev.memremap.rule.Refusal;
import dev.memremap.rule.Rule;
import dev.memremap.spi.AccessPath;
import dev.memremap.spi.HardwareDevice;
import dev.memremap.spi.HardwareDevice.Kind;
import dev.memremap.spi.HardwareDevice.Region;
import dev.memremap.spi.MappedBytes;
import dev.memremap.spi.PhysicalMemory;
import java.lang.foreign.Arena;
import java.util.List;
import java.util.OptionalLong;

/** A computer with a device of each kind; what its routes answer is written down here. */
record FakeDevices(PhysicalMemory bytes) implements PhysicalMemory {
  private static final PhysRange REGISTERS = PhysRange.of(0xfea00000L, 0x1000);
  private static final PhysRange WINDOW = PhysRange.of(0xfd000000L, 16 << 20);
  private static final PhysRange BOARD = PhysRange.of(0xfeb00200L, 0x600);
  private static final PhysRange PMEM = PhysRange.of(0x100000000L, 3 << 20);
  private static final PhysRange DAX = PhysRange.of(0x200000000L, 10 << 20);
  private static final PhysRange BUSY_DAX = PhysRange.of(0x300000000L, 6 << 20);

  private static final String MAP =
      """
      fd000000-fdffffff : 0000:00:01.0
      fea00000-fea00fff : 0000:00:01.0
      feb00000-feb00fff : 0000:00:02.0
      100000000-1002fffff : Persistent Memory
      200000000-2009fffff : dax0.0
      300000000-3005fffff : dax1.0
      """;

  static Machine machine() {
    return Machine.builder(MachineDescription.parse(MAP))
        .memory(new FakeDevices(SparseMemory.open()))
        .build();
  }

  static DevicesView view() {
    try (Machine machine = machine()) {
      return DevicesView.of(machine);
    }
  }

  @Override
  public MappedBytes map(PhysRange range, AccessPath.Open path, Arena arena) {
    return bytes.map(range, path, arena);
  }

  @Override
  public AccessPath accessPath(PhysRange range, CacheMode asked, CacheMode effective) {
    boolean registers = range.equals(REGISTERS) || range.equals(BOARD);
    if (registers && asked != CacheMode.UC_MINUS) {
      return blocked(Rule.LIB_7, Errno.ENXIO, "registers; use ioremap");
    }
    if (range.equals(BOARD)) {
      return blocked(Rule.LIB_9, Errno.EBUSY, "the driver edu uses it");
    }
    if (range.equals(BUSY_DAX)) {
      return blocked(Rule.LIB_9, Errno.EBUSY, "the driver kmem uses it; unbind it");
    }
    if (range.equals(WINDOW) && asked == CacheMode.WB) {
      return AccessPath.through(asked, effective, CacheMode.UC_MINUS, "/bar2");
    }
    if (range.equals(PMEM) || asked == CacheMode.WT) {
      return blocked(Rule.LIB_6, Errno.ENOENT, "no file leads to it");
    }
    if (range.equals(DAX) && asked != CacheMode.WB) {
      return blocked(Rule.LIB_6, Errno.EOPNOTSUPP, "it gives WB alone");
    }
    return AccessPath.only(asked, effective);
  }

  private static AccessPath blocked(Rule rule, Errno errno, String sentence) {
    return new AccessPath.Blocked(new Refusal(errno, rule, sentence));
  }

  @Override
  public List<HardwareDevice> devices() {
    List<CacheMode> combining = List.of(CacheMode.WC, CacheMode.UC_MINUS);
    return List.of(
        new HardwareDevice(
            "0000:00:01.0",
            Kind.PCI,
            "PCI 1af4:1110",
            List.of(
                new Region(0, REGISTERS, true, List.of(CacheMode.UC_MINUS), List.of("/bar0"), ""),
                new Region(2, WINDOW, false, combining, List.of("/bar2", "/bar2_wc"), ""))),
        new HardwareDevice(
            "uio7",
            Kind.UIO,
            "board",
            List.of(
                new Region(
                    3,
                    BOARD,
                    true,
                    List.of(CacheMode.UC_MINUS),
                    List.of("/dev/uio7"),
                    "a driver uses it"))),
        new HardwareDevice(
            "namespace0.0",
            Kind.PMEM,
            "persistent memory, mode raw",
            List.of(
                new Region(
                    0, PMEM, false, List.of(CacheMode.WB), List.of(), "no file leads there"))),
        new HardwareDevice(
            "dax0.0",
            Kind.DAX,
            "device DAX, pages of 2M",
            List.of(new Region(0, DAX, false, List.of(CacheMode.WB), List.of("/dev/dax0.0"), ""))),
        new HardwareDevice(
            "dax1.0",
            Kind.DAX,
            "device DAX, pages of 4K",
            List.of(
                new Region(
                    0,
                    BUSY_DAX,
                    false,
                    List.of(CacheMode.WB),
                    List.of("/dev/dax1.0"),
                    "a driver uses it"))));
  }

  @Override
  public OptionalLong mappingLimit() {
    return bytes.mappingLimit();
  }

  @Override
  public String mappingLimitSource() {
    return bytes.mappingLimitSource();
  }

  @Override
  public void close() {
    bytes.close();
  }
}
