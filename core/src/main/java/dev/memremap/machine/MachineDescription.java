// SPDX-License-Identifier: Apache-2.0
package dev.memremap.machine;

import dev.memremap.cache.CacheMode;
import dev.memremap.internal.geometry.PageGeometry;
import dev.memremap.resource.IomemFormatException;
import dev.memremap.resource.IomemText;
import dev.memremap.resource.PhysRange;
import dev.memremap.resource.Resource;
import dev.memremap.resource.ResourceSnapshot;
import dev.memremap.rule.Fact;
import dev.memremap.rule.PlainText;
import dev.memremap.spi.IoReason;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Describes a machine: its resource tree, and facts that the tree does not tell. Its text form is a
 * machine file: {@code # KEY=VALUE} lines, then a {@code /proc/iomem}.
 *
 * <p>Thread safety: immutable.
 *
 * @param architecture whose rules hold
 * @param kernel the kernel's release, as {@code uname -r} prints it; null if it is not known
 * @param physBits the width of a physical address in bits, 32 to 52
 * @param physmemEnd the first address that the direct map does not reach, at most 2^46
 * @param mtrrs what the MTRRs say; null if unknown: {@link #uncachable()} then assumes it by the
 *     kinds of resources
 * @param memtypes what the kernel itself has mapped already, and how
 * @param encryption how memory is encrypted
 * @param memmap the geometry of page structures; null leaves the choice to the caller that makes
 *     the machine
 * @param pageSize the page size in bytes
 * @param bars the numbered regions of devices, with their drivers
 * @param softReserved the memory left for a driver that {@code root} does not list, since 7.0
 * @param bootData what the firmware left unencrypted in System RAM (the setup_data chain, EFI
 *     tables); used only if the host encrypts memory
 * @param origins how each fact is known, except those that are assumed or follow from others
 * @param root the resource tree
 */
public record MachineDescription(
    Architecture architecture,
    @Nullable String kernel,
    int physBits,
    long physmemEnd,
    @Nullable Mtrrs mtrrs,
    List<Memtype> memtypes,
    MemEncryption encryption,
    @Nullable MemmapGeometry memmap,
    int pageSize,
    List<Bar> bars,
    List<PhysRange> softReserved,
    List<PhysRange> bootData,
    Map<Fact, Origin> origins,
    Resource root) {
  static final int DEFAULT_PHYS_BITS = PageGeometry.X86_64.physmemBits();
  private static final int MIN_PHYS_BITS = 32;
  private static final int MAX_PHYS_BITS = PageGeometry.X86_64.addressBits();

  /**
   * A range that the kernel itself has mapped.
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
   * A base address register of a PCI device, which says where one of its regions lies.
   *
   * @param device the device's name, {@code 0000:03:00.0}
   * @param index the register's number, 0 to 5
   * @param range where the region lies
   * @param prefetchable whether reading it has no side effects
   * @param driver the kernel driver that uses the device; null if none does, or unknown
   */
  public record Bar(
      String device, int index, PhysRange range, boolean prefetchable, @Nullable String driver) {
    private static final Pattern WORD =
        Pattern.compile("[^,\\s\\p{Cntrl}]+", Pattern.UNICODE_CHARACTER_CLASS);

    /** Checks the parts. */
    public Bar {
      Objects.requireNonNull(device, "device");
      Objects.requireNonNull(range, "range");
      requireWord(device);
      if (driver != null) {
        requireWord(driver);
        if (driver.equals(MachineKey.PREFETCH)) {
          throw new IllegalArgumentException("a BAR's driver cannot be named 'prefetch'");
        }
      }
      if (index < 0 || index > 5) {
        throw new IllegalArgumentException(
            "%s has no BAR %d; a device's BARs are 0 to 5".formatted(device, index));
      }
    }

    private static void requireWord(String name) {
      if (!WORD.matcher(name).matches()) {
        throw new IllegalArgumentException(
            "a BAR's device or driver is '%s'; their names have no comma, space or control character"
                .formatted(PlainText.of(name)));
      }
    }

    /**
     * Reads the value of a machine file's {@code bar=} line.
     *
     * @throws IllegalArgumentException if it is malformed; the message shows an example
     */
    public static Bar parse(String value) {
      return MachineKey.bar(Objects.requireNonNull(value, "value"));
    }

    /** Requires that none of these has this device and number, and adds them. */
    void requireNew(Set<String> seen) {
      if (!seen.add(device + "," + index)) {
        throw new IllegalArgumentException(
            "BAR %d of %s is given twice; keep one".formatted(index, device));
      }
    }

    void requireListedIn(Resource tree) {
      if (!isListedIn(tree)) {
        throw new IllegalArgumentException(
            "bar=%s lies in no resource of the machine but System RAM; list the device's region in its resource tree, or leave the line out"
                .formatted(this));
      }
    }

    /** Returns whether it lies whole in one resource of this tree that is not System RAM. */
    public boolean isListedIn(Resource tree) {
      Objects.requireNonNull(tree, "tree");
      return new ResourceSnapshot(tree)
          .pathTo(range.start()).stream()
              .anyMatch(resource -> !resource.isSystemRam() && resource.range().contains(range));
    }

    /**
     * Returns it as a machine file writes it: {@code 0000:03:00.0,2,0xfd000000+0x1000000,prefetch}.
     */
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

  /**
   * The memory type range registers.
   *
   * @param off whether they are switched off, and so have no effect
   * @param uncachable the ranges that they make uncachable, ascending; all else is write-back
   * @param registers the part of these that registers list, if the default type was assumed; null
   *     if it is known
   */
  public record Mtrrs(
      boolean off, List<PhysRange> uncachable, @Nullable List<PhysRange> registers) {
    /** Switched off, as in many guests. */
    public static final Mtrrs OFF = new Mtrrs(true, List.of(), null);

    /** Copies the lists. */
    public Mtrrs {
      Objects.requireNonNull(uncachable, "uncachable");
      uncachable = List.copyOf(uncachable);
      registers = registers == null ? null : List.copyOf(registers);
    }

    /** Makes registers with a known default type, which make exactly these ranges uncachable. */
    public static Mtrrs ofUncachable(List<PhysRange> ranges) {
      return new Mtrrs(false, Objects.requireNonNull(ranges, "ranges"), null);
    }
  }

  /**
   * How a fact is known.
   *
   * @param source the kind of source
   * @param from the file it was read from, or what proves it; empty if a user states it
   */
  public record Origin(Fact.Source source, String from) {
    static final Origin STATED = new Origin(Fact.Source.STATED, "");

    /** Checks the parts. */
    public Origin {
      Objects.requireNonNull(source, "source");
      Objects.requireNonNull(from, "from");
    }
  }

  /** Checks the parts. */
  public MachineDescription {
    Objects.requireNonNull(architecture, "architecture");
    Objects.requireNonNull(encryption, "encryption");
    Objects.requireNonNull(root, "root");
    memtypes = List.copyOf(Objects.requireNonNull(memtypes, "memtypes"));
    bars = List.copyOf(Objects.requireNonNull(bars, "bars"));
    softReserved = List.copyOf(Objects.requireNonNull(softReserved, "softReserved"));
    bootData = List.copyOf(Objects.requireNonNull(bootData, "bootData"));
    Set<String> seen = new HashSet<>();
    bars.forEach(bar -> bar.requireNew(seen));
    bars.forEach(bar -> bar.requireListedIn(root));
    origins = Map.copyOf(Objects.requireNonNull(origins, "origins"));
    MachineKey.requirePhysmemEnd(physmemEnd);
    if (physBits < MIN_PHYS_BITS || physBits > MAX_PHYS_BITS) {
      throw new IllegalArgumentException(
          "phys-bits is " + physBits + "; a physical address has 32 to 52 bits");
    }
    MachineKey.requirePages(architecture, pageSize);
  }

  /**
   * Describes a machine with this resource tree. Its architecture is recognised from the names,
   * else x86_64 is assumed; its addresses have 46 bits, or more if the tree lists wider ones. All
   * other facts are assumed.
   */
  public static MachineDescription of(Resource root) {
    Map<Fact, Origin> origins = new EnumMap<>(Fact.class);
    ArchitectureNames.Told told = ArchitectureNames.in(root);
    if (told != null) {
      origins.put(Fact.ARCH, new Origin(Fact.Source.PROVEN, told.because()));
    }
    int listed = Math.min(listedBits(root), MAX_PHYS_BITS);
    if (listed > DEFAULT_PHYS_BITS) {
      String because = "at least, for the map lists 0x%x".formatted(lastListed(root));
      origins.put(Fact.PHYS_BITS, new Origin(Fact.Source.PROVEN, because));
    }
    return new MachineDescription(
        told == null ? Architecture.X86_64 : told.architecture(),
        null,
        Math.max(listed, DEFAULT_PHYS_BITS),
        PageGeometry.X86_64.physmemEnd(),
        null,
        List.of(),
        MemEncryption.NONE,
        null,
        (int) PageGeometry.X86_64.pageBytes(),
        List.of(),
        List.of(),
        List.of(),
        origins,
        root);
  }

  /** The last address that a tree lists; 0 if it lists nothing. */
  private static long lastListed(Resource root) {
    List<Resource> children = root.children();
    return children.isEmpty() ? 0 : children.getLast().range().endInclusive();
  }

  private static int listedBits(Resource root) {
    return Long.SIZE - Long.numberOfLeadingZeros(lastListed(root));
  }

  /**
   * Reads a machine file's text.
   *
   * @throws IllegalArgumentException if it is malformed; the message names the line
   */
  public static MachineDescription parse(String text) {
    return parse(text, "machine text");
  }

  /**
   * Reads a machine file's text.
   *
   * @param source the name of the text in messages, such as a file's
   * @throws IllegalArgumentException if it is malformed; the message names source and line
   */
  public static MachineDescription parse(String text, String source) {
    Objects.requireNonNull(text, "text");
    Objects.requireNonNull(source, "source");
    return read(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)), source);
  }

  /**
   * Reads a machine file, or a plain copy of {@code /proc/iomem}.
   *
   * @throws IllegalArgumentException if it is malformed; the message names file and line, and the
   *     command that converts a pasted map
   * @throws UncheckedIOException if it cannot be read
   */
  public static MachineDescription read(Path file) {
    Objects.requireNonNull(file, "file");
    try (InputStream in = Files.newInputStream(file)) {
      return read(in, file.toString());
    } catch (IomemFormatException e) {
      throw Unread.withRemedy(e, file);
    } catch (NoSuchFileException e) {
      throw new UncheckedIOException(file + ": this machine file does not exist", e);
    } catch (IOException e) {
      throw new UncheckedIOException(file + ": cannot be read (" + IoReason.of(e) + ")", e);
    }
  }

  /**
   * Reads the machine this JVM runs on from its Linux.
   *
   * @throws IllegalArgumentException if {@code /proc/iomem} shows zeros, as it does without
   *     privilege
   * @throws UncheckedIOException if it cannot be read, as on a system that is not Linux
   */
  public static MachineDescription ofHost() {
    return new HostTables(Path.of("/")).read();
  }

  /**
   * Reads what the computer this JVM runs on shows without privileges, and takes the resource tree
   * from the caller.
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
      throw new UncheckedIOException(source + ": cannot be read (" + IoReason.of(e) + ")", e);
    }
  }

  /** Lists the keys of machine files. */
  public static List<String> keys() {
    return Stream.of(MachineKey.values()).map(MachineKey::id).toList();
  }

  /** Returns whether this key can be given several times, adding up. */
  public static boolean isRepeatable(String key) {
    return MachineKey.of(Objects.requireNonNull(key, "key")).isRepeatable();
  }

  /**
   * Returns this machine with one fact stated, as a scenario's {@code machine SPEC KEY=VALUE} does.
   * It overrides what was known before.
   *
   * @param key a key of machine files, such as {@code phys-bits}
   * @param value its value
   * @throws IllegalArgumentException if the key is unknown or does not allow the value
   */
  public MachineDescription with(String key, String value) {
    return with(key, value, Origin.STATED);
  }

  /**
   * Returns this machine with one fact from a given source.
   *
   * @param key a key of machine files
   * @param value its value
   * @param origin how it is known
   * @throws IllegalArgumentException if the key is unknown or does not allow the value
   */
  public MachineDescription with(String key, String value, Origin origin) {
    Objects.requireNonNull(key, "key");
    Objects.requireNonNull(value, "value");
    Objects.requireNonNull(origin, "origin");
    return with(MachineKey.of(key), value, origin);
  }

  /**
   * Returns this machine with the facts from copies of a Linux's files: the width of addresses,
   * MTRRs, memory types, encryption. Facts that no file tells stay as they are.
   *
   * @param files the text of a file by its path below the root, {@code proc/cpuinfo}, {@code
   *     proc/mtrr} or {@code sys/kernel/debug/x86/pat_memtype_list}; empty for one that is missing
   * @throws IllegalArgumentException if a file's text is wrong; the message names the line
   */
  public MachineDescription withTables(Function<String, Optional<String>> files) {
    return HostTables.facts(this, Objects.requireNonNull(files, "files"));
  }

  MachineDescription with(MachineKey key, String value, Origin origin) {
    MachineDescription changed = key.apply(this, value, origin);
    if (key == MachineKey.BAR) {
      return changed.withBars(changed.bars, origin);
    }
    Fact fact = key.fact();
    return fact == null ? changed : changed.with(fact, origin);
  }

  /** Returns this machine with boot data, which the firmware left unencrypted. */
  public MachineDescription withBootData(List<PhysRange> ranges) {
    Objects.requireNonNull(ranges, "ranges");
    return new MachineParts(this).bootData(ranges).machine();
  }

  /**
   * Returns this machine with exactly these BARs. If one names a driver, the drivers are known,
   * too.
   *
   * @param bars different registers, each in a resource of this machine
   * @param origin how they are known
   * @throws IllegalArgumentException if a register is given twice, or lies outside all resources
   */
  public MachineDescription withBars(List<Bar> bars, Origin origin) {
    Objects.requireNonNull(origin, "origin");
    Objects.requireNonNull(bars, "bars");
    MachineParts parts = new MachineParts(this).bars(bars).origin(Fact.BARS, origin);
    boolean tellDrivers = bars.stream().anyMatch(bar -> bar.driver() != null);
    return (tellDrivers ? parts.origin(Fact.DRIVERS, origin) : parts).machine();
  }

  /** Returns this machine with exactly these origins of facts. */
  public MachineDescription withOrigins(Map<Fact, Origin> origins) {
    return new MachineParts(this).origins(origins).machine();
  }

  MachineDescription withMtrrs(Mtrrs read, Origin origin) {
    return new MachineParts(this).mtrrs(read).origin(Fact.MTRRS, origin).machine();
  }

  MachineDescription withMemtypes(List<Memtype> mapped, Origin origin) {
    return new MachineParts(this).memtypes(mapped).origin(Fact.MEMORY_TYPES, origin).machine();
  }

  /** This machine with another origin of one fact. */
  MachineDescription with(Fact fact, Origin origin) {
    return new MachineParts(this).origin(fact, origin).machine();
  }

  /** Returns this machine with page structures of this geometry, unless it already has one. */
  public MachineDescription memmapOr(MemmapGeometry geometry) {
    Objects.requireNonNull(geometry, "geometry");
    return memmap == null ? with(MachineKey.MEMMAP.id(), geometry.id()) : this;
  }

  /** Lists what is known of each fact, and how. */
  public List<Fact.Known> facts() {
    return FactList.of(this);
  }

  /** Returns the ranges that the MTRRs make uncachable; null if the MTRRs are unknown. */
  public @Nullable List<PhysRange> mtrrUncachable() {
    return mtrrs == null ? null : mtrrs.uncachable;
  }

  /** Returns the ranges that the MTRRs make uncachable, known or assumed. */
  public List<PhysRange> uncachable() {
    return mtrrs == null ? AssumedMtrrs.of(root, pageSize) : mtrrs.uncachable;
  }

  /**
   * Returns the last address that every machine with this map has: the last one listed, and at
   * least the last one of 32 bits.
   */
  public long lastProvenAddress() {
    return (1L << Math.clamp(listedBits(root), MIN_PHYS_BITS, physBits)) - 1;
  }

  /** Returns the address of the last byte that the address width allows. */
  public long lastAddress() {
    return (1L << physBits) - 1;
  }

  /** Returns the text of a machine file for this machine; boot data cannot be written. */
  public String toText() {
    return MachineHeader.format(this) + IomemText.format(root);
  }
}
