// SPDX-License-Identifier: Apache-2.0
package dev.memremap;

import dev.memremap.devres.Devres;
import dev.memremap.devres.DevresRecord;
import dev.memremap.internal.remap.Remapper;
import dev.memremap.internal.space.DeviceArena;
import dev.memremap.internal.space.DeviceArenas;
import dev.memremap.internal.stack.StackRoom;
import dev.memremap.internal.teardown.Failures;
import dev.memremap.internal.teardown.Patience;
import dev.memremap.internal.teardown.TeardownTurn;
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
import java.util.function.Function;

/**
 * Owns what a driver acquires, and releases it newest first: {@code struct device}, with the {@code
 * devm_} functions.
 *
 * <p>It can be used again after a release, as a driver can be bound again. {@link #close} is {@link
 * #release()}.
 *
 * <p>Thread safety: all methods may be called from any thread.
 */
public final class Device implements AutoCloseable {
  private static final Managed.Kind<Device, Mapping> MEMUNMAP =
      new Managed.Kind<>("mapping", Rule.MU_2, (device, mapping) -> mapping.close());
  private static final Managed.Kind<Device, IoMemory> IOUNMAP =
      new Managed.Kind<>(
          "mapping of registers", Rule.MU_2, (device, registers) -> registers.close());
  private static final Managed.Kind<Device, Resource> RELEASE_REGION =
      new Managed.Kind<>("region", Rule.RES_10, Device::releaseResource);
  private static final Managed.Kind<Device, MappedPages> MEMUNMAP_PAGES =
      new Managed.Kind<>("page map", Rule.DP_5, Device::unmapPages);

  // The managed resources lie in devres, the arenas of its mappings in arenas; both are
  // thread-safe. The turn makes one release wait for another, and patience belongs to the thread
  // that has the turn. A driver's actions run in the turn, and under no lock.
  private final Machine machine;
  private final Devices devices;
  private final DeviceBars bars;
  private final Devres devres;
  private final DeviceArenas arenas;
  private final TeardownTurn turn;
  private Patience patience = Patience.unlimited();

  /** A page map, and the memory of its first range. */
  private record MappedPages(DevPagemap map, MemorySegment segment) {}

  /**
   * A device that holds nothing.
   *
   * @param devices of which it is one
   * @param most how many resources it may manage
   */
  Device(Machine machine, Devices devices, DeviceBars bars, int most) {
    this.machine = machine;
    this.devices = devices;
    this.bars = bars;
    this.devres = new Devres(most, () -> devices.list(this));
    this.arenas = new DeviceArenas(machine.space(), bars.device());
    this.turn = new TeardownTurn(TeardownTurn.Of.DEVICE, "device " + bars.device());
  }

  /** Returns its name. */
  public String name() {
    return bars.device();
  }

  /** Returns the hardware it is; empty if this computer has no hardware of its name. */
  public Optional<HardwareDevice> hardware() {
    return Optional.ofNullable(bars.hardware());
  }

  /**
   * Returns the physical addresses of its only region.
   *
   * @throws IllegalStateException if it is not the machine's own, or has several regions
   */
  public PhysRange range() {
    return bars.only();
  }

  /**
   * Returns the physical addresses of one region, such as a BAR of a PCI device. On a simulated
   * machine, the {@code bar=} lines of its file number the regions.
   *
   * @param index the region's number, from 0
   * @throws IllegalStateException if it is not the machine's own
   * @throws IllegalArgumentException if it has no region with this number; if the machine file does
   *     not number its regions, the message says which line is missing
   */
  public PhysRange bar(int index) {
    return bars.bar(index);
  }

  /** Returns all its regions, numbered or not, by ascending address. */
  public List<PhysRange> bars() {
    return bars.all();
  }

  /** Returns its managed resources, to which a driver adds actions and groups. */
  public Devres devres() {
    return devres;
  }

