// SPDX-License-Identifier: Apache-2.0
package dev.memremap;

import dev.memremap.internal.space.HardwareWatch;
import dev.memremap.internal.teardown.Failures;
import dev.memremap.internal.teardown.Log;
import dev.memremap.internal.teardown.Patience;
import dev.memremap.rule.Rule;
import dev.memremap.spi.HardwareDevice;
import dev.memremap.spi.PhysicalMemory;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The devices of a machine, by name: its own, and the ones that drivers made. When hardware is
 * pulled, lookups of its page maps return null at once and its device is released.
 *
 * <pre>
 *   own      the machine's own that were asked for; kept until they are pulled
 *   made     by name, those that are not the machine's own, as long as they are listed
 *   listed   those that the close has to release, in the order in which they were listed
 * </pre>
 *
 * <p>A device is listed when it is made, and again before it acquires something while it holds
 * nothing; a release that leaves nothing takes it off. So the list is as long as there are devices
 * in use.
 *
 * <p>Thread safety: {@code own}, {@code made}, {@code listed}, {@code watch}, {@code closing} and
 * {@code closed} are guarded by {@code this}. Whether a released device holds nothing is asked
 * under it, and a device is listed under it before it acquires something and once more after its
 * first record is on the list: so one of the two sees the other. {@code described} is volatile and
 * never changed once it is published; two threads may find it, and find equal ones. A pulled device
 * is released by a thread of its own, since a release waits for readers, and the next device may be
 * pulled meanwhile.
 */
final class Devices {
  private static final int NAMED = 20;
  private static final int MOST_ROUNDS = 100;

  private final Machine machine;
  private final PhysicalMemory memory;
  private final Map<String, Device> own = new HashMap<>();
  private final Map<String, Device> made = new HashMap<>();
  private final Set<Device> listed = new LinkedHashSet<>();
  private @Nullable HardwareWatch watch;
  private boolean closing;
  private boolean closed;
  private volatile @Nullable Map<String, Boolean> described;

  Devices(Machine machine, PhysicalMemory memory) {
    this.machine = machine;
    this.memory = memory;
  }

  /**
   * The device of this name.
   *
   * @throws IllegalArgumentException if no device has this name; the message lists the names
   */
  Device named(String name) {
    Device known = known(name);
    if (known != null) {
      return known;
    }
    DeviceBars bars = bars(name);
    if (bars.isEmpty()) {
      throw unknown(name);
    }
    Device device = new Device(machine, this, bars, Integer.MAX_VALUE);
    synchronized (this) {
      Device meanwhile = own.get(name);
      if (meanwhile != null) {
        return meanwhile;
      }
      boolean isKept = false;
      try {
        own.put(name, device);
        list(device);
        watch(bars.hardware(), device);
        isKept = true;
      } finally {
        if (!isKept) {
          own.remove(name, device);
          unlist(device);
        }
      }
    }
    return device;
  }

  /** Watches a device that is hardware, unless the machine closes. */
  private void watch(@Nullable HardwareDevice hardware, Device device) {
    if (hardware == null || closing) {
      return;
    }
    if (watch == null) {
      watch = HardwareWatch.start(memory::isPresent);
    }
    watch.add(hardware, () -> pulled(device));
  }

  private synchronized @Nullable Device known(String name) {
    Device device = own.get(name);
    return device == null ? made.get(name) : device;
  }

  private DeviceBars bars(String name) {
    return memory.devices().stream()
        .filter(one -> one.name().equals(name))
        .findFirst()
        .map(DeviceBars::of)
        .orElseGet(
            () ->
                described().containsKey(name)
                    ? DeviceBars.of(name, machine.description())
                    : DeviceBars.none(name));
  }

  /** The names in the machine's description, which are looked for once. */
  private Map<String, Boolean> described() {
    Map<String, Boolean> known = described;
    if (known == null) {
      known = DeviceBars.names(machine.description());
      described = known;
    }
    return known;
  }

  private IllegalArgumentException unknown(String name) {
    Set<String> names = new TreeSet<>();
    described()
        .forEach(
            (described, isDevice) -> {
              if (isDevice) {
                names.add(described);
              }
            });
    memory.devices().forEach(device -> names.add(device.name()));
    synchronized (this) {
      names.addAll(made.keySet());
    }
    String some = names.stream().limit(NAMED).collect(Collectors.joining(", "));
    return new IllegalArgumentException(
        "no device is named '%s'; %s; machine.newDevice makes one"
            .formatted(
                name,
                names.isEmpty()
                    ? "this machine has none of its own"
                    : "there are %s%s".formatted(some, names.size() > NAMED ? " and others" : "")));
  }

