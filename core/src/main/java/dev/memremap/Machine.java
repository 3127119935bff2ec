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
import dev.memremap.resource.Intersection;
import dev.memremap.resource.PhysRange;
import dev.memremap.resource.Resource;
import dev.memremap.resource.ResourceDesc;
import dev.memremap.resource.ResourceFlags;
import dev.memremap.resource.ResourceSnapshot;
import dev.memremap.rule.MemremapException;
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
 * A physical address space: what lies where, what is mapped how, and the functions of Linux that
 * map it.
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
 *   <tr><td>a page map</td><td>it is unmapped, its device released or the machine closed, and the
 *       last reference to it was put</td></tr>
 *   <tr><td>a mapping of a {@link Device}</td><td>the device is released, or the machine closes</td></tr>
 * </table>
 *
 * <p>Two machines in one JVM share the number of mappings that the system allows a process (LIB-1).
 * A release of one machine's device inside an action of another's is watched, so that two of them
 * do not wait for each other.
 *
 * <p>Thread safety: all methods may be called from any thread. {@code closing} is volatile, set
 * before {@code close} looks for what is live, and read again after a mapping was registered: so
 * either {@code close} finds the mapping, or whoever made it sees {@code closing} and undoes it.
 * The address space, the devices and the teardown are thread-safe.
 */
public final class Machine extends MachinePages implements AutoCloseable {
  private final MachineDescription description;
  private final AddressSpace space;
  private final Remapper remapper;
  private final Ioremapper ioremapper;
  private final boolean tracing;
  private final Mapping.Live live = new Mapping.Live();
  private final LiveRegisters liveRegisters = new LiveRegisters();
  private final Supplier<MappedRegion> ownRegions;
  private final Devices devices;
  private final MachineTeardown teardown;
  volatile boolean closing;

  Machine(MachineBuilder builder) {
    this(builder, builder.space());
  }

  private Machine(MachineBuilder builder, AddressSpace space) {
    super(new Pagemaps(space, builder.memmap(), builder.isTracing()));
    this.description = builder.description();
    this.tracing = builder.isTracing();
    this.space = space;
    this.remapper = new Remapper(space, builder.cipher(), builder.isStrict());
    this.ioremapper = new Ioremapper(space, remapper::rules);
    this.devices = new Devices(this, space.memory());
    this.teardown = new MachineTeardown(space, pagemaps, live, liveRegisters, builder.isStrict());
    this.ownRegions = space::region;
  }

  /**
   * A machine with simulated memory, as this description says.
   *
   * @throws MemremapException {@code ENOSPC} or {@code EIO} if there is no place for its memory
   */
  public static Machine simulated(MachineDescription description) {
    return builder(description).build();
  }

  /**
   * A machine with simulated memory, as a machine file or a copy of {@code /proc/iomem} says.
   *
   * @throws IllegalArgumentException if the file is not one; the sentence names the line
   * @throws java.io.UncheckedIOException if it cannot be read
   */
  public static Machine simulated(Path machineFile) {
    return simulated(MachineDescription.read(Objects.requireNonNull(machineFile, "machineFile")));
  }

  /**
   * The computer this JVM runs on: its resource tree, and its memory by every route that its system
   * offers. What a route needs is said when it is asked for: without privilege the tree is empty,
   * and only memory that anyone may have can be {@linkplain #attach attached}.
   *
   * @param permissions what may be done besides what is safe
   * @throws UnsupportedOperationException if this is no Linux, or the module {@code
   *     dev.memremap.linux} is not there; the message says which
   */
  public static Machine host(HostMemory.Permission... permissions) {
    return hostBuilder(permissions).build();
  }

  /** The same with choices; what lies where is the computer's own. */
  public static MachineBuilder hostBuilder(HostMemory.Permission... permissions) {
    return HostMachine.builder(Set.of(Objects.requireNonNull(permissions, "permissions")));
  }

  /** A machine with choices: its memory, its limit, tracing, strictness, its encryption key. */
  public static MachineBuilder builder(MachineDescription description) {
    return new MachineBuilder(description);
  }

  /** What the machine is. */
  public MachineDescription description() {
    return description;
  }

  /** What lies where, and who holds it, as it stands. */
  public ResourceSnapshot resources() {
    requireNotClosed();
    return space.resources();
  }

  /** Which range is mapped with which memory type, as it stands. */
  public MemtypeList memtypes() {
    requireNotClosed();
    return space.memtypes().list();
  }

