// SPDX-License-Identifier: Apache-2.0
package dev.memremap.linux;

import static dev.memremap.plan.MemremapFlag.WB;
import static dev.memremap.plan.MemremapFlag.WC;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.memremap.Machine;
import dev.memremap.Mapping;
import dev.memremap.cache.CacheMode;
import dev.memremap.plan.MemremapFlag;
import dev.memremap.resource.PhysRange;
import dev.memremap.rule.Errno;
import dev.memremap.rule.MemremapException;
import dev.memremap.rule.Rule;
import dev.memremap.spi.HardwareDevice;
import dev.memremap.spi.HostMemory.Permission;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What stands in the way to a device stands there by every way, {@code /dev/mem} included. */
class InTheWayTest {
  private static final String DEVICE = PciDevices.DIRECTORY + Computer.GPU;

  /** The window of the bus, of which the BAR is the first part. */
  private static final PhysRange BUS = PhysRange.of(0xfd000000L, 16 << 20);

  @TempDir Path root;
  private Computer computer;

  @BeforeEach
  void assemble() {
    computer = Computer.withEverything(root);
  }

  private MemremapException refusal(Machine machine, PhysRange range, MemremapFlag... flags) {
    assertThat(machine.explain(range, flags).isGranted()).isFalse();
    MemremapException refused =
        catchThrowableOfType(MemremapException.class, () -> machine.memremap(range, flags));
    assertThat(refused).isNotNull();
    assertThat(computer.calls.calls()).as("nothing is opened").isEmpty();
    return refused;
  }

  @Test
  @DisplayName("LIB-9 a range around a BAR in use is refused as the BAR is, unless it is forced")
  void aroundWhatIsInUse() {
    computer.driver(DEVICE, "nouveau");
    try (Machine machine = computer.machine()) {
      MemremapException refused = refusal(machine, BUS, WB);
      assertThat(refused.errno()).isEqualTo(Errno.EBUSY);
      assertThat(refused.rule()).isEqualTo(Rule.LIB_9);
      assertThat(refused.sentence())
          .contains("/dev/mem: EBUSY, it leads to 0000:03:00.0: the kernel driver nouveau uses");
      try (Mapping beside = machine.memremap(PhysRange.of(0xfd100000L, 4096), WB)) {
        assertThat(beside.backing()).isEqualTo("/dev/mem");
      }
    }
    try (Machine machine = computer.machine(Permission.FORCE);
        Mapping forced = machine.memremap(BUS, WB)) {
      assertThat(forced.backing()).isEqualTo("/dev/mem");
    }
  }

  @Test
  @DisplayName("a device that is off is not mapped through /dev/mem either")
  void switchedOff() {
    computer.switchedOff(Computer.GPU);
    try (Machine machine = computer.machine()) {
      MemremapException refused = refusal(machine, Computer.WINDOW, WB);
      assertThat(refused.errno()).isEqualTo(Errno.ENXIO);
      assertThat(refused.sentence())
          .contains("/dev/mem: ENXIO, it leads to 0000:03:00.0")
          .contains("enable it");
    }
  }

  @Test
  @DisplayName("where a device was, /dev/mem leads nowhere")
  void pulled() {
    try (Machine machine = computer.machine()) {
      computer.pull(DEVICE);
      computer.pull(DaxDevices.DIRECTORY + "dax0.0");
      for (PhysRange range : new PhysRange[] {Computer.WINDOW, Computer.DAX}) {
        MemremapException refused = refusal(machine, range, WB);
        assertThat(refused.errno()).isEqualTo(Errno.ENODEV);
        assertThat(refused.sentence()).contains("/dev/mem: ENODEV").contains("was pulled");
      }
    }
  }

  @Test
  @DisplayName("a kernel that offers no file for a BAR leaves /dev/mem")
  void noFile() {
    computer.pull(DEVICE + "/resource1");
    computer.pull(DEVICE + "/resource1_wc");
    try (Machine machine = computer.machine();
        Mapping mapping = machine.memremap(Computer.WINDOW, WB)) {
      assertThat(mapping.backing()).isEqualTo("/dev/mem");
      assertThat(machine.hardware().getFirst().region(1).obstacle())
          .isEqualTo("the system offers no file for it");
    }
  }