  /**
   * Maps memory until this device is released: {@code devm_memremap} ({@link Rule#MU_2 MU-2}).
   *
   * @param range what to map
   * @param flags the mapping types that may serve
   * @return the mapping; it may be closed early, which is {@link #memunmap}
   * @throws MemremapException {@code ENXIO} if the memory cannot be mapped, with every attempt;
   *     {@code ENOMEM} if the mapping cannot be managed, before anything was tried
   * @throws IllegalStateException if the machine is closed
   */
  public Mapping memremap(PhysRange range, MemremapFlag... flags) {
    return memremap(Remapper.start(range), Remapper.size(range), MemremapFlag.mask(flags));
  }

  /**
   * Maps memory until this device is released, with the kernel's arguments: every value of them
   * gets an answer, as in {@link Machine#memremap(long, long, long)}.
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
                // C-19: that an architecture has no rules says nothing about what lies there (MU-2)
                Errno errno = e.rule() == Rule.C_19 ? e.errno() : Errno.ENXIO;
                throw new MemremapException(
                    new Refusal(errno, e.rule(), "device " + name() + ": " + e.sentence()),
                    e.attempts(),
                    e.assumptions(),
                    e);
              }
            });
    machine.register(mapping);
    return mapping;
  }

  /**
   * Acquires a thing and manages it. Room for its record is made first, and the machine is told of
   * the device: so nothing is acquired that the heap has no room to manage. If others take that
   * room meanwhile and the heap is full, the thing is released again. Closing the thing early takes
   * its record off; a release that fails keeps it.
   *
   * @param acquire makes the thing; it is given what the thing's early close has to run
   */
  private <T> T manage(Managed.Kind<Device, T> kind, Function<Runnable, T> acquire) {
    StackRoom.touchTwice();
    machine.requireOpen();
    Managed<Device, T> managed = new Managed<>(this, kind);
    DevresRecord<Managed<Device, T>> managedRecord = allocate(managed);
    // a device that holds something is listed already
    boolean isNew = devres.size() == 0 && devices.list(this);
    T thing;
    try {
      // a release takes the record off by itself; a machine that closes may come before it is on
      // the list, and then the check below sees that
      thing = acquire.apply(() -> devres.remove(managedRecord));
    } catch (Throwable nothingAcquired) {
      unlistAfter(nothingAcquired, isNew);
      throw nothingAcquired;
    }
    managed.holds(thing);
    try {
      addOrRelease(managedRecord);
      machine.requireOpen();
    } catch (Throwable notManaged) {
      if (machine.closing) {
        // the machine may have released its devices before this thing was on the list
        releaseAfter(notManaged);
      }
      unlistAfter(notManaged, isNew);
      Failures.rethrow(notManaged);
    }
    return thing;
  }

  /** Takes a device that was listed for what it could not acquire off the list. */
  private void unlistAfter(Throwable failure, boolean wasListedForIt) {
    if (wasListedForIt) {
      try {
        devices.released(this);
      } catch (Throwable e) {
        Failures.join(failure, e);
      }
    }
  }

  private void releaseAfter(Throwable failure) {
    Runnable release = turn.isMine() ? this::releaseAll : this::release;
    try {
      release.run();
    } catch (Throwable e) {
      Failures.join(failure, e);
    }
  }

  /** A thing that cannot be put on the list is released again. */
  private <T> void addOrRelease(DevresRecord<Managed<Device, T>> managedRecord) {
    try {
      devres.add(managedRecord);
    } catch (Throwable notAdded) {
      try {
        managedRecord.data().release();
      } catch (Throwable e) {
        Failures.join(notAdded, e);
      }
      Failures.rethrow(notAdded);
    }
  }

  private <T> DevresRecord<Managed<Device, T>> allocate(Managed<Device, T> managed) {
    Managed.Kind<Device, T> kind = managed.kind;
    try {
      return devres.alloc(kind, managed);
    } catch (MemremapException e) {
      throw new MemremapException(
          new Refusal(
              Errno.ENOMEM,
              kind.rule(),
              "device %s cannot manage one more %s (%s); nothing was acquired"
                  .formatted(name(), kind.noun(), e.sentence())),
          e);
    }
  }