  /**
   * The resource with this name.
   *
   * @throws IllegalArgumentException if there is none, or more than one
   */
  public Resource resource(String name) {
    List<Resource> found = resources().named(name);
    if (found.size() != 1) {
      throw new IllegalArgumentException(
          found.isEmpty()
              ? "no resource is named '%s'; 'memremap iomem' lists the names".formatted(name)
              : "%d resources are named '%s': %s; take the range of the one you mean"
                  .formatted(found.size(), name, found));
    }
    return found.getFirst();
  }

  /**
   * How a range lies to System RAM: {@code region_intersects} with the kernel's arguments, of which
   * every value is answered (RI-5).
   *
   * @param start the first byte's physical address
   * @param size in bytes
   */
  public Intersection regionIntersects(long start, long size) {
    return resources().regionIntersects(start, size, ResourceFlags.SYSTEM_RAM, ResourceDesc.NONE);
  }

  /** How a range lies to System RAM. */
  public Intersection regionIntersects(PhysRange range) {
    return regionIntersects(Remapper.start(range), range.sizeBytes());
  }

  @Override
  Intersection toSystemRam(PhysRange range) {
    return regionIntersects(range);
  }

  /**
   * Maps memory that has no I/O side effects: {@code memremap}. Of the mapping types given, WB, WT
   * and WC are tried in that order, whatever theirs in the call, until one succeeds.
   *
   * @param range what to map; neither end need be aligned
   * @param flags the mapping types that may serve, and ENC or DEC to modify them
   * @throws MemremapException with every attempt and its reason: {@code EINVAL} for a request that
   *     can never be granted, {@code ENXIO} for what lies there, {@code EBUSY} for what is mapped
   *     there already, {@code ENOMEM}, {@code ENOSPC} or {@code EFBIG} where the system lacks room,
   *     {@code EOPNOTSUPP} for an architecture without rules
   * @throws IllegalStateException if the machine is closed
   */
  public Mapping memremap(PhysRange range, MemremapFlag... flags) {
    return memremap(Remapper.start(range), Remapper.size(range), MemremapFlag.mask(flags));
  }

  /**
   * The same with the kernel's arguments, of which every value is answered: a size of 0, a range
   * that wraps around and unknown bits are inputs of the contract.
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
   * What {@link #memremap(PhysRange, MemremapFlag...)} would do, without doing anything.
   *
   * @throws MemremapException {@code EOPNOTSUPP} for an architecture without rules (C-19)
   * @throws IllegalStateException if the machine is closed
   */
  public RemapPlan explain(PhysRange range, MemremapFlag... flags) {
    return explain(Remapper.start(range), Remapper.size(range), MemremapFlag.mask(flags));
  }

  /**
   * What {@link #memremap(long, long, long)} would do, without doing anything. It throws what
   * {@link #explain(PhysRange, MemremapFlag...)} throws.
   */
  public RemapPlan explain(long offset, long size, long flags) {
    requireOpen();
    return remapper.plan(offset, size, flags);
  }

  /**
   * Maps registers, or any memory whose reading may have side effects: {@code ioremap}.
   *
   * @param range what to map; neither end need be aligned
   * @throws MemremapException {@code EINVAL} beyond the machine's addresses, {@code ENXIO} for
   *     System RAM, {@code EBUSY} where it is mapped as cached memory, what the routes to real
   *     memory answer, and {@code EOPNOTSUPP} for an architecture without rules
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
   * What {@link #ioremap} would do, without doing anything.
   *
   * @throws MemremapException {@code EOPNOTSUPP} for an architecture without rules (C-19)
   * @throws IllegalStateException if the machine is closed
   */
  public IoremapPlan explainIoremap(PhysRange range) {
    requireOpen();
    return ioremapper.plan(range);
  }

  /**
   * What an {@code ioremap} of another mode would do, without doing anything.
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
   * @param name what the resource tree shall call it
   * @param source the memory; not of another machine
   * @return the resource; it begins at a multiple of 128 MiB and is as long as the source
   * @throws IllegalArgumentException if the name is taken
   * @throws MemremapException {@code ERANGE} if no range is free
   * @throws IllegalStateException if the machine is closed
   */
  public Resource attach(String name, MemorySource source) {
    requireOpen();
    return space.attach(name, source, description.lastAddress());
  }

  /** Unmaps: {@code memunmap}, another word for {@link Mapping#close()}. */
  public void memunmap(Mapping mapping) {
    Objects.requireNonNull(mapping, "mapping").close();
  }

