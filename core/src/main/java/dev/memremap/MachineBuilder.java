// SPDX-License-Identifier: Apache-2.0
package dev.memremap;

import dev.memremap.cache.CacheMode;
import dev.memremap.cache.Pat;
import dev.memremap.internal.arch.Platform;
import dev.memremap.internal.crypt.XtsCipher;
import dev.memremap.internal.geometry.PageGeometry;
import dev.memremap.internal.kernel.KernelChange;
import dev.memremap.internal.kernel.KernelRules;
import dev.memremap.internal.live.LiveMachines;
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
import dev.memremap.rule.Rule;
import dev.memremap.spi.PhysicalMemory;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Chooses the options of a machine, and makes it.
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
  private @Nullable KernelRules rules;
  private boolean strict;
  private boolean populate;
  private boolean tracing = Boolean.getBoolean("dev.memremap.trace");

  /**
   * A row of {@code docs/kernels.md}: what kernels answer otherwise since some release. A kernel
   * has a row, or lacks it.
   *
   * <p>{@link MachineBuilder#kernelRows} makes a machine with any of them. What two kernels answer
   * differently is so traced to the row that makes the difference.
   *
   * <p>Thread safety: immutable.
   *
   * @param number its number there
   * @param what what changed
   * @param without the last release, of those that were read, that lacks it
   * @param with the first one that has it
   */
  public record KernelRow(int number, String what, String without, String with) {
    /** Checks the parts. */
    public KernelRow {
      Objects.requireNonNull(what, "what");
      Objects.requireNonNull(without, "without");
      Objects.requireNonNull(with, "with");
    }

    /**
     * Returns the rows that a kernel has, as far as a machine can follow them.
     *
     * @param release such as {@code 6.12}, or what {@code uname -r} prints; one that is not known
     *     has the rows of the kernel that a machine would follow for it
     */
    public static Set<KernelRow> of(String release) {
      Objects.requireNonNull(release, "release");
      return KernelRules.choose(release).rules().changes().stream()
          .map(KernelRow::of)
          .collect(Collectors.toUnmodifiableSet());
    }

    private static KernelRow of(KernelChange change) {
      return new KernelRow(change.row(), change.what(), change.last(), change.first());
    }
  }

  MachineBuilder(MachineDescription description) {
    this.description =
        Objects.requireNonNull(description, "description").memmapOr(MemmapGeometry.COMPACT);
  }

  /**
   * States a fact about the machine, which overrides its description's: {@link
   * MachineDescription#with}.
   *
   * @param key such as {@code phys-bits}
   * @param value such as {@code 40}
   * @throws IllegalArgumentException if the key is unknown, or does not allow the value
   */
  public MachineBuilder with(String key, String value) {
    description =
        description.with(
            Objects.requireNonNull(key, "key"), Objects.requireNonNull(value, "value"));
    return this;
  }

  /**
   * Chooses where the bytes are; by default in simulated memory, a sparse file. The machine closes
   * it.
   */
  public MachineBuilder memory(PhysicalMemory bytes) {
    Objects.requireNonNull(bytes, "bytes");
    this.memory = resources -> bytes;
    return this;
  }

  /**
   * Returns the directory for the files of simulated memory: the one that the system property
   * {@code dev.memremap.dir} names; else {@code /dev/shm}, if 1 GiB is free there; else {@code
   * java.io.tmpdir}. It may still refuse a file.
   *
   * @throws MemremapException {@code EINVAL} if the property's value is not a path
   */
  public static Path simulatedMemoryDirectory() {
    return SparseMemory.directoryOfThisSystem();
  }

  /** Uses the host's memory; memory types reported by the host override the defaults. */
  MachineBuilder hostMemory(Function<Supplier<ResourceSnapshot>, PhysicalMemory> opens) {
    this.memory = opens;
    this.lenient = true;
    return this;
  }

  /**
   * Chooses the key that memory is encrypted with, to make a run repeatable; random by default.
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
   * Limits how many mappings the machine may have. By default, only the limit of all machines of
   * this JVM applies: half of what the system allows a process ({@link Rule#LIB_1 LIB-1}). A larger
   * value does not raise it.
   */
  public MachineBuilder mappingLimit(long mappings) {
    if (mappings < 1) {
      throw new IllegalArgumentException("a limit of %d mappings maps nothing".formatted(mappings));
    }
    this.mappingLimit = OptionalLong.of(mappings);
    return this;
  }

  /**
   * Allocates simulated memory when it is mapped, as {@code fallocate} and {@code MAP_POPULATE} do.
   * If the file system is full, {@code memremap} fails with {@code ENOSPC}. An access to mapped
   * memory, from Java or native code, then always finds its memory ({@link Rule#LIB_8 LIB-8}). A
   * page map's range and a run of System RAM are allocated as a whole at their first use.
   *
   * <p>By default, memory is allocated when it is first touched; a mapping of at most 64 KiB
   * outside System RAM is touched when it is made, which on a tmpfs such as {@code /dev/shm}
   * allocates it for good.
   *
   * @throws IllegalStateException if {@link #memory} was given, which allocates by its own rules
   */
  public MachineBuilder populate() {
    if (memory != null) {
      throw new IllegalStateException(
          "memory that was given allocates as it sees fit; populate() is for simulated memory");
    }
    this.populate = true;
    return this;
  }

  /** Chooses the layout of the processor's page attribute table; full by default. */
  public MachineBuilder pat(Pat layout) {
    this.pat = Objects.requireNonNull(layout, "layout");
    return this;
  }

  /**
   * Chooses the kernel that the machine follows where the document is silent ({@link Rule#C_12
   * C-12}), from 5.10 to 7.3; by default that of its description, else 6.1. A point release counts
   * as its series.
   *
   * @param release such as {@code 6.12}, or what {@code uname -r} prints
   * @throws IllegalArgumentException if it is not such a release, or lies between two kernels that
   *     answer differently; the message names both
   */
  public MachineBuilder kernel(String release) {
    return with("kernel", Objects.requireNonNull(release, "release"));
  }

  /**
   * Makes the machine answer as a kernel with exactly these rows of {@code docs/kernels.md} would,
   * whatever its own kernel has. {@link KernelRow#of} returns those of a kernel; with one of them
   * more or less you see what that one changes.
   *
   * @throws IllegalArgumentException if one is not a row that a kernel has
   */
  public MachineBuilder kernelRows(Set<KernelRow> rows) {
    Set<KernelChange> changes = EnumSet.noneOf(KernelChange.class);
    for (KernelRow row : Objects.requireNonNull(rows, "rows")) {
      changes.add(KernelChange.ofRow(row.number()));
    }
    return rules(KernelRules.choose(description.kernel()).rules().with(changes));
  }

  /** Follows these rules, whatever the kernel is; for tests. */
  MachineBuilder rules(KernelRules rules) {
    this.rules = Objects.requireNonNull(rules, "rules");
    return this;
  }

  /**
   * Finds mistakes in tests. {@link Machine#close} throws a {@link LeakException} that names what
   * was left open, with its origin, as {@link #tracing} does. Holders of page maps are traced
   * ({@link dev.memremap.page.DevPagemap#traceHolders}), so that a put too many is refused at once
   * or at the last put ({@link Rule#C_14 C-14}). Each slice of the direct map has its own arena and
   * address, so that an access after close throws.
   */
  public MachineBuilder strict() {
    this.strict = true;
    return this;
  }

  /**
   * Records where each mapping is made, for the log at close and {@link Mapping#madeAt()}; also
   * switched on by {@code -Ddev.memremap.trace=true}. Costs a stack walk for each mapping.
   */
  public MachineBuilder tracing() {
    this.tracing = true;
    return this;
  }

  /**
   * Makes the machine.
   *
   * @throws dev.memremap.rule.MemremapException {@code ENOSPC} or {@code EIO} if the file of
   *     simulated memory cannot be made
   * @throws IllegalArgumentException if the description's memory types conflict
   */
  public Machine build() {
    Machine machine = new Machine(this);
    LiveMachines.add(machine);
    return machine;
  }

  MachineDescription description() {
    return description;
  }

  /** What the machine is made of. */
  AddressSpace space() {
    KernelRules known = rules;
    Platform platform = known == null ? Platform.of(description) : Platform.of(description, known);
    ResourceTree resources = ResourceTree.of(description, platform, description.lastAddress());
    MemtypeTable memtypes = memtypes(resources, platform);
    PhysicalMemory bytes = memory == null ? simulated() : memory.apply(resources::snapshot);
    return new AddressSpace(resources, memtypes, bytes, quota(bytes), platform);
  }

  private PhysicalMemory simulated() {
    return BarMemory.of(
        populate ? SparseMemory.openPopulated() : SparseMemory.open(), description.bars());
  }

  /** Null for a machine without encryption: loading ciphers takes longer than all the rest. */
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

  /**
   * Whether mappings and page maps record where they were made, and page maps also their holders.
   */
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
  private Mtrrs mtrrs(Platform platform) {
    MachineDescription.Mtrrs known = description.mtrrs();
    if (known != null && known.off()) {
      return Mtrrs.off(platform.kernel());
    }
    List<PhysRange> uncachable = description.uncachable();
    List<PhysRange> settled = known == null ? List.of() : known.registers();
    if (settled == null) {
      return new Mtrrs(uncachable);
    }
    Mtrrs mtrrs = new Mtrrs(uncachable, settled);
    for (MachineDescription.Memtype memtype : description.memtypes()) {
      if (memtype.mode() == CacheMode.WB) {
        mtrrs = mtrrs.withWriteBack(platform.geometry().wholePages(memtype.range()));
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
            resources::walkSystemRam, mtrrs(platform), tracked, geometry, platform.kernel());
    for (MachineDescription.Memtype memtype : description.memtypes()) {
      Reservation reserved =
          table.reserveAlias(geometry.wholePages(memtype.range()), memtype.mode());
      // a kernel's list is taken as it is, even where our model would refuse it
      if (!reserved.isGranted() && !lenient) {
        throw new IllegalArgumentException(
            "memtype=%s cannot be: %s".formatted(memtype, reserved.reason()));
      }
    }
    return table;
  }
}
