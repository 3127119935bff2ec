// SPDX-License-Identifier: Apache-2.0
package dev.memremap;

import dev.memremap.devres.Devres;
import dev.memremap.internal.space.HardwareWatch;
import dev.memremap.spi.HardwareDevice;
import dev.memremap.spi.PhysicalMemory;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A machine's devices, and the watch over those that are hardware: when one is pulled, lookups of
 * its page maps turn null at once and the device is released.
 *
 * <p>Thread safety: {@code devices} and {@code watch} are guarded by {@code this}. A pulled device
 * is released by a thread of its own, since a release waits for readers, and the next device may be
 * pulled meanwhile.
 */
final class Devices {
  private static final System.Logger LOG = System.getLogger("dev.memremap");

  private final Machine machine;
  private final PhysicalMemory memory;
  private final List<Device> devices = new ArrayList<>();
  private @Nullable HardwareWatch watch;

  Devices(Machine machine, PhysicalMemory memory) {
    this.machine = machine;
    this.memory = memory;
  }

  Device add(String name, Devres devres) {
    HardwareDevice hardware =
        memory.devices().stream().filter(one -> one.name().equals(name)).findFirst().orElse(null);
    Device device = new Device(machine, name, devres, hardware);
    synchronized (this) {
      devices.add(device);
      if (hardware != null) {
        if (watch == null) {
          watch = HardwareWatch.start(memory::isPresent);
        }
        watch.add(hardware, () -> pulled(device));
      }
    }
    return device;
  }

  private void pulled(Device device) {
    LOG.log(
        System.Logger.Level.WARNING,
        "device {0} was pulled; its page maps are found no longer",
        device.name());
    try {
      device.killPages();
    } catch (RuntimeException e) {
      notReleased(device, e);
    }
    Thread.ofPlatform()
        .daemon()
        .name("memremap-release-" + device.name())
        .start(() -> release(device));
  }

  private static void release(Device device) {
    try {
      device.release();
    } catch (RuntimeException e) {
      notReleased(device, e);
    }
  }

  private static void notReleased(Device device, RuntimeException e) {
    LOG.log(
        System.Logger.Level.WARNING,
        "device {0} was pulled and not all of it could be released: {1}",
        device.name(),
        e.getMessage());
  }

  synchronized List<Device> newestFirst() {
    return List.copyOf(devices.reversed());
  }

  synchronized void stopWatching() {
    if (watch != null) {
      watch.stop();
    }
  }
}
