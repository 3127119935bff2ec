// SPDX-License-Identifier: Apache-2.0
package dev.memremap;

import dev.memremap.cache.CacheMode;
import dev.memremap.resource.PhysRange;
import dev.memremap.rule.Errno;
import dev.memremap.rule.MemremapException;
import dev.memremap.rule.Rule;
import dev.memremap.spi.Backing;
import dev.memremap.spi.MappedBytes;
import dev.memremap.spi.MemorySource;
import dev.memremap.testing.CutShort;
import dev.memremap.testing.LostRegisters;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Registers in simulated memory, and in memory that was attached, lose their memory. */
final class LostRegistersProgram {
  private LostRegistersProgram() {}

  /**
   * Runs.
   *
   * @param args how often an access is made before the memory goes
   */
  public static void main(String[] args) {
    int rounds = Integer.parseInt(args[0]);
    LostRegisters.run("simulated", Simulated::new, rounds);
    LostRegisters.run("attached", Attached::new, rounds);
  }

  private record Simulated(Machine machine, IoMemory registers) implements LostRegisters.Device {
    Simulated() {
      this(Machine.simulated(Machines.qemu()));
    }

    private Simulated(Machine machine) {
      this(machine, machine.ioremap(PhysRange.of(Machines.BAR, 4096)));
    }

    @Override
    public void pull() {
      CutShort.simulatedMemory(0);
    }

    @Override
    public void close() {
      machine.close();
    }
  }

  private record Attached(Machine machine, FileSource source, IoMemory registers)
      implements LostRegisters.Device {
    Attached() {
      this(Machine.simulated(Machines.qemu()), FileSource.make());
    }

    private Attached(Machine machine, FileSource source) {
      this(machine, source, machine.ioremap(machine.attach("pool", source).range()));
    }

    @Override
    public void pull() {
      CutShort.file(source.file);
    }

    @Override
    public void close() {
      machine.close();
    }
  }

  /** Uncached memory in a file. */
  private record FileSource(Path file) implements MemorySource, Backing {
    static FileSource make() {
      try {
        Path file = Files.createTempFile("registers", ".bin");
        Files.write(file, new byte[4096]);
        return new FileSource(file);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    @Override
    public String name() {
      return file.toString();
    }

    @Override
    public long sizeBytes() {
      return 4096;
    }

    @Override
    public CacheMode mode() {
      return CacheMode.UC_MINUS;
    }

    @Override
    public MappedBytes map(long offset, long length, Arena arena) {
      try (FileChannel channel =
          FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
        return new MappedBytes(
            channel.map(MapMode.READ_WRITE, offset, length, arena), CacheMode.UC_MINUS, this);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    @Override
    public void persist(MemorySegment mapped, long offset, long length) {
      throw new UnsupportedOperationException("registers");
    }

    @Override
    public void drain() {
      throw new UnsupportedOperationException("registers");
    }

    @Override
    public MemremapException lost(InternalError error) {
      return new MemremapException(Errno.EIO, Rule.LIB_8, "the file was cut short");
    }

    @Override
    public void close() {
      try {
        Files.deleteIfExists(file);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
