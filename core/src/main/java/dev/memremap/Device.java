// SPDX-License-Identifier: Apache-2.0
package dev.memremap;

import dev.memremap.devres.Devres;
import dev.memremap.devres.DevresRecord;
import dev.memremap.devres.DevresRelease;
import dev.memremap.memory.HardwareDevice;
import dev.memremap.page.DevPagemap;
import dev.memremap.resource.PhysRange;
import dev.memremap.resource.Resource;
import dev.memremap.resource.ResourceTree;
import dev.memremap.rule.Errno;
import dev.memremap.rule.MemremapException;
import dev.memremap.rule.Refusal;
import dev.memremap.rule.Rule;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * An owner of what a driver acquires: {@code struct device}, with the {@code devm_} functions. What
 * was acquired through it is released with it, newest first.
 *
 * <p>A device may be used again after a release, as a driver may be bound again.
 *
 * <p>Thread safety: all methods may be called from any thread. The managed resources lie in {@link
 * #devres()}, which sees to itself; {@code arena}, and {@code held}, the earlier ones that are not
 * unmapped, are guarded by {@code this}; {@code releasing} makes one release wait for another.
 */
public final class Device {
  /** Fewer held arenas are not looked through for those that are gone. */
  private static final int FEW_HELD = 16;

  private static final DevresRelease<Managed> MEMUNMAP = Managed::release;
  private static final DevresRelease<IoMemory> IOUNMAP = IoMemory::close;
  private static final DevresRelease<ManagedRegion> RELEASE_REGION = ManagedRegion::release;

  private static final DevresRelease<ManagedPages> MEMUNMAP_PAGES = ManagedPages::release;

  private final Machine machine;
  private final String name;
  private final Devres devres;
  private final Object releasing = new Object();
  private final Set<DeviceArena> held = new LinkedHashSet<>();
  private final @Nullable HardwareDevice hardware;
  private DeviceArena arena;
  private int lookThroughAt = FEW_HELD;

  /** The record of a mapping, which is made before the mapping is (MU-2). */
  private static final class Managed {
    private volatile @Nullable Mapping mapping;

    void release() {
      Mapping made = mapping;
      if (made != null) {
        made.close();
      }
    }
  }

  private record ManagedRegion(ResourceTree tree, Resource region) {
    void release() {
      tree.releaseResource(region);
    }
  }

  /** A page map, unmapped through the device that manages it. */
  private record ManagedPages(Machine machine, Device device, DevPagemap map) {
    void release() {
      machine.maps().memunmapPages(map, device, null);
    }
  }

  Device(Machine machine, String name, Devres devres, @Nullable HardwareDevice hardware) {
    this.hardware = hardware;
    this.machine = machine;
    this.name = name;
    this.devres = devres;
    this.arena = new DeviceArena(machine.quota(), name);
  }

  /** The name it was made with. */
  public String name() {
    return name;
  }

  /** The hardware it is, if the computer has some of its name. */
  public Optional<HardwareDevice> hardware() {
    return Optional.ofNullable(hardware);
  }

  /**
   * Where the hardware's memory lies, if it has one region.
   *
   * @throws IllegalStateException if there is no such hardware, or it has several regions
   */
  public PhysRange range() {
    List<HardwareDevice.Region> regions = hardware == null ? List.of() : hardware.regions();
    if (regions.size() != 1) {
      throw new IllegalStateException(
          hardware == null
              ? "no hardware is named %s; machine.hardware() lists what there is".formatted(name)
              : "%s has %d memory regions; take one with bar(N)".formatted(name, regions.size()));
    }
    return regions.getFirst().range();
  }

  /**
   * Where a region of the hardware lies: a BAR of a PCI device.
   *
   * @param index its number
   * @throws IllegalStateException if there is no such hardware
   * @throws IllegalArgumentException if it has no such region
   */
  public PhysRange bar(int index) {
    if (hardware == null) {
      return range();
    }
    return hardware.region(index).range();
  }

  /** Its managed resources: actions and groups of a driver's own. */
  public Devres devres() {
    return devres;
  }

  /**
   * Maps memory for as long as this device is not released: {@code devm_memremap} (MU-2).
   *
   * @param range what to map
   * @param flags the mapping types that may serve
   * @return the mapping; it may be closed early, which is {@link #memunmap}
   * @throws MemremapException {@code ENXIO} if the memory cannot be mapped, with every attempt;
   *     {@code ENOMEM} if it cannot be managed, and then nothing was tried
   * @throws IllegalStateException if the machine is closed
   */
  public Mapping memremap(PhysRange range, MemremapFlag... flags) {
    return memremap(range.start(), range.sizeBytes(), MemremapFlag.mask(flags));
  }

  /**
   * The same with the kernel's arguments, of which every value is answered.
   *
   * @param offset the first byte's physical address
   * @param size in bytes
   * @param flags bits of {@link MemremapFlag}
   */
  public Mapping memremap(long offset, long size, long flags) {
    machine.requireOpen();
    Managed managed = new Managed();
    DevresRecord<Managed> managedRecord = allocate(managed);
    Mapping mapping;
    try {
      mapping = machine.remapper().remap(offset, size, flags, this::home, this::unmanage);
    } catch (MemremapException e) {
      devres.free(managedRecord);
      throw new MemremapException(
          new Refusal(Errno.ENXIO, e.rule(), "device " + name + ": " + e.sentence()),
          e.attempts(),
          e);
    }
    managed.mapping = mapping;
    devres.add(managedRecord);
    try {
      machine.register(mapping);
    } catch (IllegalStateException closedMeanwhile) {
      // the machine released its devices before this mapping was made
      release();
      throw closedMeanwhile;
    }
    return mapping;
  }

  private DevresRecord<Managed> allocate(Managed managed) {
    try {
      return devres.alloc(MEMUNMAP, managed);
    } catch (MemremapException e) {
      throw new MemremapException(
          new Refusal(
              Errno.ENOMEM,
              Rule.MU_2,
              "device %s cannot manage one more mapping (%s); nothing was mapped"
                  .formatted(name, e.sentence())),
          e);
    }
  }

  private synchronized MappingHome home() {
    if (arena.isTooMuchLeft() && !arena.isUnused()) {
      begin();
    }
    if (arena.isTooMuchLeft()) {
      DeviceArena ofOne = arena.next();
      if (ofOne.enter()) {
        ofOne.retire();
        hold(ofOne);
        return ofOne;
      }
    }
    while (!arena.enter()) {
      begin();
    }
    return arena;
  }

  /** Retires the arena, and begins another. */
  private void begin() {
    arena.retire();
    hold(arena);
    arena = arena.next();
  }

  /** Those that are gone are dropped when there are twice as many as were left the last time. */
  private void hold(DeviceArena retired) {
    held.add(retired);
    if (held.size() >= lookThroughAt) {
      held.removeIf(DeviceArena::isGone);
      lookThroughAt = Math.max(FEW_HELD, 2 * held.size());
    }
  }

  /**
   * A mapping that closes is managed no longer; in a release its record is off the list already.
   */
  private void unmanage(Mapping mapping) {
    devres.remove(MEMUNMAP, managed -> isOf(managed, mapping));
  }

  private static boolean isOf(Managed managed, Mapping mapping) {
    return managed.mapping == mapping;
  }

  /**
   * Unmaps early what this device mapped: {@code devm_memunmap}. The mapping throws from then on,
   * its table entries are free; its bytes go with the release, or sooner, together with those of a
   * thousand others that were closed early.
   *
   * @throws MemremapException {@code EINVAL} if this device does not manage the mapping; nothing is
   *     unmapped then (MU-3)
   */
  public void memunmap(Mapping mapping) {
    if (devres.find(MEMUNMAP, managed -> isOf(managed, mapping)).isEmpty()) {
      throw new MemremapException(
          Errno.EINVAL,
          Rule.MU_3,
          "device %s does not manage %s; close it yourself, or through the device that made it"
              .formatted(name, mapping));
    }
    mapping.close();
  }

  /**
   * Gives device memory page structures for as long as this device is not released: {@code
   * devm_memremap_pages}.
   *
   * <p>With a reference of the caller's, register what waits for it and exits it before this, and
   * what kills it after: the release runs newest first, so the reference is killed, the map
   * unmapped, then waited for and exited (W-8, DR-7).
   *
   * @return the memory of the map's first range; see {@link Machine#memremapPages}
   * @throws MemremapException as {@link Machine#memremapPages}; {@code ENOMEM} if this device
   *     cannot manage it, and then it is unmapped again
   * @throws IllegalStateException if it is mapped already or still drains (D-5), or the machine is
   *     closed
   */
  public MemorySegment memremapPages(DevPagemap map) {
    machine.requireOpen();
    DevresRecord<ManagedPages> managedRecord;
    try {
      managedRecord = devres.alloc(MEMUNMAP_PAGES, new ManagedPages(machine, this, map));
    } catch (MemremapException e) {
      throw new MemremapException(
          new Refusal(
              Errno.ENOMEM,
              Rule.DP_5,
              "device %s cannot manage one more page map (%s); nothing was mapped"
                  .formatted(name, e.sentence())),
          e);
    }
    MemorySegment segment;
    try {
      segment = machine.memremapPages(map, this);
    } catch (RuntimeException | Error e) {
      devres.free(managedRecord);
      throw e;
    }
    devres.add(managedRecord);
    return segment;
  }

  /**
   * Takes a page map apart early: {@code devm_memunmap_pages}.
   *
   * @throws IllegalStateException if this device does not manage it (D-5); nothing is unmapped then
   */
  public void memunmapPages(DevPagemap map) {
    ManagedPages managed =
        devres
            .remove(MEMUNMAP_PAGES, candidate -> candidate.map == map)
            .orElseThrow(
                () ->
                    new IllegalStateException(
                        "%s does not manage %s; unmap it where it was mapped [%s]"
                            .formatted(this, map, Rule.D_5.id())));
    managed.release();
  }

  /**
   * Kills every page map that has a reference of its own, without waiting: lookups find none of
   * them from now on, and each goes when its last reader does. A caller's reference is killed by
   * the caller's own action, in its turn in the release.
   */
  void killPages() {
    while (true) {
      Optional<ManagedPages> next =
          devres.remove(MEMUNMAP_PAGES, pages -> pages.map.ref().isEmpty());
      if (next.isEmpty()) {
        return;
      }
      try {
        machine.maps().memunmapPages(next.get().map, this, Duration.ZERO);
      } catch (MemremapException stillRead) {
        if (stillRead.errno() != Errno.EBUSY) {
          throw stillRead;
        }
      }
    }
  }

  /** Whether it manages this page map, and so unmaps it with its release. */
  public boolean manages(DevPagemap map) {
    return devres.find(MEMUNMAP_PAGES, candidate -> candidate.map == map).isPresent();
  }

  /**
   * Maps registers for as long as this device is not released: {@code devm_ioremap}.
   *
   * @throws MemremapException as {@link Machine#ioremap}
   */
  public IoMemory ioremap(PhysRange range) {
    machine.requireOpen();
    IoMemory registers = machine.ioremap(range);
    devres.add(devres.alloc(IOUNMAP, registers));
    return registers;
  }

  /**
   * Takes a region of the resource tree until the release: {@code devm_request_mem_region}
   * (RES-10).
   *
   * @throws MemremapException {@code EBUSY} if something busy is in the way
   */
  public Resource requestMemRegion(PhysRange range, String regionName) {
    machine.requireOpen();
    Resource region = machine.resources().requestRegion(range, regionName, 0);
    devres.add(devres.alloc(RELEASE_REGION, new ManagedRegion(machine.resources(), region)));
    try {
      machine.requireOpen();
    } catch (IllegalStateException closedMeanwhile) {
      // the machine released its devices before this region was taken
      release();
      throw closedMeanwhile;
    }
    return region;
  }

  /**
   * Gives a region back early: {@code devm_release_mem_region}.
   *
   * @throws MemremapException {@code EINVAL} if this device did not request it
   */
  public void releaseMemRegion(PhysRange range) {
    ManagedRegion managed =
        devres
            .remove(RELEASE_REGION, candidate -> candidate.region.range().equals(range))
            .orElseThrow(
                () ->
                    new MemremapException(
                        Errno.EINVAL,
                        Rule.RES_10,
                        "device %s did not request the region %s".formatted(name, range)));
    managed.release();
  }

  /**
   * Releases everything this device manages, newest first: {@code devres_release_all} (DR-1).
   *
   * <p>A failure of one release does not keep the others from running; it is thrown when all have.
   *
   * @return how many resources were released
   * @throws IllegalStateException if an I/O operation holds a mapping's memory: the mapping throws
   *     already, its memory and table entries stay, and {@code release} may be called again
   */
  public int release() {
    synchronized (releasing) {
      List<DeviceArena> toUnmap;
      synchronized (this) {
        held.add(arena);
        held.forEach(DeviceArena::beginRelease);
        arena = arena.next();
        toUnmap = List.copyOf(held);
      }
      try {
        // what drained while I/O held it is on no list any more
        machine.maps().retryHeld(this);
        return devres.releaseAll();
      } finally {
        unmap(toUnmap);
      }
    }
  }

  /** One that an I/O operation holds does not keep the others. */
  private void unmap(List<DeviceArena> arenas) {
    IllegalStateException failed = null;
    for (DeviceArena old : arenas) {
      try {
        old.unmap();
        synchronized (this) {
          held.remove(old);
        }
      } catch (IllegalStateException e) {
        if (failed == null) {
          failed = e;
        } else {
          failed.addSuppressed(e);
        }
      }
    }
    if (failed != null) {
      throw failed;
    }
  }

  @Override
  public String toString() {
    return "device " + name;
  }
}
