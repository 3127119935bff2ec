// SPDX-License-Identifier: Apache-2.0
package dev.memremap;

import dev.memremap.devres.Devres;
import dev.memremap.devres.DevresRecord;
import dev.memremap.devres.DevresRelease;
import dev.memremap.internal.space.DeviceArena;
import dev.memremap.internal.space.DeviceArenas;
import dev.memremap.page.DevPagemap;
import dev.memremap.plan.MemremapFlag;
import dev.memremap.resource.PhysRange;
import dev.memremap.resource.Resource;
import dev.memremap.rule.Errno;
import dev.memremap.rule.MemremapException;
import dev.memremap.rule.Refusal;
import dev.memremap.rule.Rule;
import dev.memremap.spi.HardwareDevice;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * An owner of what a driver acquires: {@code struct device}, with the {@code devm_} functions. What
 * was acquired through it is released with it, newest first.
 *
 * <p>A device may be used again after a release, as a driver may be bound again.
 *
 * <p>Thread safety: all methods may be called from any thread. The managed resources lie in {@link
 * #devres()}, and the arenas of its mappings in {@code arenas}; both are thread-safe. {@code
 * releasing} makes one release wait for another.
 */
public final class Device {
  private static final Kind<Mapping> MEMUNMAP =
      new Kind<>("mapping", Rule.MU_2, (device, mapping) -> mapping.close());
  private static final Kind<IoMemory> IOUNMAP =
      new Kind<>("mapping of registers", Rule.MU_2, (device, registers) -> registers.close());
  private static final Kind<Resource> RELEASE_REGION =
      new Kind<>("region", Rule.RES_10, Device::releaseResource);
  private static final Kind<MappedPages> MEMUNMAP_PAGES =
      new Kind<>("page map", Rule.DP_5, Device::unmapPages);

  private final Machine machine;
  private final String name;
  private final Devres devres;
  private final Object releasing = new Object();
  private final DeviceArenas arenas;
  private final @Nullable HardwareDevice hardware;

  /**
   * A kind of managed thing, which is the key of its records.
   *
   * @param noun what it is called in a sentence
   * @param rule the rule that is cited when the device cannot manage another
   * @param release undoes one
   */
  private record Kind<T>(String noun, Rule rule, BiConsumer<Device, T> release)
      implements DevresRelease<Managed<T>> {
    @Override
    public void release(Managed<T> managed) {
      managed.release();
    }

    @Override
    public boolean isKeptOnFailure() {
      return true;
    }
  }

  /** A page map, and the memory of its first range. */
  private record MappedPages(DevPagemap map, MemorySegment segment) {}

  /**
   * The record of a managed thing, which exists before the thing does (MU-2).
   *
   * <p>Thread safety: {@code thing} is guarded by {@code this}.
   */
  private static final class Managed<T> {
    private final Device device;
    private final Kind<T> kind;
    private @Nullable T thing;

    Managed(Device device, Kind<T> kind) {
      this.device = device;
      this.kind = kind;
    }

    synchronized void holds(T made) {
      thing = made;
    }

    @SuppressWarnings("ReferenceEquality") // a thing is itself, whatever its equals says
    synchronized boolean isOf(Object candidate) {
      return thing == candidate;
    }

    synchronized T thing() {
      return Objects.requireNonNull(thing);
    }

    void release() {
      kind.release.accept(device, thing());
    }
  }

  Device(Machine machine, String name, Devres devres, @Nullable HardwareDevice hardware) {
    this.hardware = hardware;
    this.machine = machine;
    this.name = name;
    this.devres = devres;
    this.arenas = new DeviceArenas(machine.space(), name);
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
    Mapping mapping =
        manage(
            MEMUNMAP,
            unmanage -> {
              try {
                return machine.remap(offset, size, flags, arenas::region, unmanage);
              } catch (MemremapException e) {
                throw new MemremapException(
                    new Refusal(Errno.ENXIO, e.rule(), "device " + name + ": " + e.sentence()),
                    e.attempts(),
                    e);
              }
            });
    machine.register(mapping);
    return mapping;
  }

  /**
   * Acquires a thing and manages it. Its record exists before the thing does, so that nothing is
   * acquired that cannot be managed; closing the thing early takes its record off; a release that
   * fails keeps it.
   *
   * @param acquire makes the thing; it is given what the thing's early close has to run
   */
  private <T> T manage(Kind<T> kind, Function<Runnable, T> acquire) {
    machine.requireOpen();
    Managed<T> managed = new Managed<>(this, kind);
    DevresRecord<Managed<T>> managedRecord = allocate(managed);
    T thing;
    try {
      thing = acquire.apply(() -> unmanage(managed));
    } catch (RuntimeException | Error e) {
      devres.free(managedRecord);
      throw e;
    }
    managed.holds(thing);
    devres.add(managedRecord);
    try {
      machine.requireOpen();
    } catch (IllegalStateException closedMeanwhile) {
      // the machine may have released its devices before this thing was on the list
      release();
      throw closedMeanwhile;
    }
    return thing;
  }