  /**
   * Makes a device that is not the machine's own.
   *
   * @param most how many resources it may manage
   * @throws IllegalArgumentException if a device of this name exists
   */
  Device make(String name, int most) {
    if (name.isBlank()) {
      throw new IllegalArgumentException(
          "the device name is blank; give one that identifies it in messages");
    }
    if (!bars(name).isEmpty()) {
      throw new IllegalArgumentException(
          "the machine has a device %s; take it with machine.device(\"%s\")".formatted(name, name));
    }
    Device device = new Device(machine, this, DeviceBars.none(name), most);
    synchronized (this) {
      if (made.containsKey(name)) {
        throw new IllegalArgumentException(
            "there is a device %s that was not released; take it with machine.device(\"%s\"), or release it first"
                .formatted(name, name));
      }
      list(device);
    }
    return device;
  }

  /**
   * Lists a device that is about to hold something, so that the close releases it. Where the heap
   * has no room for that, nothing is changed.
   *
   * @return whether it was not listed
   * @throws IllegalStateException if the machine has released its devices (LIB-5)
   */
  synchronized boolean list(Device device) {
    boolean isNew = !listed.contains(device);
    if (closed && isNew) {
      throw new IllegalStateException(
          "%s cannot manage anything more, for its machine is closed; make another machine [%s]"
              .formatted(device, Rule.LIB_5.id()));
    }
    boolean isListed = false;
    try {
      if (!device.equals(own.get(device.name()))) {
        made.putIfAbsent(device.name(), device);
      }
      listed.add(device);
      isListed = true;
    } finally {
      if (isNew && !isListed) {
        unlist(device);
      }
    }
    return isNew;
  }

  /** A device was released, or acquired nothing: it leaves the list unless it holds something. */
  synchronized void released(Device device) {
    if (device.isIdle()) {
      unlist(device);
    }
  }

  private void unlist(Device device) {
    listed.remove(device);
    made.remove(device.name(), device);
  }

  private void pulled(Device device) {
    synchronized (this) {
      own.remove(device.name(), device);
    }
    Log.warn("device %s was pulled; its page maps are found no longer".formatted(device.name()));
    Failures failures = new Failures();
    failures.attempt(device::killPages);
    failures.attempt(
        () ->
            Thread.ofPlatform()
                .daemon()
                .name("memremap-release-" + device.name())
                .start(() -> release(device)));
    warnOf(device, failures);
  }

  private static void release(Device device) {
    Failures failures = new Failures();
    failures.attempt(device::release);
    warnOf(device, failures);
  }

  private static void warnOf(Device device, Failures failures) {
    Throwable first = failures.first();
    if (first != null) {
      Log.warn(
          "device %s was pulled and not all of it could be released: %s"
              .formatted(device.name(), first.getMessage()));
    }
  }

  /**
   * Releases those that hold something, the newest first; the machine closes. What an action adds
   * to a device that was released is released, too.
   *
   * @throws IllegalStateException if the actions of a device add others without end
   */
  void release(Patience patience) {
    synchronized (this) {
      // a device that is asked for meanwhile is watched no more
      closing = true;
      if (watch != null) {
        watch.stop();
      }
    }
    Failures failures = new Failures();
    Set<Device> failed = new HashSet<>();
    List<Device> next = allListed();
    int rounds = 0;
    do {
      for (Device device : next) {
        try {
          device.release(patience);
        } catch (Throwable e) {
          failures.add(e);
          try {
            failed.add(device);
          } catch (OutOfMemoryError noRoom) {
            // then it is released again in the next round
          }
        }
      }
      rounds++;
      next = toRelease(failed, rounds == MOST_ROUNDS);
    } while (!next.isEmpty() && rounds < MOST_ROUNDS);
    next.forEach(device -> failures.add(addsWithoutEnd(device)));
    failures.rethrow();
  }

  private synchronized List<Device> allListed() {
    return List.copyOf(listed).reversed();
  }

  /**
   * The devices that hold something and whose release has not failed, the newest first. If this is
   * empty, the other devices leave the list, and no device is added any more.
   *
   * @param last whether they are released no more, so that no other may begin to hold something
   */
  private synchronized List<Device> toRelease(Set<Device> failed, boolean last) {
    List<Device> next = new ArrayList<>();
    for (Device device : listed) {
      if (!device.isIdle() && !failed.contains(device)) {
        next.addFirst(device);
      }
    }
    closed |= last || next.isEmpty();
    if (closed) {
      listed.removeIf(Device::isIdle);
      made.values().removeIf(Device::isIdle);
    }
    return next;
  }

  private static IllegalStateException addsWithoutEnd(Device device) {
    return new IllegalStateException(
        "%s was released %d times while its machine closed, and held something again each time; have its actions add none [%s]"
            .formatted(device, MOST_ROUNDS, Rule.D_5.id()));
  }
}
