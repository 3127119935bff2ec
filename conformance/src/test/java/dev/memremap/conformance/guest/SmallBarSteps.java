// SPDX-License-Identifier: Apache-2.0
package dev.memremap.conformance.guest;

import static dev.memremap.spi.HostMemory.Permission.ENABLE;

import dev.memremap.IoMemory;
import dev.memremap.Machine;
import dev.memremap.resource.PhysRange;
import dev.memremap.spi.HardwareDevice;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * BARs of 256 bytes: those of the ivshmem, of an RTL8139 network card and of an OHCI USB
 * controller. Each device has a register that tells it from its neighbours. The firmware gives each
 * BAR a page of its own; the kernel, which places the BARs of devices that it finds later, puts
 * small ones side by side, so the card and the controller are removed and found again.
 */
public final class SmallBarSteps {
  /** The address of the network card, which its first six registers hold. */
  public static final String MAC = "52:54:00:a1:b2:c3";

  private static final String NETWORK_CARD = "10ec:8139";
  private static final String USB_CONTROLLER = "106b:003f";

  /** Registers of the ivshmem and the USB controller that can be written and read. */
  private static final int INTERRUPT_MASK = 0;

  private static final int COMMUNICATION_AREA = 0x18;
  private static final int REVISION = 0;
  private static final int OHCI_1_0 = 0x10;

  private static final int ROM_LINE = 6;
  private static final int FIRST_WINDOW_LINE = 13;
  private static final int BAR_0 = 0x10;
  private static final int TYPE_64 = 4;

  private SmallBarSteps() {}

  static List<Step> all() {
    return List.of(
        new Step(
            "a BAR that begins inside a page is mapped from its own first byte",
            SmallBarSteps::own),
        new Step(
            "what is stored in a small BAR stays out of its neighbours", SmallBarSteps::neighbours),
        new Step(
            "a PCI device's regions are its BARs, not its ROM or a bridge's windows",
            SmallBarSteps::regions));
  }

  /** The small BAR of a device. */
  private static PhysRange small(Machine machine, String vendorAndDevice) {
    return Computer.pci(machine, vendorAndDevice).regions().stream()
        .map(HardwareDevice.Region::range)
        .filter(range -> range.sizeBytes() == 256)
        .findFirst()
        .orElseThrow(() -> new AssertionError(vendorAndDevice + " has no BAR of 256 bytes"));
  }

  private static void own() throws IOException {
    try (Machine machine = Machine.host()) {
      for (String device : List.of(NETWORK_CARD, USB_CONTROLLER)) {
        String name = Computer.pci(machine, device).name();
        Computer.write("/sys/bus/pci/devices/" + name + "/remove", "1");
      }
      Computer.write("/sys/bus/pci/rescan", "1");
    }
    try (Machine machine = Machine.host(ENABLE)) {
      PhysRange card = small(machine, NETWORK_CARD);
      PhysRange usb = small(machine, USB_CONTROLLER);
      PhysRange ivshmem = small(machine, Computer.IVSHMEM);
      System.out.printf("  small BARs: %s, %s, %s%n", card, usb, ivshmem);
      Expect.equal(card.start() & -4096, usb.start() & -4096, "page of both BARs");
      try (IoMemory memory = machine.ioremap(card)) {
        Expect.contains(memory.backing(), "/resource1");
        for (int i = 0; i < 6; i++) {
          int expected = Integer.parseInt(MAC.substring(3 * i, 3 * i + 2), 16);
          Expect.equal(expected, memory.read8(i), "byte %d of the card's address".formatted(i));
        }
      }
      try (IoMemory memory = machine.ioremap(usb)) {
        Expect.equal(OHCI_1_0, memory.read32(REVISION) & 0xff, "the controller's revision");
      }
      // a part of a BAR is at its own offset, too
      try (IoMemory part = machine.ioremap(PhysRange.of(card.start() + 4, 2))) {
        Expect.equal(0xc3b2, part.read16(0), "the last two bytes of the card's address");
      }
    }
  }

  private static void neighbours() {
    try (Machine machine = Machine.host(ENABLE);
        IoMemory card = machine.ioremap(small(machine, NETWORK_CARD));
        IoMemory usb = machine.ioremap(small(machine, USB_CONTROLLER));
        IoMemory ivshmem = machine.ioremap(small(machine, Computer.IVSHMEM))) {
      long address = card.read32(0);
      ivshmem.write32(INTERRUPT_MASK, 0x5);
      usb.write32(COMMUNICATION_AREA, 0x12345600);
      Expect.equal(0x5, ivshmem.read32(INTERRUPT_MASK), "the ivshmem's register");
      Expect.equal(0x12345600, usb.read32(COMMUNICATION_AREA), "the controller's register");
      Expect.equal(address, (long) card.read32(0), "the card's registers");
      Expect.equal(OHCI_1_0, usb.read32(REVISION) & 0xff, "the controller's revision");
      ivshmem.write32(INTERRUPT_MASK, 0);
      usb.write32(COMMUNICATION_AREA, 0);
      Expect.equal(0, ivshmem.read32(INTERRUPT_MASK), "the ivshmem's register");
    }
  }

  private static void regions() throws IOException {
    boolean rom = false;
    boolean window = false;
    try (Machine machine = Machine.host(ENABLE)) {
      for (HardwareDevice device : machine.hardware()) {
        if (device.kind() != HardwareDevice.Kind.PCI) {
          continue;
        }
        Path directory = Path.of("/sys/bus/pci/devices", device.name());
        ByteBuffer config =
            ByteBuffer.wrap(Files.readAllBytes(directory.resolve("config")))
                .order(ByteOrder.LITTLE_ENDIAN);
        for (HardwareDevice.Region region : device.regions()) {
          Expect.that(region.index() < ROM_LINE, device + " has BARs alone");
          Expect.equal(
              region.range().start(),
              address(config, region.index()),
              "address of BAR %d of %s".formatted(region.index(), device.name()));
        }
        List<String> lines = Files.readAllLines(directory.resolve("resource"));
        rom |= isUsed(lines, ROM_LINE);
        window |= isUsed(lines, FIRST_WINDOW_LINE + 1) && !device.regions().isEmpty();
      }
    }
    Expect.that(rom, "a device of these has an expansion ROM");
    Expect.that(window, "a device of these is a bridge with a window");
  }

  private static boolean isUsed(List<String> lines, int line) {
    return line < lines.size() && !lines.get(line).endsWith(" 0x0000000000000000");
  }

  /** What the device itself says of where a BAR lies. */
  private static long address(ByteBuffer config, int bar) {
    int low = config.getInt(BAR_0 + 4 * bar);
    long high = (low & TYPE_64) == 0 ? 0 : config.getInt(BAR_0 + 4 * bar + 4);
    return high << 32 | Integer.toUnsignedLong(low & ~0xf);
  }
}
