// SPDX-License-Identifier: Apache-2.0
package dev.memremap.linux;

import dev.memremap.Machine;
import dev.memremap.machine.MachineDescription;
import dev.memremap.resource.PhysRange;
import dev.memremap.resource.ResourceSnapshot;
import dev.memremap.spi.HostMemory.Permission;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A computer of files: what {@code /sys}, {@code /proc} and {@code /dev} of another would show. The
 * files that stand for memory are regular ones, so what is mapped is real, and a test may look into
 * them from the other side.
 */
final class Computer {
  static final String GPU = "0000:03:00.0";
  static final PhysRange REGISTERS = PhysRange.of(0xfea00000L, 0x4000);
  static final PhysRange WINDOW = PhysRange.of(0xfd000000L, 1 << 20);
  static final PhysRange DAX = PhysRange.of(0x100000000L, 8L << 20);
  static final PhysRange UIO = PhysRange.of(0xfeb00100L, 0x200);
  static final PhysRange RAM = PhysRange.of(0x100000, 0x3ff00000);
  static final PhysRange FIRMWARE = PhysRange.of(0xe0000000L, 0x10000);

  private static final String IOMEM =
      """
      00100000-3fffffff : System RAM
      e0000000-e000ffff : Reserved
      fd000000-fdffffff : PCI Bus 0000:03
        fd000000-fd0fffff : 0000:03:00.0
      fea00000-fea03fff : 0000:03:00.0
      feb00000-feb00fff : 0000:04:00.0
      fec00000-fec003ff : IOAPIC 0
      100000000-1007fffff : dax0.0
      """;

  final Path root;
  final FaultySyscalls calls;
  private MachineDescription description = MachineDescription.parse(IOMEM).with("phys-bits", "40");
  private @Nullable Flusher libpmem;
  private @Nullable String unreadable;

  Computer(Path root) {
    this(root, Native.calls());
  }

  /** A computer whose devices are mapped through another door than the C library. */
  Computer(Path root, Syscalls door) {
    this.root = root;
    this.calls = new FaultySyscalls(door);
  }

  /** A computer with one device of each kind, and a {@code /dev/mem} that permits everything. */
  static Computer withEverything(Path root) {
    Computer computer = new Computer(root);
    computer.pci(GPU, "10de", "20f1");
    computer.bar(GPU, 0, REGISTERS, false);
    computer.bar(GPU, 1, WINDOW, true);
    computer.dax("dax0.0", DAX, 2 << 20);
    computer.uio("uio0", UIO);
    computer.devMem();
    return computer;
  }

  Path path(String below) {
    return root.resolve(below);
  }

  Computer write(String below, String text) {
    try {
      Files.createDirectories(path(below).getParent());
      Files.writeString(path(below), text);
      return this;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A file that stands for memory. */
  Computer memory(String below, long bytes) {
    try {
      Files.createDirectories(path(below).getParent());
      try (RandomAccessFile file = new RandomAccessFile(path(below).toFile(), "rw")) {
        file.setLength(bytes);
      }
      return this;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  Computer link(String below, String target) {
    try {
      Files.createDirectories(path(below).getParent());
      Files.createSymbolicLink(path(below), Path.of(target));
      return this;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Takes a directory or a file away, as when a device is pulled. */
  void pull(String below) {
    try {
      Files.walkFileTree(
          path(below),
          new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
                throws IOException {
              Files.delete(file);
              return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException failure)
                throws IOException {
              Files.delete(directory);
              return FileVisitResult.CONTINUE;
            }
          });
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  Computer pci(String name, String vendor, String device) {
    String directory = PciDevices.DIRECTORY + name;
    write(directory + "/vendor", "0x" + vendor + "\n");
    write(directory + "/device", "0x" + device + "\n");
    write(directory + "/enable", "0\n");
    write(directory + "/config", "\0\0\0\0\2\0" + "\0".repeat(58));
    return write(directory + "/resource", "0x0 0x0 0x0\n".repeat(7));
  }

  Computer switchedOff(String name) {
    return write(PciDevices.DIRECTORY + name + "/config", "\0".repeat(64));
  }

  Computer bar(String name, int index, PhysRange range, boolean prefetchable) {
    String directory = PciDevices.DIRECTORY + name + "/";
    String[] lines = text(directory + "resource").split("\n", -1);
    lines[index] =
        "0x%016x 0x%016x 0x%016x"
            .formatted(range.start(), range.endInclusive(), prefetchable ? 0x14220cL : 0x40200L);
    write(directory + "resource", String.join("\n", lines));
    memory(directory + "resource" + index, range.sizeBytes());
    return prefetchable ? memory(directory + "resource" + index + "_wc", range.sizeBytes()) : this;
  }

  Computer driver(String directory, String driver) {
    return link(directory + "/driver", "../../../../bus/drivers/" + driver);
  }

  Computer dax(String name, PhysRange range, long align) {
    write("sys/devices/platform/region0/mode", "pmem\n");
    String place = "sys/devices/platform/region0/" + name;
    write(place + "/resource", "0x%x\n".formatted(range.start()));
    write(place + "/size", range.sizeBytes() + "\n");
    write(place + "/align", align + "\n");
    link(DaxDevices.DIRECTORY + name, path(place).toString());
    return memory("dev/" + name, range.sizeBytes());
  }

  Computer uio(String name, PhysRange range) {
    String directory = UioDevices.DIRECTORY + name;
    write(directory + "/name", "board\n");
    return uioMap(name, 0, range).memory("dev/" + name, Posix.PAGE);
  }

  Computer uioMap(String name, int index, PhysRange range) {
    String map = UioDevices.DIRECTORY + name + "/maps/map" + index;
    write(map + "/addr", "0x%x\n".formatted(range.start()));
    return write(map + "/size", "0x%x\n".formatted(range.sizeBytes()));
  }

  Computer architecture(String name) {
    description = description.with("arch", name);
    return this;
  }

  Computer devMem() {
    return memory("dev/mem", 4L << 30);
  }

  Computer libpmem(Flusher flusher) {
    libpmem = flusher;
    return this;
  }

  Computer unreadable(String why) {
    unreadable = why;
    return this;
  }

  String text(String below) {
    try {
      return Files.readString(path(below));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  LinuxMemory linuxMemory(Permission... permissions) {
    return new LinuxMemory(
        new Sysfs(root),
        new Posix(calls),
        () -> new ResourceSnapshot(description.root()),
        unreadable,
        Set.of(permissions),
        () -> Optional.ofNullable(libpmem));
  }

  Machine machine(Permission... permissions) {
    return Machine.builder(description).memory(linuxMemory(permissions)).build();
  }
}
