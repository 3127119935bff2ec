// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli;

import static dev.memremap.plan.MemremapFlag.WB;
import static dev.memremap.plan.MemremapFlag.WC;

import dev.memremap.IoMemory;
import dev.memremap.Machine;
import dev.memremap.Mapping;
import dev.memremap.linux.Memfd;
import dev.memremap.resource.PhysRange;
import dev.memremap.resource.Resource;
import dev.memremap.spi.HardwareDevice;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/**
 * Runs inside a guest with another processor than x86-64: prints what the command and the library
 * say there, a line each, for the host to judge.
 */
public final class OnAnotherLinux {
  /** Where in the BAR's second page the host has stored this, and in the third wants that. */
  static final String OF_HOST = "stored by the host: ~";

  static final String OF_GUEST = "stored by the guest: |";
  static final String OF_COMMAND = "stored by command";
  static final long OF_HOST_AT = 0x10000;
  static final long OF_GUEST_AT = 0x20000;
  static final long OF_COMMAND_AT = 0x30000;
  static final String ENDED = "all was tried";

  private static final long PAGE_AT_MOST = 0x10000;

  private OnAnotherLinux() {}

  /** Prints what was seen. */
  public static void main(String[] arguments) throws IOException {
    PhysRange bar;
    try (Machine machine = Machine.host()) {
      say("architecture %s", machine.description().architecture().id());
      say("pages %d", machine.pageSize());
      machine.description().facts().forEach(known -> say("fact %s: %s", known.fact().id(), known));
      bar = pci(machine, "1af4:1110").region(2).range();
      bar(machine, bar);
      registers(machine, pci(machine, "1234:11e8").region(0).range());
      memfd(machine);
    }
    command("devices");
    command("read", hex(bar.start() + OF_HOST_AT), "--count", "8", "--width", "8");
    Path input = Files.writeString(Path.of("/tmp/input"), OF_COMMAND);
    command("write", hex(bar.start() + OF_COMMAND_AT), "--input", input.toString());
    command("explain", hex(bar.start()), "4K", "WC");
    command("plan", "0x40000000+256M", "--type", "GENERIC");
    say(ENDED);
  }

  private static void bar(Machine machine, PhysRange bar) {
    try (Mapping mapping =
        machine.memremap(PhysRange.of(bar.start() + OF_HOST_AT, 2 * PAGE_AT_MOST), WC)) {
      byte[] found = mapping.segment().asSlice(0, OF_HOST.length()).toArray(ValueLayout.JAVA_BYTE);
      say(
          "bar mode %s, bytes '%s'",
          mapping.cacheMode(), new String(found, StandardCharsets.US_ASCII));
      byte[] stored = OF_GUEST.getBytes(StandardCharsets.US_ASCII);
      for (int i = 0; i < stored.length; i++) {
        mapping.segment().set(ValueLayout.JAVA_BYTE, OF_GUEST_AT - OF_HOST_AT + i, stored[i]);
      }
    }
  }

  /** QEMU's edu device inverts what is written to its second register. */
  private static void registers(Machine machine, PhysRange range) {
    try (IoMemory registers = machine.ioremap(range)) {
      registers.write32(4, 0x12345678);
      say("edu identifies as 0x%08x, inverts to 0x%08x", registers.read32(0), registers.read32(4));
    }
  }

  private static void memfd(Machine machine) throws IOException {
    long size = 4 * PAGE_AT_MOST;
    Resource pool = machine.attach("pool", Memfd.of("pool", size));
    try (Mapping mapping = machine.memremap(pool.range(), WB)) {
      mapping.segment().set(ValueLayout.JAVA_INT, PAGE_AT_MOST + 8, 0x600df00d);
      try (RandomAccessFile file = new RandomAccessFile(descriptor("pool").toFile(), "r")) {
        file.seek(PAGE_AT_MOST + 8);
        say(
            "memfd of %d bytes, mode %s, its file has 0x%08x",
            file.length(), mapping.cacheMode(), Integer.reverseBytes(file.readInt()));
      }
    }
  }

  private static Path descriptor(String name) throws IOException {
    try (Stream<Path> descriptors = Files.list(Path.of("/proc/self/fd"))) {
      return descriptors.filter(path -> isMemfd(path, name)).findFirst().orElseThrow();
    }
  }

  private static boolean isMemfd(Path descriptor, String name) {
    try {
      return Files.readSymbolicLink(descriptor).toString().startsWith("/memfd:" + name);
    } catch (IOException closedMeanwhile) {
      return false;
    }
  }

  private static HardwareDevice pci(Machine machine, String vendorAndDevice) {
    return machine.hardware().stream()
        .filter(device -> device.description().startsWith("PCI " + vendorAndDevice))
        .findFirst()
        .orElseThrow(
            () ->
                new AssertionError("no PCI device " + vendorAndDevice + ": " + machine.hardware()));
  }

  private static void command(String... words) {
    CommandRun run = CommandRun.run(words);
    say("%s ended with %d", words[0], run.status());
    run.out().lines().forEach(line -> say("%s: %s", words[0], line));
    run.err().lines().forEach(line -> say("%s, errors: %s", words[0], line));
  }

  private static String hex(long address) {
    return "0x" + Long.toHexString(address);
  }

  private static void say(String format, Object... values) {
    System.out.println(format.formatted(values));
  }
}
