// SPDX-License-Identifier: Apache-2.0
package dev.memremap.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.memremap.Device;
import dev.memremap.Machine;
import dev.memremap.Mapping;
import dev.memremap.MemremapFlag;
import dev.memremap.memory.HostMemory.Permission;
import dev.memremap.page.DevPagemap;
import dev.memremap.page.MemoryType;
import dev.memremap.page.Page;
import dev.memremap.rule.MemremapException;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Hardware that is pulled: its sysfs entry goes, its page maps die, its readers drain. */
@Timeout(60)
class UnplugHardwareTest {
  private static final long PFN = Computer.DAX.start() >>> 12;

  @TempDir Path root;

  private static void await(String what, BooleanSupplier condition) throws InterruptedException {
    for (int i = 0; i < 3000 && !condition.getAsBoolean(); i++) {
      TimeUnit.MILLISECONDS.sleep(10);
    }
    assertThat(condition.getAsBoolean()).as(what).isTrue();
  }

  private static void awaitAllUnmapped(Computer computer) throws InterruptedException {
    await("all is unmapped", () -> computer.calls.mappedAddresses().isEmpty());
  }

  private static boolean isFound(Machine machine, long pfn) {
    DevPagemap found = machine.getDevPagemap(pfn, null);
    machine.putDevPagemap(found);
    return found != null;
  }

  @Test
  @DisplayName("a pulled device's pages are found no longer; who holds one keeps it until the put")
  void pulled() throws InterruptedException {
    Computer computer = Computer.withEverything(root);
    try (Machine machine = computer.machine()) {
      Device device = machine.device("dax0.0");
      DevPagemap map = DevPagemap.over(device.range()).type(MemoryType.GENERIC).build();
      device.memremapPages(map);
      DevPagemap held = machine.getDevPagemap(PFN + 3, null);
      assertThat(held).isSameAs(map);
      Page page = machine.page(PFN + 3);

      computer.pull(DaxDevices.DIRECTORY + "dax0.0");
      await("lookups turn null", () -> !isFound(machine, PFN));
      assertThat(machine.page(PFN + 3)).as("a reader's page stays").isEqualTo(page);
      held.put();
      await("the map drains", () -> machine.page(PFN + 3) == null);
      await("the device is released", () -> !device.manages(map));
      assertThat(machine.memtypes().isEmpty()).isTrue();
    }
    awaitAllUnmapped(computer);
    assertThat(computer.calls.openDescriptors()).isEmpty();
  }

  @Test
  @DisplayName("a reader that does not let go does not keep another device from being seen to go")
  void twoDevices() throws InterruptedException {
    Computer computer = Computer.withEverything(root);
    computer.dax("dax1.0", dev.memremap.resource.PhysRange.of(0x180000000L, 4 << 20), 2 << 20);
    try (Machine machine = computer.machine()) {
      Device first = machine.device("dax0.0");
      Device second = machine.device("dax1.0");
      DevPagemap one = DevPagemap.over(first.range()).type(MemoryType.GENERIC).build();
      DevPagemap two = DevPagemap.over(second.range()).type(MemoryType.GENERIC).build();
      first.memremapPages(one);
      second.memremapPages(two);
      DevPagemap held = machine.getDevPagemap(PFN, null);
      computer.pull(DaxDevices.DIRECTORY + "dax0.0");
      await("the first is gone", () -> !isFound(machine, PFN));
      assertThat(machine.getDevPagemap(0x180000000L >>> 12, null)).isSameAs(two);
      two.put();
      computer.pull(DaxDevices.DIRECTORY + "dax1.0");
      await("the second, too", () -> !isFound(machine, 0x180000000L >>> 12));
      held.put();
      awaitAllUnmapped(computer);
    }
    awaitAllUnmapped(computer);
  }

  @Test
  @DisplayName("readers in a race with the pull see a live map or null, and all of them finish")
  void readersRace() throws InterruptedException {
    Computer computer = Computer.withEverything(root);
    try (Machine machine = computer.machine()) {
      Device device = machine.device("dax0.0");
      device.memremapPages(DevPagemap.over(device.range()).type(MemoryType.GENERIC).build());
      CountDownLatch reading = new CountDownLatch(2);
      CountDownLatch done = new CountDownLatch(2);
      for (int i = 0; i < 2; i++) {
        Thread.ofPlatform()
            .daemon()
            .start(
                () -> {
                  reading.countDown();
                  DevPagemap found = machine.getDevPagemap(PFN, null);
                  while (found != null) {
                    machine.page(PFN).segment().get(java.lang.foreign.ValueLayout.JAVA_BYTE, 0);
                    found.put();
                    found = machine.getDevPagemap(PFN, null);
                  }
                  done.countDown();
                });
      }
      reading.await();
      computer.pull(DaxDevices.DIRECTORY + "dax0.0");
      assertThat(done.await(30, TimeUnit.SECONDS)).isTrue();
    }
    awaitAllUnmapped(computer);
  }

  @Test
  @DisplayName("a mapping of a pulled device is released with it, and a new one is refused")
  void mappings() throws InterruptedException {
    Computer computer = Computer.withEverything(root);
    computer.pull("dev/mem");
    try (Machine machine = computer.machine(Permission.ENABLE)) {
      Device device = machine.device(Computer.GPU);
      Mapping mapping = device.memremap(device.bar(1), MemremapFlag.WC);
      assertThat(mapping.isOpen()).isTrue();
      computer.pull(PciDevices.DIRECTORY + Computer.GPU);
      await("the mapping is closed", () -> !mapping.isOpen());
      assertThat(
              catchThrowableOfType(
                  MemremapException.class,
                  () -> machine.memremap(Computer.WINDOW, MemremapFlag.WC)))
          .isNotNull();
    }
    awaitAllUnmapped(computer);
  }
}
