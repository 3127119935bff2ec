// SPDX-License-Identifier: Apache-2.0

import static dev.memremap.plan.MemremapFlag.WB;
import static dev.memremap.spi.HostMemory.Permission.ENABLE;

import dev.memremap.Device;
import dev.memremap.IoMemory;
import dev.memremap.Machine;
import dev.memremap.Mapping;
import dev.memremap.resource.PhysRange;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.function.BooleanSupplier;

/**
 * A driver in user space for "edu", QEMU's PCI device for learning to write drivers (docs/specs/edu
 * of QEMU): it identifies itself, inverts, computes factorials, and copies memory by DMA. This
 * driver polls; it uses no interrupts.
 *
 * <p>In a guest started with {@code -device edu}, as root:
 *
 * <pre>java --enable-native-access=ALL-UNNAMED -cp core/target/classes:linux/target/classes \
 *     examples/java/EduDevice.java [ADDRESS]</pre>
 *
 * <p>ADDRESS is that of two pages of memory for the DMA. They must be unused, and below 256
 * MiB, for the device has 28 address lines: {@code memmap=1M!192M} on the guest's command line sets
 * such memory aside at 0xc000000, and {@code echo namespace0.0 >/sys/bus/nd/drivers/nd_pmem/unbind}
 * takes it from the kernel's own driver. On x86 a processor's caches see what a device's DMA does.
 */
final class EduDevice {
  private static final int IDENTIFICATION = 0x00;
  private static final int LIVENESS = 0x04;
  private static final int FACTORIAL = 0x08;
  private static final int STATUS = 0x20;
  private static final int STATUS_COMPUTING = 0x01;
  private static final int DMA_SOURCE = 0x80;
  private static final int DMA_DESTINATION = 0x88;
  private static final int DMA_COUNT = 0x90;
  private static final int DMA_COMMAND = 0x98;
  private static final int DMA_START = 0x01;
  private static final int DMA_TO_MEMORY = 0x02;

  /** The device's own memory, as its DMA addresses it. */
  private static final long BUFFER = 0x40000;

  /** One less than there is: many a QEMU takes a copy that ends with the last byte for an error. */
  private static final int MOST_BYTES = 4095;

  private static final int PAGE = 4096;
  private static final int BYTES = 2048;

  private final IoMemory registers;

  private EduDevice(Device device) {
    registers = device.ioremap(device.bar(0));
    int found = registers.read32(IDENTIFICATION);
    if ((found & 0xff) != 0xed) {
      throw new IllegalStateException("%s is not an edu: it says 0x%08x".formatted(device, found));
    }
  }

  String revision() {
    int identification = registers.read32(IDENTIFICATION);
    return (identification >>> 24) + "." + (identification >>> 16 & 0xff);
  }

  int invert(int value) {
    registers.write32(LIVENESS, value);
    return registers.read32(LIVENESS);
  }

  int factorial(int of) throws InterruptedException {
    registers.write32(FACTORIAL, of);
    await(() -> (registers.read32(STATUS) & STATUS_COMPUTING) == 0);
    return registers.read32(FACTORIAL);
  }

  /** Copies memory into the device. */
  void copyIn(long physicalAddress, int bytes) throws InterruptedException {
    copy(physicalAddress, BUFFER, bytes, DMA_START);
  }

  /** Copies out of the device into memory. */
  void copyOut(long physicalAddress, int bytes) throws InterruptedException {
    copy(BUFFER, physicalAddress, bytes, DMA_START | DMA_TO_MEMORY);
  }

  private void copy(long from, long to, int bytes, int command) throws InterruptedException {
    if (bytes > MOST_BYTES) {
      throw new IllegalArgumentException("the device takes up to 4095 bytes, not " + bytes);
    }
    registers.write64(DMA_SOURCE, from);
    registers.write64(DMA_DESTINATION, to);
    registers.write64(DMA_COUNT, bytes);
    registers.write64(DMA_COMMAND, command);
    await(() -> (registers.read64(DMA_COMMAND) & DMA_START) == 0);
  }

  private static void await(BooleanSupplier done) throws InterruptedException {
    for (int i = 0; i < 5000; i++) {
      if (done.getAsBoolean()) {
        return;
      }
      Thread.sleep(1);
    }
    throw new IllegalStateException("the device has not answered for five seconds");
  }

  public static void main(String[] args) throws IOException, InterruptedException {
    try (Machine machine = Machine.host(ENABLE)) {
      String name =
          machine.hardware().stream()
              .filter(hardware -> hardware.description().startsWith("PCI 1234:11e8"))
              .findFirst()
              .orElseThrow(() -> new IllegalStateException("no edu here: qemu ... -device edu"))
              .name();
      Device device = machine.device(name);
      EduDevice edu = new EduDevice(device);
      System.out.println(name + " is an edu of revision " + edu.revision());
      System.out.printf("it inverts 0x12345678 to 0x%08x%n", edu.invert(0x12345678));
      System.out.println("it computes 10! = " + edu.factorial(10));
      if (args.length > 0) {
        busMaster(name, true);
        device.devres().addAction(() -> busMasterOff(name)); // before the registers are unmapped
        throughTheDevice(machine, edu, Long.decode(args[0]));
      }
      System.out.println("released: " + device.release() + " resources");
    }
  }

  /** Sends the beginning of one page to the device, and has it back in the next page. */
  private static void throughTheDevice(Machine machine, EduDevice edu, long address)
      throws InterruptedException {
    byte[] sent = new byte[BYTES];
    Arrays.fill(sent, (byte) '.');
    byte[] text = "through a device and back".getBytes(StandardCharsets.US_ASCII);
    System.arraycopy(text, 0, sent, 0, text.length);
    try (Mapping memory = machine.memremap(PhysRange.of(address, 2 * PAGE), WB)) {
      MemorySegment there = memory.segment().asSlice(0, PAGE);
      MemorySegment back = memory.segment().asSlice(PAGE);
      there.copyFrom(MemorySegment.ofArray(sent));
      back.fill((byte) 0);

      edu.copyIn(address, BYTES);
      there.fill((byte) 0); // what comes back can come from the device alone
      edu.copyOut(address + PAGE, BYTES);

      boolean same = Arrays.equals(sent, back.asSlice(0, BYTES).toArray(ValueLayout.JAVA_BYTE));
      System.out.printf(
          "DMA through %s: %s bytes%n", memory.backing(), same ? "the same" : "other");
    }
  }

  /** Bit 2 of a PCI device's command register: whether it may address memory by itself. */
  private static void busMaster(String name, boolean on) throws IOException {
    try (RandomAccessFile config =
        new RandomAccessFile("/sys/bus/pci/devices/" + name + "/config", "rw")) {
      config.seek(4);
      int command = config.read();
      config.seek(4);
      config.write(on ? command | 4 : command & ~4);
    }
  }

  private static void busMasterOff(String name) {
    try {
      busMaster(name, false);
    } catch (IOException e) {
      System.err.println(name + " may still address memory: " + e.getMessage());
    }
  }
}
