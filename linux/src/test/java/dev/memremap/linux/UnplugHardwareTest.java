// SPDX-License-Identifier: Apache-2.0
package dev.memremap.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.memremap.Device;
import dev.memremap.Machine;
import dev.memremap.Mapping;
import dev.memremap.page.DevPagemap;
import dev.memremap.page.MemoryType;
import dev.memremap.page.Page;
import dev.memremap.plan.MemremapFlag;
import dev.memremap.rule.MemremapException;
import dev.memremap.spi.HostMemory.Permission;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Hardware that is pulled: its sysfs entry goes, its page maps die, its readers drain. */
class UnplugHardwareTest {
  private static final long PFN = Computer.DAX.start() >>> 12;

  @TempDir Path root;

  private static void await(String what, BooleanSupplier condition) {
    try {
      while (!condition.getAsBoolean()) {
        TimeUnit.MILLISECONDS.sleep(10);
      }
    } catch (InterruptedException e) {
      throw new AssertionError("interrupted before this held: " + what, e);
    }
  }

  private static void awaitAllUnmapped(Computer computer) {
    await("all is unmapped", () -> computer.calls.mappedAddresses().isEmpty());
  }

  private static boolean isFound(Machine machine, long pfn) {
    DevPagemap found = machine.getDevPagemap(pfn, null);
    machine.putDevPagemap(found);
    return found != null;
  }

  @Test
  @DisplayName(
      "a pulled device's pages are not found any more; a holder keeps its page until the put")
  void pulled() {
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
  void twoDevices() {
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
  void readersRace() throws InterruptedException, ExecutionException {
    Computer computer = Computer.withEverything(root);
    try (Machine machine = computer.machine()) {
      Device device = machine.device("dax0.0");
      device.memremapPages(DevPagemap.over(device.range()).type(MemoryType.GENERIC).build());
      CountDownLatch reading = new CountDownLatch(2);
      List<FutureTask<Long>> readers = new ArrayList<>();
      for (int i = 0; i < 2; i++) {
        FutureTask<Long> reader = new FutureTask<>(() -> readUntilGone(machine, reading));
        Thread.ofPlatform().daemon().start(reader);
        readers.add(reader);
      }
      reading.await();
      computer.pull(DaxDevices.DIRECTORY + "dax0.0");
      for (FutureTask<Long> reader : readers) {
        assertThat(reader.get()).as("pages read before the pull").isPositive();
      }
    }
    awaitAllUnmapped(computer);
  }

  /** Counts down after its first read; returns how many it made. */
  private static long readUntilGone(Machine machine, CountDownLatch reading) {
    long reads = 0;
    DevPagemap found = machine.getDevPagemap(PFN, null);
    while (found != null) {
      machine.page(PFN).segment().get(ValueLayout.JAVA_BYTE, 0);
      found.put();
      if (reads++ == 0) {
        reading.countDown();
      }
      found = machine.getDevPagemap(PFN, null);
    }
    return reads;
  }

  @Test
  @DisplayName("a mapping of a pulled device is released with it, and a new one is refused")
  void mappings() {
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
