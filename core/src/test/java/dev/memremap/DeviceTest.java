// SPDX-License-Identifier: Apache-2.0
package dev.memremap;

import static dev.memremap.Machines.BAR;
import static dev.memremap.Machines.PMEM;
import static dev.memremap.Machines.RAM;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.memremap.Machines.Tables;
import dev.memremap.internal.teardown.Patience;
import dev.memremap.page.DevPagemap;
import dev.memremap.page.MemoryType;
import dev.memremap.plan.MemremapFlag;
import dev.memremap.resource.PhysRange;
import dev.memremap.resource.Resource;
import dev.memremap.resource.ResourceDesc;
import dev.memremap.resource.ResourceSnapshot;
import dev.memremap.rule.Errno;
import dev.memremap.rule.MemremapException;
import dev.memremap.rule.Rule;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class DeviceTest {
  private static final PhysRange REGISTERS = PhysRange.of(BAR, 4096);

  private Machine machine;
  private Device device;

  @BeforeEach
  void open() {
    machine = Machines.machine();
    device = machine.newDevice("d");
  }

  @AfterEach
  void close() {
    machine.close();
  }

  private String at(long address) {
    return machine.resources().pathTo(address).getLast().name();
  }

  @Test
  @DisplayName("RES-10 a region requested through a device goes with it, or early, and only once")
  void regions() {
    device.requestMemRegion(REGISTERS, "driver");
    assertThat(at(BAR)).isEqualTo("driver");
    Device other = machine.newDevice("e");
    assertThatExceptionOfType(MemremapException.class)
        .isThrownBy(() -> other.requestMemRegion(REGISTERS, "other driver"))
        .matches(e -> e.errno() == Errno.EBUSY)
        .withMessageContaining("driver' is in the way");
    assertThatExceptionOfType(MemremapException.class)
        .isThrownBy(() -> other.releaseMemRegion(REGISTERS))
        .matches(e -> e.rule() == Rule.RES_10);
    assertThat(at(BAR)).isEqualTo("driver");
    device.releaseMemRegion(REGISTERS);
    assertThat(at(BAR)).isEqualTo("0000:00:02.0");
    assertThat(device.devres().size()).isZero();
    other.requestMemRegion(REGISTERS, "other driver");
    assertThat(other.release()).isEqualTo(1);
    assertThat(at(BAR)).isEqualTo("0000:00:02.0");
  }

  @Test
  @DisplayName("RES-11 a free range of a device goes with it, newest first, or early")
  void freeRegions() {
    ResourceSnapshot before = machine.resources();
    List<String> order = new ArrayList<>();
    Resource first = device.requestFreeMemRegion(before.root(), 1);
    device.devres().addAction(() -> order.add(at(first.range().start())));
    Resource second = device.requestFreeMemRegion(before.root(), 1);
    device.devres().addAction(() -> order.add(at(second.range().start())));
    assertThat(first.name()).isEqualTo("d");
    assertThat(first.desc()).isEqualTo(ResourceDesc.DEVICE_PRIVATE_MEMORY);
    assertThat(second.range().endInclusive()).isEqualTo(first.range().start() - 1);
    Resource third = device.requestFreeMemRegion(before.root(), 1);
    device.releaseMemRegion(third.range());
    assertThat(machine.resources().pathTo(third.range().start())).isEmpty();
    assertThat(device.release()).isEqualTo(4);
    assertThat(order).as("what was there at each action").containsExactly("d", "d");
    assertThat(machine.resources().pathTo(first.range().start())).isEmpty();
    assertThat(machine.resources().root().children()).hasSameSizeAs(before.root().children());
  }

  @Test
  @DisplayName("RES-11 a free range that a device cannot manage is not taken")
  void freeRegionWithoutRoom() {
    Device none = machine.newDevice("none", 0);
    Resource root = machine.resources().root();
    assertThatExceptionOfType(MemremapException.class)
        .isThrownBy(() -> none.requestFreeMemRegion(root, 1))
        .matches(e -> e.errno() == Errno.ENOMEM && e.rule() == Rule.RES_10);
    assertThat(machine.resources().root().children()).hasSameSizeAs(root.children());
  }

  @Test
  @DisplayName("RES-7, RES-9 nothing of the tree is given back but what was taken as a free range")
  void treeStays() {
    Device device = machine.newDevice("another");
    Resource managed = device.requestFreeMemRegion(machine.resources().root(), 1);
    for (Resource there : List.of(machine.resources().root().children().getFirst(), managed)) {
      assertThatExceptionOfType(MemremapException.class)
          .isThrownBy(() -> machine.removeResource(there))
          .matches(e -> e.errno() == Errno.EINVAL && e.rule() == Rule.RES_7);
      assertThatExceptionOfType(MemremapException.class)
          .isThrownBy(() -> machine.releaseMemRegion(there))
          .matches(e -> e.errno() == Errno.EINVAL && e.rule() == Rule.RES_9);
    }
    device.release();
  }

  @Test
  @DisplayName("RES-11 a machine's free range is given back as it was taken")
  void freeRegionOfAMachine() {
    Resource root = machine.resources().root();
    Resource requested = machine.requestFreeMemRegion(root, 1, "requested");
    Resource allocated = machine.allocFreeMemRegion(requested, 4096, 4096, "allocated");
    assertThat(allocated.range()).isEqualTo(PhysRange.of(requested.range().start(), 4096));
    assertThat(machine.resources().pathTo(allocated.range().start()))
        .extracting(Resource::name)
        .containsExactly("requested", "allocated");
    machine.removeResource(allocated);
    machine.releaseMemRegion(requested);
    assertThat(machine.resources().pathTo(requested.range().start())).isEmpty();
    assertThatExceptionOfType(MemremapException.class)
        .isThrownBy(() -> machine.releaseMemRegion(requested))
        .matches(e -> e.rule() == Rule.RES_9);
    assertThatExceptionOfType(MemremapException.class)
        .isThrownBy(() -> machine.removeResource(allocated))
        .matches(e -> e.rule() == Rule.RES_7);
    assertThatExceptionOfType(MemremapException.class)
        .isThrownBy(() -> machine.requestFreeMemRegion(requested, 1, "in what is gone"))
        .matches(e -> e.errno() == Errno.EINVAL && e.rule() == Rule.RES_7);
    assertThatExceptionOfType(MemremapException.class)
        .isThrownBy(() -> machine.allocFreeMemRegion(root, 4096, 12288, "odd"))
        .matches(e -> e.errno() == Errno.EINVAL && e.rule() == Rule.RES_11)
        .withMessageContaining("0x3000 is not a power of two");
  }

  @Test
  @DisplayName("MU-2 a refusal through a device is ENXIO, with every attempt, and manages nothing")
  void refusal() {
    machine.memremap(PMEM, 4096, MemremapFlag.WC.bit());
    Tables before = Tables.of(machine);
    assertThatExceptionOfType(MemremapException.class)
        .isThrownBy(() -> device.memremap(PhysRange.of(PMEM, 4096), MemremapFlag.WT))
        .matches(e -> e.errno() == Errno.ENXIO && e.rule() == Rule.MT_8)
        .matches(e -> e.attempts().size() == 1)
        .withMessageStartingWith("device d: memremap 0x40000000 4K WT: ");
    assertThat(Tables.of(machine)).isEqualTo(before);
    assertThat(device.devres().size()).isZero();
  }

  @Test
  @DisplayName("MU-3 a mapping of another device, or unmapped already, is not unmapped")
  void memunmapOfWhatIsNotManaged() {
    Mapping mine = device.memremap(PhysRange.of(PMEM, 4096), MemremapFlag.WB);
    Device other = machine.newDevice("e");
    assertThatExceptionOfType(MemremapException.class)
        .isThrownBy(() -> other.memunmap(mine))
        .matches(e -> e.rule() == Rule.MU_3);
    assertThat(mine.isOpen()).isTrue();
    device.memunmap(mine);
    assertThatExceptionOfType(MemremapException.class).isThrownBy(() -> device.memunmap(mine));
  }

  @Test
  @DisplayName("DR-5 a group's mappings are unmapped with the group, the others stay")
  void groups() {
    Mapping before = device.memremap(PhysRange.of(PMEM, 4096), MemremapFlag.WB);
    Object group = device.devres().openGroup(null);
    Mapping inside = device.memremap(PhysRange.of(PMEM + 0x10000, 4096), MemremapFlag.WB);
    device.devres().closeGroup(group);
    assertThat(device.devres().releaseGroup(group)).isEqualTo(1);
    assertThat(inside.isOpen()).isFalse();
    assertThat(before.load(0, 64)).isZero();
    assertThat(machine.memtypes().entries()).hasSize(1);
  }

  @Test
  @DisplayName("a name finds one resource, or says what is wrong")
  void resourceByName() {
    assertThat(machine.resource("0000:00:02.0").range()).isEqualTo(PhysRange.of(BAR, 16 << 20));
    assertThatExceptionOfType(IllegalArgumentException.class)
        .isThrownBy(() -> machine.resource("pmem-log"))
        .withMessageContaining("no resource is named 'pmem-log'");
    assertThatExceptionOfType(IllegalArgumentException.class)
        .isThrownBy(() -> machine.resource("System RAM"))
        .withMessageContaining("4 resources are named 'System RAM'");
  }

  /** What a device manages, made and ended early. */
  private enum Early {
    MAPPING {
      @Override
      void makeAndEnd(Device device) {
        device.memremap(PhysRange.of(PMEM, 4096), MemremapFlag.WB).close();
      }
    },
    MAPPING_OF_RAM {
      @Override
      void makeAndEnd(Device device) {
        device.memremap(PhysRange.of(RAM, 4096), MemremapFlag.WB).close();
      }
    },
    REGISTERS {
      @Override
      void makeAndEnd(Device device) {
        device.ioremap(PhysRange.of(BAR, 4096)).close();
      }
    },
    PAGES {
      @Override
      void makeAndEnd(Device device) {
        DevPagemap map =
            DevPagemap.over(PhysRange.of(PMEM, 2 << 20)).type(MemoryType.GENERIC).build();
        device.memremapPages(map);
        device.memunmapPages(map);
      }
    },
    REGION {
      @Override
      void makeAndEnd(Device device) {
        PhysRange range = PhysRange.of(BAR, 4096);
        device.requestMemRegion(range, "taken");
        device.releaseMemRegion(range);
      }
    };

    abstract void makeAndEnd(Device device);
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("MU-2 what is ended early is managed no longer: 2,000 cycles leave no record")
  void endedEarly(Early what) {
    for (int i = 0; i < 2_000; i++) {
      what.makeAndEnd(device);
    }
    assertThat(device.devres().size()).isZero();
    assertThat(device.release()).isZero();
    assertThat(machine.memtypes().isEmpty()).isTrue();
  }

  @Test
  @DisplayName("C-2 a release passes over a page map that a closing machine unmapped, and drains")
  void unmappedMeanwhile() {
    DevPagemap map = DevPagemap.over(PhysRange.of(PMEM, 2L << 20)).type(MemoryType.GENERIC).build();
    device.memremapPages(map);
    DevPagemap held = machine.getDevPagemap(PMEM / machine.pageSize(), null);
    assertThat(held).isSameAs(map);
    // what a close does while the device's record is still listed
    machine.maps().beginClose();
    machine.maps().memunmapPages(map, device, Patience.unlimited());
    assertThat(map.state()).isEqualTo(DevPagemap.State.DRAINING);
    assertThat(device.release()).isEqualTo(1);
    assertThat(device.devres().size()).isZero();
    map.put();
    assertThat(map.state()).isEqualTo(DevPagemap.State.UNMAPPED);
  }

  @Test
  @DisplayName("D-5 a page map that the device does not manage any more is not unmapped through it")
  void pagesNotManaged() {
    DevPagemap map = DevPagemap.over(PhysRange.of(PMEM, 2L << 20)).type(MemoryType.GENERIC).build();
    device.memremapPages(map);
    device.release();
    assertThatExceptionOfType(IllegalStateException.class)
        .isThrownBy(() -> device.memunmapPages(map))
        .withMessageContaining("does not manage");
  }
}