  /**
   * Unmaps early what this device mapped: {@code devm_memunmap}. From then on the mapping throws,
   * and another mapping can have another memory type there. Its bytes are unmapped at the release,
   * or sooner, together with a thousand others that were closed early.
   *
   * @throws MemremapException {@code EINVAL} if this device does not manage the mapping; nothing is
   *     unmapped then ({@link Rule#MU_3 MU-3})
   */
  public void memunmap(Mapping mapping) {
    Objects.requireNonNull(mapping, "mapping");
    if (devres.find(MEMUNMAP, managed -> managed.isOf(mapping)).isEmpty()) {
      throw new MemremapException(
          Errno.EINVAL,
          Rule.MU_3,
          "device %s does not manage %s; close it yourself, or through the device that made it"
              .formatted(name(), mapping));
    }
    mapping.close();
  }

  /**
   * Gives device memory page structures until this device is released: {@code devm_memremap_pages}.
   *
   * <p>If the map has a reference of the caller's, register the action that waits for it and exits
   * it before this call, and the action that kills it after this call. The release runs newest
   * first: the reference is killed, the map is unmapped, then the reference is waited for and
   * exited.
   *
   * @return the memory of the map's first range; see {@link Machine#memremapPages}
   * @throws MemremapException as {@link Machine#memremapPages}; {@code ENOMEM} if this device
   *     cannot manage it, after it was unmapped again
   * @throws IllegalStateException if it is mapped already or still drains ({@link Rule#D_5 D-5}),
   *     or the machine is closed
   */
  public MemorySegment memremapPages(DevPagemap map) {
    return manage(
            MEMUNMAP_PAGES, unmanage -> new MappedPages(map, machine.memremapPages(map, this)))
        .segment;
  }

  /**
   * Unmaps a page map early: {@code devm_memunmap_pages}.
   *
   * @throws IllegalStateException if this device does not manage it ({@link Rule#D_5 D-5}); nothing
   *     is unmapped then
   */
  public void memunmapPages(DevPagemap map) {
    Objects.requireNonNull(map, "map");
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
    // one that was unmapped already, by a machine that closes or by a release that had no patience,
    // is waited for; one that is gone is passed over
    machine.maps().releasePages(pages.map, this, turn.isMine() ? patience : Patience.unlimited());
  }

  /**
   * Kills every page map that has a reference of its own, without waiting: lookups find none of
   * them from now on, and each goes when its last reader does. Their records stay, and the release
   * waits for them. A caller's reference is killed by the caller's own action, in its turn in the
   * release.
   */
  void killPages() {
    StackRoom.touchTwice();
    machine.maps().kill(this);
  }

  /** Returns whether it manages this page map, and so unmaps it at its release. */
  public boolean manages(DevPagemap map) {
    Objects.requireNonNull(map, "map");
    return devres.find(MEMUNMAP_PAGES, managed -> managed.thing().map == map).isPresent();
  }

  /**
   * Maps registers until this device is released: {@code devm_ioremap}.
   *
   * @throws MemremapException as {@link Machine#ioremap}
   */
  public IoMemory ioremap(PhysRange range) {
    return manage(IOUNMAP, unmanage -> machine.ioremap(range, unmanage));
  }

  /**
   * Requests a region of the resource tree until the release: {@code devm_request_mem_region}
   * ({@link Rule#RES_10 RES-10}).
   *
   * @throws MemremapException {@code EBUSY} if a busy resource is in the way
   */
  public Resource requestMemRegion(PhysRange range, String regionName) {
    Objects.requireNonNull(range, "range");
    Objects.requireNonNull(regionName, "regionName");
    return manage(
        RELEASE_REGION, unmanage -> machine.space().tree().requestRegion(range, regionName, 0));
  }