  private <T> DevresRecord<Managed<T>> allocate(Managed<T> managed) {
    Kind<T> kind = managed.kind;
    try {
      return devres.alloc(kind, managed);
    } catch (MemremapException e) {
      throw new MemremapException(
          new Refusal(
              Errno.ENOMEM,
              kind.rule,
              "device %s cannot manage one more %s (%s); nothing was acquired"
                  .formatted(name, kind.noun, e.sentence())),
          e);
    }
  }

  /**
   * Takes the record of a thing that was closed early off the list. A release has taken it off
   * already. A machine that closes may do so before the record is on the list; then {@link #manage}
   * sees that it closes, and releases the record.
   */
  private <T> void unmanage(Managed<T> managed) {
    devres.remove(managed.kind, candidate -> candidate == managed);
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
    if (devres.find(MEMUNMAP, managed -> managed.isOf(mapping)).isEmpty()) {
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
    return manage(
            MEMUNMAP_PAGES, unmanage -> new MappedPages(map, machine.memremapPages(map, this)))
        .segment;
  }

  /**
   * Takes a page map apart early: {@code devm_memunmap_pages}.
   *
   * @throws IllegalStateException if this device does not manage it (D-5); nothing is unmapped then
   */
  public void memunmapPages(DevPagemap map) {
    try {
      devres.release(MEMUNMAP_PAGES, managed -> managed.thing().map == map);
    } catch (MemremapException e) {
      if (e.errno() != Errno.ENOENT) {
        throw e;
      }
      throw new IllegalStateException(
          "%s does not manage %s; unmap it where it was mapped [%s]"
              .formatted(this, map, Rule.D_5.id()),
          e);
    }
  }

  private void unmapPages(MappedPages pages) {
    DevPagemap map = pages.map;
    // one that drained while an I/O operation held it may have ended since
    if (map.manager().filter(this::equals).isPresent()) {
      try {
        machine.maps().memunmapPages(map, this, null);
      } catch (IllegalStateException e) {
        // a machine that closes may have unmapped it a moment ago
        if (map.state() != DevPagemap.State.DRAINING && map.state() != DevPagemap.State.UNMAPPED) {
          throw e;
        }
      }
    }
  }

  /**
   * Kills every page map that has a reference of its own, without waiting: lookups find none of
   * them from now on, and each goes when its last reader does. A caller's reference is killed by
   * the caller's own action, in its turn in the release.
   */
  void killPages() {
    while (true) {
      Optional<Managed<MappedPages>> next =
          devres.remove(MEMUNMAP_PAGES, managed -> managed.thing().map.ref().isEmpty());
      if (next.isEmpty()) {
        return;
      }
      try {
        machine.maps().memunmapPages(next.get().thing().map, this, Duration.ZERO);
      } catch (MemremapException stillRead) {
        if (stillRead.errno() != Errno.EBUSY) {
          throw stillRead;
        }
      }
    }
  }

  /** Whether it manages this page map, and so unmaps it with its release. */
  public boolean manages(DevPagemap map) {
    return devres.find(MEMUNMAP_PAGES, managed -> managed.thing().map == map).isPresent();
  }

  /**
   * Maps registers for as long as this device is not released: {@code devm_ioremap}.
   *
   * @throws MemremapException as {@link Machine#ioremap}
   */
  public IoMemory ioremap(PhysRange range) {
    return manage(IOUNMAP, unmanage -> machine.ioremap(range, unmanage));
  }

  /**
   * Takes a region of the resource tree until the release: {@code devm_request_mem_region}
   * (RES-10).
   *
   * @throws MemremapException {@code EBUSY} if something busy is in the way
   */
  public Resource requestMemRegion(PhysRange range, String regionName) {
    return manage(
        RELEASE_REGION, unmanage -> machine.space().tree().requestRegion(range, regionName, 0));
  }

  /**
   * Gives a region back early: {@code devm_release_mem_region}.
   *
   * @throws MemremapException {@code EINVAL} if this device did not request it
   */
  public void releaseMemRegion(PhysRange range) {
    try {
      devres.release(RELEASE_REGION, managed -> managed.thing().range().equals(range));
    } catch (MemremapException e) {
      if (e.errno() != Errno.ENOENT) {
        throw e;
      }
      throw new MemremapException(
          new Refusal(
              Errno.EINVAL,
              Rule.RES_10,
              "device %s did not request the region %s".formatted(name, range)));
    }
  }

  private void releaseResource(Resource region) {
    machine.space().tree().releaseResource(region);
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
      List<DeviceArena> toUnmap = arenas.beginRelease();
      try {
        // what drained while I/O held it is on no list any more
        machine.maps().retryHeld(this);
        return devres.releaseAll();
      } finally {
        arenas.endRelease(toUnmap);
      }
    }
  }

  @Override
  public String toString() {
    return "device " + name;
  }
}