  /**
   * Gives device memory page structures: {@code memremap_pages}. Who maps it through a {@link
   * Device} has it unmapped with the device's release.
   *
   * @param map what to map; it is checked in the order of C-13
   * @return the memory of the map's first range, valid until the map has drained (C-17); for
   *     PRIVATE a segment of no bytes at its physical address
   * @throws MemremapException {@code EINVAL}, {@code ENOMEM}, {@code ENXIO}, {@code EBUSY} or
   *     {@code EEXIST} as C-13 says, {@code ENOMEM}, {@code ENOSPC} or {@code EFBIG} where the
   *     system lacks room, and {@code EOPNOTSUPP} for an architecture without rules; nothing is
   *     left behind then (D-11)
   * @throws IllegalStateException if it is mapped already or still drains (D-5), or the machine is
   *     closed
   */
  public MemorySegment memremapPages(DevPagemap map) {
    requireOpen();
    return memremapPages(map, null);
  }

  MemorySegment memremapPages(DevPagemap map, @Nullable Device device) {
    space.platform().architecture().requireRules();
    MemorySegment segment = pagemaps.memremapPages(Objects.requireNonNull(map, "map"), device);
    if (closing) {
      // whoever closes may have looked for live maps before this one was made
      pagemaps.undo(map);
      requireOpen();
    }
    return segment;
  }

  /**
   * What {@link #memremapPages} would do, without doing anything.
   *
   * @throws MemremapException {@code EOPNOTSUPP} for an architecture without rules (C-19)
   * @throws IllegalStateException as {@link #memremapPages}
   */
  public PagemapPlan explainPages(DevPagemap map) {
    requireOpen();
    space.platform().architecture().requireRules();
    return pagemaps.plan(Objects.requireNonNull(map, "map"));
  }

  /**
   * The machine's device of this name, which is one object however often it is asked for: hardware
   * of the computer ({@link #hardware()}), which is released when it is pulled; a device that a
   * simulated machine's file names, in its resource tree or in {@code bar=} lines; or one that was
   * {@linkplain #newDevice made} and not released.
   *
   * @throws IllegalArgumentException if there is none; the sentence names those there are
   * @throws IllegalStateException if the machine is closed
   */
  public Device device(String name) {
    requireOpen();
    return devices.named(Objects.requireNonNull(name, "name"));
  }

  /**
   * A new device that is not the machine's own, whose managed resources are released newest first.
   * Once it was released, it leaves the machine, and its name may be given again.
   *
   * @throws IllegalArgumentException if there is a device of this name
   * @throws IllegalStateException if the machine is closed
   */
  public Device newDevice(String name) {
    return newDevice(name, Integer.MAX_VALUE);
  }

  /**
   * A new device that manages so many resources at most, to test against a {@code devres_alloc}
   * that fails.
   */
  Device newDevice(String name, int most) {
    requireOpen();
    return devices.make(Objects.requireNonNull(name, "name"), most);
  }

  /** What this computer's system shows of devices with memory; none on a simulated machine. */
  public List<HardwareDevice> hardware() {
    requireNotClosed();
    return space.memory().devices();
  }

  /** The mappings that are not closed yet, in no order. */
  public Set<Mapping> liveMappings() {
    return live.all();
  }

  /**
   * Closes the machine: releases its devices, newest first, unmaps what is still mapped, and gives
   * its memory back. It kills page maps and does not wait: each goes with its last holder. Mappings
   * that were left open are named in the log, with where they were made if the machine traces.
   * Closing twice does nothing, nor does closing inside a device's action that the close runs. Once
   * closed, every call throws IllegalStateException (LIB-5), except those that read its
   * description, page size, live mappings or a page. {@code memunmap} and {@code putDevPagemap}
   * still give back what it gave, and {@code memunmapPages} ends a map that could not end.
   *
   * <p>A failure keeps nothing else from being closed; the first is thrown, the others suppressed.
   *
   * @throws LeakException if the machine is {@linkplain MachineBuilder#strict strict} and something
   *     was left open, or is still held; all else is closed then
   * @throws IllegalStateException if an I/O operation holds some memory; closing may be tried again
   */
  @Override
  public void close() {
    StackRoom.touch();
    closing = true;
    teardown.close(devices::release, null);
  }

  /**
   * Closes the machine, and gives those who hold page maps time to put them, over all together. An
   * interrupt ends the waiting, too. Either way all is closed; what is still held goes with its
   * last holder.
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

  /** Takes a mapping among the live ones, or undoes it if the machine closes meanwhile. */
  void register(Mapping mapping) {
    live.add(mapping);
    if (closing) {
      mapping.close();
      requireOpen();
    }
  }

  AddressSpace space() {
    return space;
  }

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
