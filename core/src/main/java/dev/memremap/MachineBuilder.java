// SPDX-License-Identifier: Apache-2.0
package dev.memremap;

import dev.memremap.cache.CacheMode;
import dev.memremap.cache.Pat;
import dev.memremap.internal.arch.Platform;
import dev.memremap.internal.crypt.XtsCipher;
import dev.memremap.internal.geometry.PageGeometry;
import dev.memremap.internal.kernel.KernelRules;
import dev.memremap.internal.memtype.MemtypeTable;
import dev.memremap.internal.memtype.Mtrrs;
import dev.memremap.internal.memtype.Reservation;
import dev.memremap.internal.sim.SparseMemory;
import dev.memremap.internal.space.AddressSpace;
import dev.memremap.internal.space.BarMemory;
import dev.memremap.internal.space.MappedRegion;
import dev.memremap.internal.space.ResourceTree;
import dev.memremap.machine.MachineDescription;
import dev.memremap.machine.MemEncryption;
import dev.memremap.machine.MemmapGeometry;
import dev.memremap.resource.PhysRange;
import dev.memremap.resource.ResourceSnapshot;
import dev.memremap.rule.MemremapException;
import dev.memremap.spi.PhysicalMemory;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The choices of a machine.
 *
 * <p>Thread safety: none; build a machine in one thread.
 */
public final class MachineBuilder {
  private MachineDescription description;
  private @Nullable Function<Supplier<ResourceSnapshot>, PhysicalMemory> memory;
  private boolean lenient;
  private byte @Nullable [] encryptionKey;
  private OptionalLong mappingLimit = OptionalLong.empty();
  private Pat pat = Pat.FULL;
  private KernelRules kernel = KernelRules.LINUX_6_1;
  private boolean strict;
  private boolean populate;
  private boolean tracing = Boolean.getBoolean("dev.memremap.trace");

  MachineBuilder(MachineDescription description) {
    this.description =
        Objects.requireNonNull(description, "description").memmapOr(MemmapGeometry.COMPACT);
  }

  /**
   * A fact about the machine that wins over its description's, as {@link MachineDescription#with}
   * takes it.
   *
   * @param key such as {@code phys-bits}
   * @param value such as {@code 40}
   * @throws IllegalArgumentException if there is no such key, or the value is none of its
   */
  public MachineBuilder with(String key, String value) {
    description =
        description.with(
            Objects.requireNonNull(key, "key"), Objects.requireNonNull(value, "value"));
    return this;
  }

  /** Where the bytes are; by default simulated memory in a sparse file. The machine closes it. */
  public MachineBuilder memory(PhysicalMemory bytes) {
    Objects.requireNonNull(bytes, "bytes");
    this.memory = resources -> bytes;
    return this;
  }

  /**
   * The directory in which the files of simulated memory lie: the one that the system property
   * {@code dev.memremap.dir} names; else {@code /dev/shm}, if 1 GiB is free there; else {@code
   * java.io.tmpdir}. Whether a file can be made in it, only making one tells.
   *
   * @throws MemremapException {@code EINVAL} if the property names no path
   */
  public static Path simulatedMemoryDirectory() {
    return SparseMemory.directoryOfThisSystem();
  }

  /** The computer's own memory, beside whose memory types the table's defaults give way. */
  MachineBuilder hostMemory(Function<Supplier<ResourceSnapshot>, PhysicalMemory> opens) {
    this.memory = opens;
    this.lenient = true;
    return this;
  }

  /**
   * The key that memory is encrypted with, so that a run can be repeated; random by default.
   *
   * @param key 32 bytes
   */
  public MachineBuilder encryptionKey(byte[] key) {
    if (Objects.requireNonNull(key, "key").length != XtsCipher.KEY_BYTES) {
      throw new IllegalArgumentException(
          "an encryption key has %d bytes, and this one %d"
              .formatted(XtsCipher.KEY_BYTES, key.length));
    }
    this.encryptionKey = key.clone();
    return this;
  }

  /**
   * How many mappings the machine may have. By default it may have all that the machines of this
   * JVM may have together: half of what the system allows a process (LIB-1). A limit of its own
   * does not raise that.
   */
  public MachineBuilder mappingLimit(long mappings) {
    if (mappings < 1) {
      throw new IllegalArgumentException("a limit of %d mappings maps nothing".formatted(mappings));
    }
    this.mappingLimit = OptionalLong.of(mappings);
    return this;
  }

  /**
   * Allocates simulated memory when it is mapped, as {@code fallocate} and {@code MAP_POPULATE} do:
   * a file system without room is {@code ENOSPC} at the {@code memremap}, and an access to what was
   * mapped never meets missing memory, whatever class or native function makes it (LIB-8). A page
   * map's range and a run of System RAM are allocated as a whole at their first use.
   *
   * <p>By default, memory takes room when it is first touched; only a mapping of at most 64 KiB
   * outside System RAM is touched when it is made. On a tmpfs, such as {@code /dev/shm}, its bytes
   * are there from then on.
   *
   * @throws IllegalStateException if {@link #memory} was given, which allocates as it sees fit
   */
  public MachineBuilder populate() {
    if (memory != null) {
      throw new IllegalStateException(
          "memory that was given allocates as it sees fit; populate() is for simulated memory");
    }
    this.populate = true;
    return this;
  }

