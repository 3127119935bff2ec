// SPDX-License-Identifier: Apache-2.0
package dev.memremap.conformance.guest;

import static dev.memremap.plan.MemremapFlag.WB;
import static dev.memremap.plan.MemremapFlag.WC;
import static dev.memremap.spi.HostMemory.Permission.ENABLE;

import dev.memremap.IoMemory;
import dev.memremap.Machine;
import dev.memremap.Mapping;
import dev.memremap.cache.CacheMode;
import dev.memremap.plan.MemremapFlag;
import dev.memremap.resource.PhysRange;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/**
 * A PCI BAR, uncached and write-combining. That its bytes are in the backing file is for the host
 * to see.
 */
final class BarSteps {
  private static final int MIB = 1 << 20;

  private BarSteps() {}

  static List<Step> all() {
    return List.of(
        new Step("a BAR mapped UC-, as the kernel's list says", BarSteps::uncached),
        new Step("a BAR mapped WC, as the kernel's list says", BarSteps::combined),
        new Step("what the host stored is read from a BAR, UC- and WC", BarSteps::ofHost),
        new Step("a BAR by single accesses, of each width and order", BarSteps::registers),
        new Step("the speed of both modes is reported", BarSteps::speed));
  }

  private static void uncached() throws Exception {
    store(Pattern.UNCACHED, WB, CacheMode.UC_MINUS, "uncached-minus", "resource2");
  }

  private static void combined() throws Exception {
    store(Pattern.COMBINED, WC, CacheMode.WC, "write-combining", "resource2_wc");
  }

  private static void store(
      Pattern pattern, MemremapFlag flag, CacheMode mode, String tracked, String file)
      throws Exception {
    try (Machine machine = Machine.host(ENABLE)) {
      PhysRange page = Computer.barAt(machine, pattern.barOffset(), Pattern.LENGTH);
      Expect.equal(List.of(), Computer.trackedModes(page), "the kernel's list before");
      try (Mapping mapping = machine.memremap(page, flag)) {
        Expect.equal(mode, mapping.cacheMode(), "mode");
        Expect.that(mapping.backing().endsWith("/" + file), mapping.backing() + " is " + file);
        pattern.storeIn(mapping.segment(), 0);
        pattern.requireIn(mapping.segment(), 0, "the BAR");
        List<String> lines = Computer.trackedModes(page);
        Expect.equal(1, lines.size(), "lines of the kernel's list while it is mapped");
        Expect.that(lines.getFirst().endsWith(tracked), lines + " is " + tracked);
      }
      Expect.equal(List.of(), Computer.trackedModes(page), "the kernel's list after memunmap");
    }
  }

  private static void ofHost() {
    try (Machine machine = Machine.host(ENABLE)) {
      PhysRange page = Computer.barAt(machine, Pattern.OF_HOST.barOffset(), Pattern.LENGTH);
      for (MemremapFlag flag : List.of(WB, WC)) {
        try (Mapping mapping = machine.memremap(page, flag)) {
          Pattern.OF_HOST.requireIn(mapping.segment(), 0, "a BAR mapped " + mapping.cacheMode());
        }
      }
    }
  }

  /** Writes the pattern's bytes by accesses whose width and order alternate. */
  private static void registers() {
    ByteBuffer bytes = ByteBuffer.wrap(Pattern.REGISTERS.bytes());
    try (Machine machine = Machine.host(ENABLE);
        IoMemory memory =
            machine.ioremap(
                Computer.barAt(machine, Pattern.REGISTERS.barOffset(), Pattern.LENGTH))) {
      Expect.equal(CacheMode.UC_MINUS, memory.cacheMode(), "mode");
      IoMemory[] byOrder = {memory, memory.bigEndian()};
      ByteOrder[] orders = {ByteOrder.LITTLE_ENDIAN, ByteOrder.BIG_ENDIAN};
      for (int at = 0; at < Pattern.LENGTH; at += 32) {
        int turn = at / 32 % 2;
        bytes.order(orders[turn]);
        access(byOrder[turn], bytes, at);
      }
    }
  }

  private static void access(IoMemory memory, ByteBuffer bytes, int at) {
    memory.write64(at, bytes.getLong(at));
    memory.write64(at + 8, bytes.getLong(at + 8));
    memory.write32(at + 16, bytes.getInt(at + 16));
    memory.write16(at + 20, bytes.getShort(at + 20));
    memory.write8(at + 22, bytes.get(at + 22));
    memory.write8(at + 23, bytes.get(at + 23));
    memory.write64(at + 24, bytes.getLong(at + 24));
    Expect.equal(bytes.getLong(at), memory.read64(at), "64 bits");
    Expect.equal(bytes.getInt(at + 16), memory.read32(at + 16), "32 bits");
    Expect.equal(Short.toUnsignedInt(bytes.getShort(at + 20)), memory.read16(at + 20), "16 bits");
    Expect.equal(Byte.toUnsignedInt(bytes.get(at + 22)), memory.read8(at + 22), "8 bits");
  }

  /** Emulated processors have neither caches nor buffers, so nothing is expected of the numbers. */
  private static void speed() {
    try (Machine machine = Machine.host(ENABLE)) {
      for (MemremapFlag flag : List.of(WB, WC)) {
        storedPerSecond(machine, flag);
      }
      for (MemremapFlag flag : List.of(WB, WC, WC, WB, WB, WC)) {
        System.out.println(storedPerSecond(machine, flag));
      }
    }
  }

  private static String storedPerSecond(Machine machine, MemremapFlag flag) {
    MemorySegment bytes = MemorySegment.ofArray(new byte[MIB]);
    try (Mapping mapping = machine.memremap(Computer.barAt(machine, 12 * MIB, MIB), flag)) {
      long start = System.nanoTime();
      for (int i = 0; i < 8; i++) {
        mapping.copyFrom(0, bytes);
      }
      double seconds = (System.nanoTime() - start) / 1e9;
      return "  %s: %.0f MiB/s stored".formatted(mapping.cacheMode(), 8 / seconds);
    }
  }
}
