// SPDX-License-Identifier: Apache-2.0
package dev.memremap;

import static dev.memremap.Machines.BAR;
import static dev.memremap.Machines.PMEM;
import static dev.memremap.Machines.RAM;
import static org.assertj.core.api.Assertions.assertThat;

import dev.memremap.Machines.Tables;
import dev.memremap.page.DevPagemap;
import dev.memremap.page.MemoryType;
import dev.memremap.plan.MemremapFlag;
import dev.memremap.ref.PercpuRef;
import dev.memremap.resource.PhysRange;
import dev.memremap.windows.Race;
import dev.memremap.windows.Windows;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Something is made while its machine, or its device, closes: before each step of the one, another
 * thread does the other. Either it is refused, or it is undone; the tables show nothing of it.
 */
class MachineCloseWindowsTest {
  private static final PhysRange LOG = PhysRange.of(PMEM, 8192);
  private static final PhysRange POOL = PhysRange.of(PMEM + (4L << 20), 4L << 20);

  private static final Windows WINDOWS =
      Windows.in(
          "AddressSpace",
          "Device",
          "DeviceArena",
          "DeviceArenas",
          "Devices",
          "Devres",
          "DirectMap",
          "IoMemory",
          "Ioremapper",
          "Machine",
          "MachinePages",
          "MachineTeardown",
          "Managed",
          "MappedRegion",
          "Mapping",
          "Mapping$Live",
          "PagemapLife",
          "Pagemaps",
          "PagemapTable",
          "Remapper",
          "ResourceTree");

  /** What is made. */
  enum Made {
    MAPPING,
    MAPPING_OF_RAM,
    MAPPING_OF_A_DEVICE,
    MAPPING_OF_RAM_OF_A_DEVICE,
    REGISTERS,
    REGISTERS_OF_A_DEVICE,
    PAGES,
    PAGES_OF_A_DEVICE,
    PAGES_WITH_A_REFERENCE,
    REGION,
    DEVICE,
    LOOKUP
  }

  /** A machine, a device of it, and what is made. */
  private static final class Subject {
    private final Machine machine = Machines.machine();
    private final @Nullable Device device;
    private final Tables before = Tables.of(machine);
    private final List<String> resources = resources();
    private final PercpuRef ref = PercpuRef.init();
    private final DevPagemap map;
    private final DevPagemap there =
        DevPagemap.over(PhysRange.of(PMEM + (16L << 20), 2L << 20))
            .type(MemoryType.GENERIC)
            .build();
    private final Made made;
    private @Nullable Mapping mapping;

    Subject(Made made) {
      this.made = made;
      // a machine without devices comes to its page maps without taking their lock before
      boolean managed = made.name().endsWith("_OF_A_DEVICE") || made == Made.REGION;
      device = managed ? machine.newDevice("d") : null;
      DevPagemap.Builder builder = DevPagemap.over(POOL).type(MemoryType.GENERIC);
      map = (made == Made.PAGES_WITH_A_REFERENCE ? builder.ref(ref) : builder).build();
      if (made == Made.LOOKUP) {
        machine.memremapPages(there);
      }
    }

    private List<String> resources() {
      List<String> names = new ArrayList<>();
      machine.space().resources().walk((resource, depth) -> names.add(resource.toString()));
      return names;
    }

    /** Makes it, unless the machine is closed. */
    void make() {
      try {
        switch (made) {
          case MAPPING -> mapping = machine.memremap(LOG, MemremapFlag.WC);
          case MAPPING_OF_RAM ->
              mapping = machine.memremap(PhysRange.of(RAM, 4096), MemremapFlag.WB);
          case MAPPING_OF_A_DEVICE -> mapping = device.memremap(LOG, MemremapFlag.WC);
          case MAPPING_OF_RAM_OF_A_DEVICE ->
              mapping = device.memremap(PhysRange.of(RAM, 4096), MemremapFlag.WB);
          case REGISTERS -> machine.ioremap(PhysRange.of(BAR, 4096));
          case REGISTERS_OF_A_DEVICE -> device.ioremap(PhysRange.of(BAR, 4096));
          case PAGES, PAGES_WITH_A_REFERENCE -> machine.memremapPages(map);
          case PAGES_OF_A_DEVICE -> device.memremapPages(map);
          case REGION -> device.requestMemRegion(PhysRange.of(BAR, 4096), "taken");
          case DEVICE -> machine.newDevice("e");
          case LOOKUP -> {
            DevPagemap found = machine.getDevPagemap(there.range().firstPfn(4096), null);
            if (found != null) {
              assertThat(found).isSameAs(there);
              found.put();
            }
          }
        }
      } catch (IllegalStateException closed) {
        assertThat(closed).hasMessageContaining("closed");
      }
    }