  @Test
  @DisplayName("a BAR without its write-combining file is UC- alone, and WC says why")
  void noWriteCombiningFile() {
    computer.pull(DEVICE + "/resource1_wc");
    try (Machine machine = computer.machine()) {
      assertThat(machine.hardware().getFirst().region(1).modes())
          .containsExactly(CacheMode.UC_MINUS);
      assertThat(refusal(machine, Computer.WINDOW, WC).sentence())
          .contains("resource1: EOPNOTSUPP, it gives UC-, and WC was asked for");
    }
  }

  @Test
  @DisplayName("a device that cannot be switched on says which file refused")
  void enableFails() throws IOException {
    computer.switchedOff(Computer.GPU);
    Path enable = computer.path(DEVICE + "/enable");
    try (Machine machine = computer.machine(Permission.ENABLE)) {
      Files.delete(enable);
      MemremapException pulled =
          catchThrowableOfType(
              MemremapException.class, () -> machine.memremap(Computer.WINDOW, WC));
      assertThat(pulled.errno()).isEqualTo(Errno.ENODEV);
      assertThat(pulled.sentence()).contains("write of /" + DEVICE + "/enable: ENODEV");
      assertThat(enable).as("it is never made").doesNotExist();
      Files.createDirectory(enable);
      MemremapException failed =
          catchThrowableOfType(
              MemremapException.class, () -> machine.memremap(Computer.WINDOW, WC));
      assertThat(failed.errno()).isEqualTo(Errno.EIO);
      assertThat(failed.sentence()).contains("/enable: EIO");
      assertThat(machine.memtypes().isEmpty()).isTrue();
    }
    assertThat(computer.calls.openDescriptors()).isEmpty();
  }

  @Test
  @DisplayName("a device whose config is cut short, or missing, counts as switched on")
  void unreadableConfig() {
    try (Machine machine = computer.machine()) {
      computer.write(DEVICE + "/config", "\0\0\0\0\0");
      machine.memremap(Computer.WINDOW, WC).close();
      computer.pull(DEVICE + "/config");
      machine.memremap(Computer.WINDOW, WC).close();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "garbage",
        "PAT memtype list:\nPAT: [mem 0xzz-0x1] write-combining\n",
        "PAT memtype list:\nPAT: [mem 0x5-0x1] write-combining\n",
        "PAT memtype list:\nPAT: [mem 0xe0000000-0xe0010000] never-heard-of\n"
      })
  @DisplayName("a list of memory types that makes no sense leaves the mode of the tables")
  void malformedMemtypes(String list) {
    computer.write("sys/kernel/debug/x86/pat_memtype_list", list);
    try (Machine machine = computer.machine();
        Mapping mapping = machine.memremap(Computer.FIRMWARE, WB)) {
      assertThat(mapping.cacheMode()).isEqualTo(CacheMode.UC_MINUS);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "devdax, map its daxX.Y",
    "fsdax, mount that with -o dax",
    "raw, ndctl create-namespace",
    "'', ndctl create-namespace"
  })
  @DisplayName("a namespace of persistent memory says what leads to it, by its mode")
  void namespaces(String mode, String hint) {
    String namespace = PmemNamespaces.DIRECTORY + "namespace7.0";
    computer.write(namespace + "/resource", "0x140000000\n");
    computer.write(namespace + "/size", "0x1000000\n");
    computer.write(namespace + "/mode", mode);
    try (Machine machine = computer.machine()) {
      HardwareDevice found =
          machine.hardware().stream()
              .filter(device -> device.name().equals("namespace7.0"))
              .findFirst()
              .orElseThrow();
      assertThat(found.region(0).obstacle()).contains(hint);
      assertThat(found.region(0).routes()).isEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"map", "mapx", "map-1", "map10", "portio0"})
  @DisplayName("other files of a UIO device are not taken for its maps, whatever numbers they have")
  void malformedUioMaps(String name) {
    String maps = UioDevices.DIRECTORY + "uio0/maps/";
    computer.pull(maps + "map0");
    computer.write(maps + name + "/addr", "0x1000\n");
    computer.write(maps + name + "/size", "0x1000\n");
    try (Machine machine = computer.machine()) {
      assertThat(machine.hardware()).extracting(HardwareDevice::name).doesNotContain("uio0");
    }
  }
}
