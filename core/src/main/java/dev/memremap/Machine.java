// SPDX-License-Identifier: Apache-2.0
package dev.memremap;

import dev.memremap.cache.CacheMode;
import dev.memremap.cache.MemtypeList;
import dev.memremap.internal.pages.Pagemaps;
import dev.memremap.internal.remap.Ioremapper;
import dev.memremap.internal.remap.Remapper;
import dev.memremap.internal.space.AddressSpace;
import dev.memremap.internal.space.MappedRegion;
import dev.memremap.internal.space.Provenance;
import dev.memremap.internal.stack.StackRoom;
import dev.memremap.internal.teardown.Failures;
import dev.memremap.internal.teardown.Patience;
import dev.memremap.machine.MachineDescription;
import dev.memremap.page.DevPagemap;
import dev.memremap.plan.IoremapPlan;
import dev.memremap.plan.MemremapFlag;
import dev.memremap.plan.PagemapPlan;
import dev.memremap.plan.RemapPlan;
import dev.memremap.resource.PhysRange;
import dev.memremap.resource.Resource;
import dev.memremap.rule.MemremapException;
import dev.memremap.rule.Rule;
import dev.memremap.spi.HardwareDevice;
import dev.memremap.spi.HostMemory;
import dev.memremap.spi.MemorySource;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A physical address space with its resources, and Linux's functions to map it.
 *
 * <pre>{@code
 * try (Machine machine = Machine.simulated(Path.of("laptop.iomem"));
 *     Mapping window = machine.memremap(PhysRange.parse("0xfd000000+1M"), WC, WT)) {
 *   window.segment().copyFrom(frame);
 * }
 * }</pre>
 *
 * <table>
 *   <caption>What it owns</caption>
 *   <tr><th>thing</th><th>lives until</th></tr>
 *   <tr><td>the direct map of System RAM</td><td>the machine closes</td></tr>
 *   <tr><td>a mapping of {@link #memremap}</td><td>it is closed, or the machine is</td></tr>
 *   <tr><td>a page map</td><td>it is unmapped, or its device or the machine ends, and the last
 *       reference to it is put</td></tr>
 *   <tr><td>a mapping of a {@link Device}</td><td>the device is released, or the machine
 *       closes</td></tr>
 * </table>
 *
 * <p>All machines of a JVM share the number of mappings that the system allows ({@link Rule#LIB_1
 * LIB-1}). Two devices whose actions release each other, of one machine or two, throw instead of
 * waiting.
 *
 * <p>Thread safety: all methods may be called from any thread.
 */
public final class Machine extends MachinePages implements AutoCloseable {
  private final MachineDescription description;
  private final Remapper remapper;
  private final Ioremapper ioremapper;
  private final boolean tracing;
  private final Mapping.Live live = new Mapping.Live();
  private final LiveRegisters liveRegisters = new LiveRegisters();
  private final Supplier<MappedRegion> ownRegions;
  private final Devices devices;
  private final MachineTeardown teardown;

  // Set before close looks for what is live, and read again after a mapping was registered: so
  // either close finds the mapping, or the thread that made it sees this and undoes it.
  volatile boolean closing;

  Machine(MachineBuilder builder) {
    this(builder, builder.space());
  }

  private Machine(MachineBuilder builder, AddressSpace space) {
    super(space, new Pagemaps(space, builder.memmap(), builder.isTracing()));
    this.description = builder.description();
    this.tracing = builder.isTracing();
    this.remapper = new Remapper(space, builder.cipher(), builder.isStrict());
    this.ioremapper = new Ioremapper(space, remapper::rules);
    this.devices = new Devices(this, space.memory());
    this.teardown = new MachineTeardown(space, pagemaps, live, liveRegisters, builder.isStrict());
    this.ownRegions = space::region;
  }

  /**
   * Makes a machine with simulated memory, as this description says.
   *
   * @throws MemremapException {@code ENOSPC} or {@code EIO} if its memory file cannot be made
   */
  public static Machine simulated(MachineDescription description) {
    return builder(description).build();
  }

  /**
   * Makes a machine with simulated memory from a machine file or a copy of {@code /proc/iomem}.
   *
   * @throws IllegalArgumentException if the file is neither; the message names the line
   * @throws java.io.UncheckedIOException if it cannot be read
   */
  public static Machine simulated(Path machineFile) {
    return simulated(MachineDescription.read(Objects.requireNonNull(machineFile, "machineFile")));
  }

  /**
   * Opens the computer this JVM runs on: its resource tree, and its memory by every route that the
   * system offers. A route that is not available says what it needs when it is used. Without
   * privileges the tree is empty, and you can only {@linkplain #attach} memory.
   *
   * @param permissions unsafe operations to allow
   * @throws UnsupportedOperationException if the system is not Linux, or the module {@code
   *     dev.memremap.linux} is missing; the message says which
   */
  public static Machine host(HostMemory.Permission... permissions) {
    return hostBuilder(permissions).build();
  }

  /** Returns the builder of {@link #host}, to choose options. */
  public static MachineBuilder hostBuilder(HostMemory.Permission... permissions) {
    return HostMachine.builder(Set.of(Objects.requireNonNull(permissions, "permissions")));
  }

  /** Returns a builder, to choose memory, limit, tracing, strictness or the encryption key. */
  public static MachineBuilder builder(MachineDescription description) {
    return new MachineBuilder(description);
  }

  /** Returns what the machine is made from. */
  public MachineDescription description() {
    return description;
  }

  /** Returns a snapshot of the ranges that are mapped, with their memory types. */
  public MemtypeList memtypes() {
    requireNotClosed();
    return space.memtypes().list();
  }

  /**
   * Maps memory that has no I/O side effects: {@code memremap}. Tries those mapping types that are
   * given, always in the order WB, WT, WC, until one succeeds.
   *
   * @param range what to map; neither end need be aligned
   * @param flags the mapping types that may serve, and ENC or DEC to modify them
   * @throws MemremapException with every attempt and its reason: {@code EINVAL} for a request that
   *     can never be granted, {@code ENXIO} if what lies there forbids it, {@code EBUSY} if an
   *     existing mapping forbids it, {@code ENOMEM}, {@code ENOSPC} or {@code EFBIG} if the system
   *     lacks room, {@code EOPNOTSUPP} for an architecture without rules
   * @throws IllegalStateException if the machine is closed
   */
  public Mapping memremap(PhysRange range, MemremapFlag... flags) {
    return memremap(Remapper.start(range), Remapper.size(range), MemremapFlag.mask(flags));
  }

  /**
   * Maps memory, with the kernel's arguments. Every value of them gets an answer: a size of 0 and a
   * range that wraps around are refused.
   *
   * @param offset the first byte's physical address
   * @param size in bytes
   * @param flags bits of {@link MemremapFlag}; unknown ones are ignored beside known ones
   */
  public Mapping memremap(long offset, long size, long flags) {
    requireOpen();
    Mapping mapping = remap(offset, size, flags, ownRegions, null);
    register(mapping);
    return mapping;
  }

  /**
   * Maps without taking note of the mapping.
   *
   * @param unmanage told when it is closed; null if no device manages it
   */
  Mapping remap(
      long offset,
      long size,
      long flags,
      Supplier<MappedRegion> regions,
      @Nullable Runnable unmanage) {
    Provenance provenance = tracing ? Provenance.here() : null;
    return new Mapping(remapper.remap(offset, size, flags, regions), unmanage, provenance);
  }

  /**
   * Explains what {@link #memremap(PhysRange, MemremapFlag...)} would do, and changes nothing.
   *
   * @throws MemremapException {@code EOPNOTSUPP} for an architecture without rules ({@link
   *     Rule#C_19 C-19})
   * @throws IllegalStateException if the machine is closed
   */
  public RemapPlan explain(PhysRange range, MemremapFlag... flags) {
    return explain(Remapper.start(range), Remapper.size(range), MemremapFlag.mask(flags));
  }

  /** Explains what {@link #memremap(long, long, long)} would do, and changes nothing. */
  public RemapPlan explain(long offset, long size, long flags) {
    requireOpen();
    return remapper.plan(offset, size, flags);
  }

  /**
   * Maps registers, or any memory whose reading may have side effects: {@code ioremap}.
   *
   * @param range what to map; neither end need be aligned
   * @throws MemremapException {@code EINVAL} beyond the machine's addresses, {@code ENXIO} for
   *     System RAM, {@code EBUSY} if it is mapped as cached memory, the errno of the route to real
   *     memory, and {@code EOPNOTSUPP} for an architecture without rules
   * @throws IllegalStateException if the machine is closed
   */
  public IoMemory ioremap(PhysRange range) {
    requireOpen();
    IoMemory registers = ioremap(range, () -> {});
    if (closing) {
      registers.close();
      requireOpen();
    }
    return registers;
  }

  /**
   * Maps registers and takes note of them.
   *
   * @param unmanage told when they are unmapped
   */
  IoMemory ioremap(PhysRange range, Runnable unmanage) {
    Objects.requireNonNull(range, "range");
    Provenance provenance = tracing ? Provenance.here() : null;
    Ioremapper.Ioremapped mapped = ioremapper.ioremap(range);
    IoMemory registers =
        new IoMemory(
            range,
            mapped,
            closed -> {
              liveRegisters.remove(closed);
              unmanage.run();
            });
    liveRegisters.add(registers, provenance);
    return registers;
  }

  /**
   * Explains what {@link #ioremap} would do, and changes nothing.
   *
   * @throws MemremapException {@code EOPNOTSUPP} for an architecture without rules ({@link
   *     Rule#C_19 C-19})
   * @throws IllegalStateException if the machine is closed
   */
  public IoremapPlan explainIoremap(PhysRange range) {
    requireOpen();
    return ioremapper.plan(range);
  }

  /**
   * Explains what an {@code ioremap} of another mode would do, and changes nothing.
   *
   * @param mode UC-, the mode of {@link #ioremap}, or UC, that of {@code ioremap_uc}
   * @throws IllegalArgumentException for another mode
   * @throws MemremapException as {@link #explainIoremap(PhysRange)}
   */
  public IoremapPlan explainIoremap(PhysRange range, CacheMode mode) {
    requireOpen();
    return ioremapper.plan(range, mode);
  }

  /**
   * Attaches memory that has no physical address, such as a DAX file or huge pages, at a free range
   * of this machine's addresses. {@code memremap(machine.resource(name).range(), WB)} then maps it,
   * and page maps may cover it. It is closed with the machine.
   *
   * @param name the name of the new resource
   * @param source the memory; it must not belong to another machine
   * @return the resource; it begins at a multiple of 128 MiB and is as long as the source
   * @throws IllegalArgumentException if the name is taken
   * @throws MemremapException {@code ERANGE} if no range is free
   * @throws IllegalStateException if the machine is closed
   */
  public Resource attach(String name, MemorySource source) {
    requireOpen();
    return space.attach(name, source, description.lastAddress());
  }

  /** Unmaps a mapping: {@code memunmap}, the same as {@link Mapping#close()}. */
  public void memunmap(Mapping mapping) {
    Objects.requireNonNull(mapping, "mapping").close();
  }

  /**
   * Gives device memory page structures: {@code memremap_pages}. Use {@link Device#memremapPages}
   * to have it unmapped at the device's release.
   *
   * @param map what to map; it is checked in the order of {@link Rule#C_13 C-13}
   * @return the memory of the map's first range, valid until the map has drained ({@link Rule#C_17
   *     C-17}); for PRIVATE an empty segment at its physical address
   * @throws MemremapException {@code EINVAL}, {@code ENOMEM}, {@code ENXIO}, {@code EBUSY} or
   *     {@code EEXIST} if a check fails, {@code ENOMEM}, {@code ENOSPC} or {@code EFBIG} if the
   *     system lacks room, and {@code EOPNOTSUPP} for an architecture without rules; nothing is
   *     left behind then ({@link Rule#D_11 D-11})
   * @throws IllegalStateException if it is mapped already or still drains ({@link Rule#D_5 D-5}),
   *     or the machine is closed
   */
  public MemorySegment memremapPages(DevPagemap map) {
    requireOpen();
    return memremapPages(map, null);
  }

  MemorySegment memremapPages(DevPagemap map, @Nullable Device device) {
    space.platform().architecture().requireRules();
    MemorySegment segment = pagemaps.memremapPages(Objects.requireNonNull(map, "map"), device);
    if (closing) {
      // a close may have looked for live maps before this one was made
      pagemaps.undo(map);
      requireOpen();
    }
    return segment;
  }

  /**
   * Explains what {@link #memremapPages} would do, and changes nothing.
   *
   * @throws MemremapException {@code EOPNOTSUPP} for an architecture without rules ({@link
   *     Rule#C_19 C-19})
   * @throws IllegalStateException as {@link #memremapPages}
   */
  public PagemapPlan explainPages(DevPagemap map) {
    requireOpen();
    space.platform().architecture().requireRules();
    return pagemaps.plan(Objects.requireNonNull(map, "map"));
  }

  /**
   * Returns the device of this name, always the same object: {@linkplain #hardware() hardware},
   * which is released when it is pulled; a device in a simulated machine's resource tree or {@code
   * bar=} lines; or one that was {@linkplain #newDevice made} and not released.
   *
   * @throws IllegalArgumentException if no device has this name; the message lists the names
   * @throws IllegalStateException if the machine is closed
   */
  public Device device(String name) {
    requireOpen();
    return devices.named(Objects.requireNonNull(name, "name"));
  }

  /**
   * Makes a device that is not the machine's own. It leaves the machine when it is released, and
   * its name can then be used again.
   *
   * @throws IllegalArgumentException if a device of this name exists
   * @throws IllegalStateException if the machine is closed
   */
  public Device newDevice(String name) {
    return newDevice(name, Integer.MAX_VALUE);
  }

  /** Makes a device that manages few resources, to test a {@code devres_alloc} that fails. */
  Device newDevice(String name, int most) {
    requireOpen();
    return devices.make(Objects.requireNonNull(name, "name"), most);
  }

  /** Lists this computer's devices with memory; empty on a simulated machine. */
  public List<HardwareDevice> hardware() {
    requireNotClosed();
    return space.memory().devices();
  }

  /** Returns the mappings that are not closed yet, in no particular order. */
  public Set<Mapping> liveMappings() {
    return live.all();
  }

  /**
   * Closes the machine: releases its devices, newest first, unmaps what is still mapped, and frees
   * its memory. It kills page maps and does not wait: each goes with its last holder. The log names
   * the mappings that were left open, with their origin if the machine traces. A second close does
   * nothing, nor does one inside a device's action that the close runs. Every later call throws
   * IllegalStateException ({@link Rule#LIB_5 LIB-5}), except those that read the description, page
   * size, live mappings or a page, or give back what it handed out.
   *
   * <p>Everything is closed even if some of it fails; the first failure is thrown, the others
   * suppressed.
   *
   * @throws LeakException if the machine is {@linkplain MachineBuilder#strict strict} and something
   *     was left open, or is still held; all else is closed
   * @throws IllegalStateException if an I/O operation holds some memory; close it again later
   */
  @Override
  public void close() {
    StackRoom.touch();
    closing = true;
    teardown.close(devices::release, null);
  }

  /**
   * Closes the machine, and first waits at most {@code limit} in total for the holders of page
   * maps. An interrupt ends the waiting, too. Either way everything is closed; a page map that is
   * still held goes with its last holder.
   *
   * @param limit how long to wait; zero does not wait
   * @throws MemremapException {@code EBUSY} if something is still held when the limit has passed,
   *     naming the holders that are known
   * @throws InterruptedException if the thread was interrupted while it waited; what failed is
   *     suppressed
   * @throws IllegalStateException as {@link #close()}
   */
  public void close(Duration limit) throws InterruptedException {
    StackRoom.touch();
    Patience patience = Patience.interruptible(limit);
    closing = true;
    Failures failures = new Failures();
    failures.attempt(() -> teardown.close(devices::release, patience));
    patience.rethrowInterrupt(failures);
    failures.rethrow();
  }

  /** Adds a mapping to the live ones, or undoes it if the machine is closing. */
  void register(Mapping mapping) {
    live.add(mapping);
    if (closing) {
      mapping.close();
      requireOpen();
    }
  }

  @Override
  void requireOpen() {
    if (closing) {
      throw MachineTeardown.closed();
    }
  }

  @Override
  void requireNotClosed() {
    teardown.requireNotClosed();
  }
}