    void assertNothingIsLeft() {
      List<String> left = new ArrayList<>();
      if (mapping != null && mapping.isOpen()) {
        left.add("open: " + mapping);
      }
      if (map.state() != DevPagemap.State.UNMAPPED
          || there.state() != DevPagemap.State.UNMAPPED
          || machine.maps().table().size() > 0) {
        left.add("mapped: " + machine.maps().table().maps());
      }
      if (!Tables.of(machine).equals(before)) {
        left.add("%s, not %s".formatted(Tables.of(machine), before));
      }
      if (!resources().equals(resources)) {
        left.add("the resource tree: " + resources());
      }
      assertThat(left).as(made.name()).isEmpty();
    }
  }

  /** It is made through a device, and that is released meanwhile; or the other way about. */
  static final class Released implements Race {
    private final Subject subject;
    private final boolean releaseFirst;

    Released(String what) {
      subject = new Subject(Made.valueOf(what.split(" ")[0]));
      releaseFirst = what.endsWith("first");
    }

    @Override
    public void operation() {
      if (releaseFirst) {
        subject.device.release();
      } else {
        subject.make();
      }
    }

    @Override
    public void meanwhile() {
      if (releaseFirst) {
        subject.make();
      } else {
        subject.device.release();
      }
    }

    @Override
    public void check() {
      // what came after the release is managed, and goes with the next
      subject.device.release();
      subject.assertNothingIsLeft();
      subject.make();
      subject.device.release();
      subject.assertNothingIsLeft();
    }

    @Override
    public void close() {
      subject.machine.close();
    }
  }

  /** It is made, and the machine closes meanwhile. */
  static final class ClosedMeanwhile implements Race {
    private final Subject subject;

    ClosedMeanwhile(String made) {
      subject = new Subject(Made.valueOf(made));
    }

    @Override
    public void operation() {
      subject.make();
    }

    @Override
    public void meanwhile() {
      subject.machine.close();
    }

    @Override
    public void check() {
      subject.assertNothingIsLeft();
    }

    @Override
    public void close() {
      subject.machine.close();
    }
  }

  /** The machine closes, and it is made meanwhile. */
  static final class MadeMeanwhile implements Race {
    private final Subject subject;

    MadeMeanwhile(String made) {
      subject = new Subject(Made.valueOf(made));
    }

    @Override
    public void operation() {
      subject.machine.close();
    }

    @Override
    public void meanwhile() {
      subject.make();
    }

    @Override
    public void check() {
      subject.assertNothingIsLeft();
    }
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("LIB-5 what is made while its machine closes is refused or undone")
  void closedMeanwhile(Made made) throws Exception {
    assertThat(WINDOWS.openAll(ClosedMeanwhile.class, made.name())).isGreaterThan(3);
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("LIB-5 a machine that closes leaves nothing of what is made meanwhile")
  void madeMeanwhile(Made made) throws Exception {
    assertThat(WINDOWS.openAll(MadeMeanwhile.class, made.name())).isGreaterThan(30);
  }

  @ParameterizedTest
  @EnumSource(
      names = {"MAPPING_OF_A_DEVICE", "REGISTERS_OF_A_DEVICE", "PAGES_OF_A_DEVICE", "REGION"})
  @DisplayName("DR-1 what is made while its device is released goes with that release or the next")
  void released(Made made) throws Exception {
    assertThat(WINDOWS.openAll(Released.class, made + " release first")).isGreaterThan(10);
    assertThat(WINDOWS.openAll(Released.class, made + " release meanwhile")).isGreaterThan(10);
  }
}