  /**
   * Takes a free range for memory that no processor can address until the release: {@code
   * devm_request_free_mem_region}. Its name is the device's. {@link #releaseMemRegion} gives it
   * back early.
   *
   * @param base where to look, such as {@code machine.resources().root()}
   * @param size in bytes; rounded up to whole sections
   * @throws MemremapException as {@link Machine#requestFreeMemRegion}; {@code ENOMEM} if the range
   *     cannot be managed, before anything was tried
   */
  public Resource requestFreeMemRegion(Resource base, long size) {
    Objects.requireNonNull(base, "base");
    return manage(
        RELEASE_REGION,
        unmanage -> machine.space().tree().requestFreeMemRegion(base, size, name()));
  }

  /**
   * Releases a region early: {@code devm_release_mem_region}.
   *
   * @throws MemremapException {@code EINVAL} if this device did not request it
   */
  public void releaseMemRegion(PhysRange range) {
    Objects.requireNonNull(range, "range");
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
              "device %s did not request the region %s".formatted(name(), range)));
    }
  }

  private void releaseResource(Resource region) {
    machine.space().tree().releaseResource(region);
  }

  /**
   * Releases everything this device manages, newest first: {@code devres_release_all}. Waits until
   * the page maps with references of their own are held no longer, and for another thread that
   * releases this device. The log names what it waits for after one second, then every ten.
   *
   * <p>All resources are released even if some fail; then the first failure is thrown, with the
   * later ones suppressed. What could not be released stays managed, and the release can be tried
   * again; an action runs once. An action may release its own device, which releases what is left;
   * it may release another device, unless that one's actions come back to this one.
   *
   * @return how many resources were released
   * @throws IllegalStateException if an I/O operation holds a mapping's memory: the mapping throws
   *     already, its memory and table entries stay; or if two devices' actions release each other,
   *     naming both
   */
  public int release() {
    return release(Patience.unlimited());
  }

  /**
   * Releases everything, and waits at most {@code limit} in total; an interrupt ends the waiting,
   * too. Either way all else is released. A page map that is still held is killed, drains by
   * itself, and stays managed until a later release finds it gone.
   *
   * @param limit how long to wait; zero does not wait
   * @return how many resources were released
   * @throws MemremapException {@code EBUSY} if something is still held when the limit has passed,
   *     naming the holders that are known
   * @throws InterruptedException if the thread was interrupted while it waited; what failed is
   *     suppressed
   * @throws IllegalStateException as {@link #release()}
   */
  public int release(Duration limit) throws InterruptedException {
    Patience patience = Patience.interruptible(limit);
    Failures failures = new Failures();
    int[] released = {0};
    failures.attempt(() -> released[0] = release(patience));
    patience.rethrowInterrupt(failures);
    failures.rethrow();
    return released[0];
  }

  /** Releases everything it manages: {@link #release()}. */
  @Override
  public void close() {
    release();
  }

  int release(Patience patience) {
    StackRoom.touchTwice();
    boolean mine = turn.begin(patience);
    Patience before = this.patience;
    this.patience = patience;
    try {
      return releaseAll();
    } finally {
      this.patience = before;
      if (mine) {
        turn.end();
      }
    }
  }

  private int releaseAll() {
    Failures failures = new Failures();
    int[] released = {0};
    List<DeviceArena> toUnmap = arenas.beginRelease();
    // what drained while I/O held it is on no list any more
    failures.attempt(() -> machine.maps().retryHeld(this));
    failures.attempt(() -> released[0] = devres.releaseAll());
    failures.attempt(() -> arenas.endRelease(toUnmap));
    failures.attempt(() -> devices.released(this));
    failures.rethrow();
    return released[0];
  }

  /** Whether it holds nothing that a release would give back. */
  boolean isIdle() {
    return devres.size() == 0 && arenas.areUnused();
  }

  @Override
  public String toString() {
    return "device " + name();
  }
}
