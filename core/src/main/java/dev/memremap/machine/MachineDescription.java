// SPDX-License-Identifier: Apache-2.0
package dev.memremap.machine;

import dev.memremap.cache.CacheMode;
import dev.memremap.internal.geometry.PageGeometry;
import dev.memremap.resource.IomemText;
import dev.memremap.resource.PhysRange;
import dev.memremap.resource.Resource;
import dev.memremap.resource.ResourceSnapshot;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What a machine is: its resource tree and the few facts about it that a resource tree does not
 * tell. A machine file says the same as text: {@code # KEY=VALUE} lines, then a {@code
 * /proc/iomem}.
 *
 * <p>Thread safety: immutable.
 *
 * @param architecture whose rules hold
 * @param physBits the width of a physical address in bits, 32 to 52
 * @param mtrrUncachable the ranges the MTRRs make uncachable; null for the default, from the end of
 *     RAM below 4 GiB up to 4 GiB
 * @param memtypes what the kernel itself has mapped already, and how
 * @param encryption how memory is encrypted
 * @param memmap the geometry of page structures; null leaves it to whoever makes the machine
 * @param pageSize the page size in bytes
 * @param bars which regions of devices have which number, and which driver has them
 * @param bootData what the firmware left unencrypted in System RAM (the setup_data chain, EFI
 *     tables); counts only where the host encrypts memory (ENC-5)
 * @param root the resource tree
 */