  /** The layout of the processor's page attribute table; full by default. */
  public MachineBuilder pat(Pat layout) {
    this.pat = Objects.requireNonNull(layout, "layout");
    return this;
  }

  /** The kernel that answers. Only 6.1's answers are recorded, so a machine has no other yet. */
  MachineBuilder kernel(KernelRules rules) {
    this.kernel = Objects.requireNonNull(rules, "rules");
    return this;
  }

  /**
   * Gives each slice of the direct map an arena of its own, so that a test finds an access after
   * close; a slice then has an address of its own, too. Remembers who holds page maps, as {@link
   * dev.memremap.page.DevPagemap#traceHolders} does, so that a put too many is refused at once or
   * at the last put (C-14). Traces as {@link #tracing} does, and {@link Machine#close} throws a
   * {@link LeakException} that names what was left open.
   */
  public MachineBuilder strict() {
    this.strict = true;
    return this;
  }

  /**
   * Remembers where each mapping is made, for the log at close and {@link Mapping#madeAt()}; also
   * switched on by {@code -Ddev.memremap.trace=true}. Costs a stack walk for each mapping.
   */
  public MachineBuilder tracing() {
    this.tracing = true;
    return this;
  }

  /**
   * Makes the machine.
   *
   * @throws dev.memremap.rule.MemremapException {@code ENOSPC} or {@code EIO} if there is no place
   *     for simulated memory
   * @throws IllegalArgumentException if the description's memory types conflict
   */
  public Machine build() {
    return new Machine(this);
  }

  MachineDescription description() {
    return description;
  }

  /** What the machine is made of. */
  AddressSpace space() {
    Platform platform = Platform.of(description, kernel);
    ResourceTree resources =
        ResourceTree.of(description.root(), platform.geometry(), platform.kernel());
    MemtypeTable memtypes = memtypes(resources, platform);
    PhysicalMemory bytes = memory == null ? simulated() : memory.apply(resources::snapshot);
    return new AddressSpace(resources, memtypes, bytes, quota(bytes), platform);
  }

  private PhysicalMemory simulated() {
    return BarMemory.of(
        populate ? SparseMemory.openPopulated() : SparseMemory.open(), description.bars());
  }

  /** Null for a machine that encrypts nothing: loading ciphers takes longer than all the rest. */
  @Nullable XtsCipher cipher() {
    if (description.encryption() == MemEncryption.NONE) {
      return null;
    }
    return encryptionKey == null ? XtsCipher.withRandomKey() : XtsCipher.withKey(encryptionKey);
  }

  boolean isStrict() {
    return strict;
  }

  MemmapGeometry memmap() {
    return Objects.requireNonNullElse(description.memmap(), MemmapGeometry.COMPACT);
  }

  /** Whether mappings and page maps remember where they were made, and page maps who holds them. */
  boolean isTracing() {
    return tracing || strict;
  }

  private MappedRegion.Quota quota(PhysicalMemory bytes) {
    if (mappingLimit.isPresent()) {
      return new MappedRegion.Quota(
          mappingLimit.getAsLong(), "the limit the machine was built with");
    }
    return new MappedRegion.Quota(
        bytes.mappingLimit().orElse(Long.MAX_VALUE), bytes.mappingLimitSource());
  }

  /** The MTRRs; that the kernel has mapped a range write-back tells what they say there. */
  private Mtrrs mtrrs(PageGeometry geometry) {
    MachineDescription.Mtrrs known = description.mtrrs();
    List<PhysRange> uncachable = description.uncachable();
    List<PhysRange> settled = known == null ? List.of() : known.registers();
    if (settled == null) {
      return new Mtrrs(uncachable);
    }
    Mtrrs mtrrs = new Mtrrs(uncachable, settled);
    for (MachineDescription.Memtype memtype : description.memtypes()) {
      if (memtype.mode() == CacheMode.WB) {
        mtrrs = mtrrs.withWriteBack(geometry.wholePages(memtype.range()));
      }
    }
    return mtrrs;
  }

  /** The table of memory types with what the kernel has mapped already. */
  private MemtypeTable memtypes(ResourceTree resources, Platform platform) {
    PageGeometry geometry = platform.geometry();
    // only x86 tracks which range is mapped with which type (C-19)
    Pat tracked = platform.architecture().isMeasured() ? pat : Pat.ELSEWHERE;
    MemtypeTable table =
        new MemtypeTable(
            resources::walkSystemRam, mtrrs(geometry), tracked, geometry, platform.kernel());
    for (MachineDescription.Memtype memtype : description.memtypes()) {
      Reservation reserved =
          table.reserveAlias(geometry.wholePages(memtype.range()), memtype.mode());
      // a list that a kernel shows is what it is, whatever our model makes of it
      if (!reserved.isGranted() && !lenient) {
        throw new IllegalArgumentException(
            "memtype=%s cannot be: %s".formatted(memtype, reserved.reason()));
      }
    }
    return table;
  }
}