public record MachineDescription(
    Architecture architecture,
    int physBits,
    @Nullable List<PhysRange> mtrrUncachable,
    List<Memtype> memtypes,
    MemEncryption encryption,
    @Nullable MemmapGeometry memmap,
    int pageSize,
    List<Bar> bars,
    List<PhysRange> bootData,
    Resource root) {

  static final int DEFAULT_PHYS_BITS = PageGeometry.X86_64.physmemBits();

  /**
   * A range the kernel has mapped before any caller comes.
   *
   * @param range whole pages
   * @param mode the mode it is mapped with
   */
  public record Memtype(PhysRange range, CacheMode mode) {
    /** Checks the parts. */
    public Memtype {
      Objects.requireNonNull(range, "range");
      Objects.requireNonNull(mode, "mode");
    }

    @Override
    public String toString() {
      return "0x%x+0x%x:%s".formatted(range.start(), range.sizeBytes(), mode);
    }
  }

  /**
   * A base address register of a PCI device: where one region of it lies.
   *
   * @param device the device's name, {@code 0000:03:00.0}
   * @param index the register's number, 0 to 5
   * @param range where the region lies
   * @param prefetchable whether reading it has no side effects
   * @param driver the kernel driver that uses the device; null if none does, or it is not known
   */
  public record Bar(
      String device, int index, PhysRange range, boolean prefetchable, @Nullable String driver) {
    private static final int MAX_INDEX = 5;

    /** Checks the parts. */
    public Bar {
      Objects.requireNonNull(device);
      Objects.requireNonNull(range);
      if (index < 0 || index > MAX_INDEX) {
        throw new IllegalArgumentException(
            "%s has no BAR %d; a device's BARs are 0 to 5".formatted(device, index));
      }
    }

    /** Whether it lies whole in a resource of this tree, System RAM aside. */
    public boolean isListedIn(Resource tree) {
      return new ResourceSnapshot(tree)
          .pathTo(range.start()).stream()
              .anyMatch(resource -> !resource.isSystemRam() && resource.range().contains(range));
    }

    /** As a machine file writes it: {@code 0000:03:00.0,2,0xfd000000+0x1000000,prefetch}. */
    @Override
    public String toString() {
      return "%s,%d,0x%x+0x%x%s%s"
          .formatted(
              device,
              index,
              range.start(),
              range.sizeBytes(),
              prefetchable ? ",prefetch" : "",
              driver == null ? "" : "," + driver);
    }
  }

  /** Checks the parts. */
  public MachineDescription {
    Objects.requireNonNull(architecture, "architecture");
    Objects.requireNonNull(encryption, "encryption");
    Objects.requireNonNull(root, "root");
    mtrrUncachable = mtrrUncachable == null ? null : List.copyOf(mtrrUncachable);
    memtypes = List.copyOf(memtypes);
    bars = List.copyOf(bars);
    bootData = List.copyOf(bootData);
    requireDifferent(bars);
    requireListed(bars, root);
    if (physBits < 32 || physBits > 52) {
      throw new IllegalArgumentException(
          "phys-bits is " + physBits + "; a physical address has 32 to 52 bits");
    }
    boolean knownPageSize = pageSize == 4096 || pageSize == 16384 || pageSize == 65536;
    if (!knownPageSize || (architecture == Architecture.X86_64 && pageSize != 4096)) {
      throw new IllegalArgumentException(
          "pages of %d bytes do not exist on %s; x86_64 has 4K, other architectures 4K, 16K or 64K"
              .formatted(pageSize, architecture.id()));
    }
  }

  private static void requireDifferent(List<Bar> bars) {
    Set<String> seen = new HashSet<>();
    for (Bar bar : bars) {
      if (!seen.add(bar.device + "," + bar.index)) {
        throw new IllegalArgumentException(
            "BAR %d of %s is given twice; keep one".formatted(bar.index, bar.device));
      }
    }
  }

  private static void requireListed(List<Bar> bars, Resource root) {
    for (Bar bar : bars) {
      if (!bar.isListedIn(root)) {
        throw new IllegalArgumentException(
            "bar=%s lies in no resource of the machine but System RAM; list the device's region in its resource tree, or leave the line out"
                .formatted(bar));
      }
    }
  }

  /** An x86_64 machine with this resource tree and the defaults for everything else. */
  public static MachineDescription of(Resource root) {
    return new MachineDescription(
        Architecture.X86_64,
        DEFAULT_PHYS_BITS,
        null,
        List.of(),
        MemEncryption.NONE,
        null,
        (int) PageGeometry.X86_64.pageBytes(),
        List.of(),
        List.of(),
        root);
  }

  /**
   * Reads a machine file's text.
   *
   * @throws IllegalArgumentException if it is not one; the sentence names the line
   */
  public static MachineDescription parse(String text) {
    return parse(text, "machine text");
  }

  /**
   * Reads a machine file's text.
   *
   * @param source what errors call it, a file's name for one
   * @throws IllegalArgumentException if it is not one; the sentence names source and line
   */
  public static MachineDescription parse(String text, String source) {
    return read(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)), source);
  }

  /**
   * Reads a machine file, or a plain copy of {@code /proc/iomem}.
   *
   * @throws IllegalArgumentException if it is not one; the sentence names file and line
   * @throws UncheckedIOException if it cannot be read
   */
  public static MachineDescription read(Path file) {
    try (InputStream in = Files.newInputStream(file)) {
      return read(in, file.toString());
    } catch (NoSuchFileException e) {
      throw new UncheckedIOException(file + ": this machine file does not exist", e);
    } catch (IOException e) {
      throw new UncheckedIOException(file + ": cannot be read (" + e.getMessage() + ")", e);
    }
  }

  /**
   * The machine this JVM runs on, as its Linux shows it.
   *
   * @throws IllegalArgumentException if {@code /proc/iomem} shows zeros, as it does without
   *     privilege
   * @throws UncheckedIOException if it cannot be read, on another system than Linux for one
   */
  public static MachineDescription ofHost() {
    return new HostTables(Path.of("/")).read();
  }

  /**
   * The computer this JVM runs on as far as it can be read without privilege, with a resource tree
   * from elsewhere.
   *
   * @param root the resource tree; {@link Resource#memoryRoot()} for an empty one
   */
  public static MachineDescription ofHost(Resource root) {
    return new HostTables(Path.of("/")).readWithout(root);
  }

  private static MachineDescription read(InputStream in, String source) {
    try {
      MachineHeader header = MachineHeader.read(in, source);
      MachineDescription description =
          of(IomemText.parse(header.rest(), source, header.lines().size() + 1));
      return header.applyTo(description);
    } catch (IOException e) {
      throw new UncheckedIOException(source + ": cannot be read (" + e.getMessage() + ")", e);
    }
  }

  /** The keys of machine files, as they are written there. */
  public static List<String> keys() {
    return Stream.of(MachineKey.values()).map(MachineKey::id).toList();
  }

  /** Whether a machine may have several values of this key, which add up. */
  public static boolean isRepeatable(String key) {
    return MachineKey.of(key).isRepeatable();
  }

  /**
   * This machine with one fact changed, as a scenario's {@code machine SPEC KEY=VALUE} does.
   *
   * @param key a key of machine files, {@code phys-bits} for one
   * @param value its value
   * @throws IllegalArgumentException if there is no such key or it has no such value
   */
  public MachineDescription with(String key, String value) {
    return MachineKey.of(key).apply(this, value);
  }

  /**
   * This machine with the facts that copies of a Linux's own files tell: the width of addresses,
   * MTRRs, memory types, encryption. What no file tells stays as it is.
   *
   * @param files the text of a file by its path below the root, {@code proc/cpuinfo}, {@code
   *     proc/mtrr} or {@code sys/kernel/debug/x86/pat_memtype_list}; empty for one that is missing
   * @throws IllegalArgumentException if a file's text is wrong; the sentence names the line
   */
  public MachineDescription withTables(Function<String, Optional<String>> files) {
    return HostTables.facts(this, files);
  }

  /** This machine with other boot data (ENC-5). */
  public MachineDescription withBootData(List<PhysRange> ranges) {
    return copy(mtrrUncachable, memtypes, ranges);
  }

  MachineDescription withMtrrUncachable(List<PhysRange> ranges) {
    return copy(ranges, memtypes, bootData);
  }

  MachineDescription withMemtypes(List<Memtype> mapped) {
    return copy(mtrrUncachable, mapped, bootData);
  }

  private MachineDescription copy(
      @Nullable List<PhysRange> uncachable, List<Memtype> mapped, List<PhysRange> boot) {
    return new MachineDescription(
        architecture, physBits, uncachable, mapped, encryption, memmap, pageSize, bars, boot, root);
  }

  /** This machine with page structures of this geometry, unless it names one itself. */
  public MachineDescription memmapOr(MemmapGeometry geometry) {
    return memmap == null ? with(MachineKey.MEMMAP.id(), geometry.id()) : this;
  }

  /** The ranges that the MTRRs make uncachable: those given, or the default. */
  public List<PhysRange> uncachable() {
    if (mtrrUncachable != null) {
      return mtrrUncachable;
    }
    return endOfRamBelow4GiB().stream().toList();
  }

  private Optional<PhysRange> endOfRamBelow4GiB() {
    long limit = 1L << 32;
    long end = 0;
    for (PhysRange run : new ResourceSnapshot(root).systemRamRuns()) {
      if (Long.compareUnsigned(run.start(), limit) < 0) {
        long last = run.endInclusive();
        end = Long.compareUnsigned(last, limit) < 0 ? (last | (pageSize - 1)) + 1 : limit;
      }
    }
    return end == 0 || end >= limit ? Optional.empty() : Optional.of(new PhysRange(end, limit - 1));
  }

  /** The last byte that the address width allows. */
  public long lastAddress() {
    return (1L << physBits) - 1;
  }

  /** The text of a machine file that says all this, but for boot data, which it cannot say. */
  public String toText() {
    return MachineHeader.format(this) + IomemText.format(root);
  }
}
