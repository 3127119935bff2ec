// SPDX-License-Identifier: Apache-2.0
package dev.memremap.linux;

import static dev.memremap.plan.MemremapFlag.WB;
import static dev.memremap.plan.MemremapFlag.WC;
import static dev.memremap.plan.MemremapFlag.WT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIndexOutOfBoundsException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.memremap.IoMemory;
import dev.memremap.Machine;
import dev.memremap.Mapping;
import dev.memremap.cache.CacheMode;
import dev.memremap.plan.MemremapFlag;
import dev.memremap.plan.RemapPlan;
import dev.memremap.resource.PhysRange;
import dev.memremap.rule.Errno;
import dev.memremap.rule.MemremapException;
import dev.memremap.rule.Rule;
import dev.memremap.spi.HardwareDevice;
import dev.memremap.spi.HostMemory.Permission;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which file leads to a range, with which mode, and what is said where none does. */
class RoutesTest {
  private static final String BAR = "sys/bus/pci/devices/0000:03:00.0/resource";
  private static final PhysRange SOME_RAM = PhysRange.of(0x200000, 4096);

  @TempDir Path root;
  private Computer computer;

  @BeforeEach
  void assemble() {
    computer = Computer.withEverything(root);
  }

  private static MemremapException refusal(
      Machine machine, PhysRange range, MemremapFlag... flags) {
    MemremapException refused =
        catchThrowableOfType(MemremapException.class, () -> machine.memremap(range, flags));
    assertThat(refused).isNotNull();
    assertThat(machine.memtypes().isEmpty()).isTrue();
    return refused;
  }

  private int wordIn(String file, long offset) throws IOException {
    ByteBuffer word = ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN);
    try (FileChannel channel = FileChannel.open(computer.path(file))) {
      channel.read(word, offset);
    }
    return word.getInt(0);
  }

  @Test
  @DisplayName(
      "LIB-6 a prefetchable BAR is WC through resourceN_wc, at the offset that was asked for")
  void writeCombining() throws IOException {
    try (Machine machine = computer.machine();
        Mapping mapping =
            machine.memremap(PhysRange.of(Computer.WINDOW.start() + 0x1ffe, 16), WC)) {
      mapping.store(2, 32, 0x11223344);
      assertThat(mapping.cacheMode()).isEqualTo(CacheMode.WC);
      assertThat(mapping.backing()).isEqualTo("/" + BAR + "1_wc");
      assertThat(wordIn(BAR + "1_wc", 0x2000)).isEqualTo(0x11223344);
    }
  }

  @Test
  @DisplayName("LIB-6 WB is content with a BAR's UC-, and explain says so beforehand")
  void writeBack() throws IOException {
    try (Machine machine = computer.machine()) {
      RemapPlan plan = machine.explain(Computer.WINDOW, WB, WC);
      assertThat(plan.grant().mode()).isEqualTo(CacheMode.UC_MINUS);
      assertThat(plan.attempts().getFirst().reason()).contains("through /" + BAR + "1");
      assertThat(computer.calls.calls()).as("nothing is opened to explain").isEmpty();
      try (Mapping mapping = machine.memremap(Computer.WINDOW, WB, WC)) {
        mapping.store(8, 32, 5);
        assertThat(mapping.cacheMode()).isEqualTo(CacheMode.UC_MINUS);
        assertThat(wordIn(BAR + "1", 8)).isEqualTo(5);
      }
    }
  }

  @Test
  @DisplayName("MT-8 an alias of a BAR that is WC already is WC, through the file that gives it")
  void alias() {
    try (Machine machine = computer.machine();
        Mapping combining = machine.memremap(Computer.WINDOW, WC);
        Mapping alias = machine.memremap(Computer.WINDOW, WB);
        IoMemory registers = machine.ioremap(Computer.WINDOW)) {
      assertThat(combining.cacheMode()).isEqualTo(CacheMode.WC);
      assertThat(alias.cacheMode()).isEqualTo(CacheMode.WC);
      assertThat(alias.backing()).isEqualTo("/" + BAR + "1_wc");
      assertThat(registers.cacheMode()).isEqualTo(CacheMode.WC);
      assertThat(registers.backing()).isEqualTo("/" + BAR + "1_wc");
    }
  }

  @Test
  @DisplayName("LIB-6 WT of a BAR is refused with every file that leads there and what it gives")
  void writeThrough() {
    try (Machine machine = computer.machine()) {
      MemremapException refused = refusal(machine, Computer.WINDOW, WT);
      assertThat(refused.errno()).isEqualTo(Errno.EOPNOTSUPP);
      assertThat(refused.rule()).isEqualTo(Rule.LIB_6);
      assertThat(refused.sentence())
          .contains("/" + BAR + "1_wc: EOPNOTSUPP, it gives WC, and WT was asked for")
          .contains("/" + BAR + "1: EOPNOTSUPP, it gives UC-, and WT was asked for")
          .contains("/dev/mem: EOPNOTSUPP");
    }
  }

  @Test
  @DisplayName("LIB-7 memremap of registers is refused and points at ioremap, which maps them")
  void registers() throws IOException {
    try (Machine machine = computer.machine()) {
      MemremapException refused = refusal(machine, Computer.REGISTERS, WB, WT, WC);
      assertThat(refused.rule()).isEqualTo(Rule.LIB_7);
      assertThat(refused.errno()).isEqualTo(Errno.ENXIO);
      assertThat(refused.sentence())
          .contains("BAR 0 of 0000:03:00.0 is not prefetchable")
          .endsWith("use ioremap");
      assertThat(refusal(machine, PhysRange.of(0xfec00000L, 16), WB).sentence())
          .contains("IOAPIC 0")
          .endsWith("use ioremap");
      assertThat(machine.explainIoremap(Computer.REGISTERS).isGranted()).isTrue();
      try (IoMemory mapped = machine.ioremap(PhysRange.of(Computer.REGISTERS.start() + 16, 8))) {
        mapped.write32(4, 9);
        assertThat(mapped.cacheMode()).isEqualTo(CacheMode.UC_MINUS);
        assertThat(wordIn(BAR + "0", 20)).isEqualTo(9);
      }
    }
  }

  @Test
  @DisplayName("LIB-9 a device that a driver uses is EBUSY by every way, unless it is forced")
  void driverInUse() {
    computer.driver(PciDevices.DIRECTORY + Computer.GPU, "nouveau");
    try (Machine machine = computer.machine()) {
      MemremapException refused = refusal(machine, Computer.WINDOW, WB, WT, WC);
      assertThat(refused.errno()).isEqualTo(Errno.EBUSY);
      assertThat(refused.rule()).isEqualTo(Rule.LIB_9);
      assertThat(refused.attempts().getFirst().reason())
          .contains(
              "the kernel driver nouveau uses the device; unbind it, or permit it (Permission.FORCE, --force-driver)")
          .contains("/dev/mem: EBUSY");
      assertThat(machine.explainIoremap(Computer.REGISTERS).isGranted()).isFalse();
    }
    try (Machine machine = computer.machine(Permission.FORCE);
        Mapping mapping = machine.memremap(Computer.WINDOW, WC)) {
      assertThat(mapping.backing()).isEqualTo("/" + BAR + "1_wc");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"vfio-pci", "uio_pci_generic", "pci-stub"})
  @DisplayName("LIB-9 a driver that only holds a device for programs is not in the way")
  void driverForPrograms(String driver) {
    computer.driver(PciDevices.DIRECTORY + Computer.GPU, driver);
    try (Machine machine = computer.machine();
        Mapping mapping = machine.memremap(Computer.WINDOW, WC)) {
      assertThat(mapping.cacheMode()).isEqualTo(CacheMode.WC);
    }
  }

  @Test
  @DisplayName("a device that is off is not mapped, nor switched on, unless that is permitted")
  void enable() {
    computer.switchedOff(Computer.GPU);
    String enable = PciDevices.DIRECTORY + Computer.GPU + "/enable";
    try (Machine machine = computer.machine()) {
      MemremapException refused = refusal(machine, Computer.WINDOW, WC);
      assertThat(refused.errno()).isEqualTo(Errno.ENXIO);
      assertThat(refused.sentence())
          .contains("does not answer to its memory")
          .contains("enable it");
      assertThat(computer.text(enable)).isEqualTo("0\n");
    }
    try (Machine machine = computer.machine(Permission.ENABLE)) {
      machine.explain(Computer.WINDOW, WC);
      assertThat(computer.text(enable)).as("explain switches nothing on").isEqualTo("0\n");
      machine.memremap(Computer.WINDOW, WC).close();
      assertThat(computer.text(enable)).isEqualTo("1");
    }
  }

  @Test
  @DisplayName("LIB-6 device DAX is WB, mapped by blocks of its alignment, at its own offset")
  void deviceDax() throws IOException {
    try (Machine machine = computer.machine();
        Mapping mapping = machine.memremap(PhysRange.of(0x100212340L, 64), WB)) {
      mapping.store(0, 32, 77);
      assertThat(mapping.cacheMode()).isEqualTo(CacheMode.WB);
      assertThat(mapping.backing()).isEqualTo("/dev/dax0.0");
      assertThat(wordIn("dev/dax0.0", 0x212340)).isEqualTo(77);
      assertThat(machine.explain(Computer.DAX, WT).isGranted()).isFalse();
    }
  }

  @Test
  @DisplayName("LIB-9 DAX memory that became System RAM is refused with the way back")
  void kmem() {
    computer.driver("sys/devices/platform/region0/dax0.0", "kmem");
    try (Machine machine = computer.machine()) {
      assertThat(refusal(machine, Computer.DAX, WB).sentence())
          .contains("the driver kmem has made ordinary memory of it")
          .contains("daxctl reconfigure-device");
    }
  }

  @Test
  @DisplayName("a UIO map that begins inside a page is found by ioremap, at its own offset")
  void uio() throws IOException {
    try (Machine machine = computer.machine();
        IoMemory registers = machine.ioremap(Computer.UIO)) {
      registers.write32(4, 3);
      assertThat(registers.backing()).isEqualTo("/dev/uio0");
      assertThat(wordIn("dev/uio0", 0x104)).isEqualTo(3);
    }
  }

  @ParameterizedTest(name = "addr={0} size={1} offset={2}: 0x20 bytes at {3} by {4}")
  @CsvSource({
    "0xfeb00100, 0x200, 0x0, 0xfeb000f0, /dev/mem",
    "0xfeb00100, 0x200, 0x0, 0xfeb00100, /dev/uio0",
    "0xfeb00100, 0x200, 0x0, 0xfeb002e0, /dev/uio0",
    "0xfeb00100, 0x200, 0x0, 0xfeb002f0, /dev/mem",
    "0xfeb00000, 0x1000, 0x100, 0xfeb000f0, /dev/mem",
    "0xfeb00000, 0x1000, 0x100, 0xfeb00100, /dev/uio0",
    "0xfeb00000, 0x1000, 0x100, 0xfeb00fe0, /dev/uio0",
    "0xfeb00000, 0x1000, 0x100, 0xfeb00ff0, /dev/mem",
    "0xfeb00000, 0x1000, 0x1000, 0xfeb00000, /dev/mem"
  })
  @DisplayName("LIB-6 a UIO map begins at its offset, and nothing before or behind it is its own")
  void uioEnds(String addr, String size, String offset, String start, String backing)
      throws IOException {
    String map = UioDevices.DIRECTORY + "uio0/maps/map0/";
    computer.write(map + "addr", addr).write(map + "size", size).write(map + "offset", offset);
    PhysRange range = PhysRange.of(Long.decode(start), 0x20);
    try (Machine machine = computer.machine();
        IoMemory registers = machine.ioremap(range)) {
      registers.write32(4, 3);
      assertThat(registers.backing()).isEqualTo(backing);
      long at = backing.equals("/dev/mem") ? range.start() : range.start() % Posix.PAGE;
      assertThat(wordIn(backing.substring(1), at + 4)).isEqualTo(3);
      assertThatIndexOutOfBoundsException().isThrownBy(() -> registers.read32(0x20));
    }
  }

  @Test
  @DisplayName(
      "D-17 System RAM goes through /dev/mem, of which only the pages asked for are mapped")
  void systemRam() throws IOException {
    try (Machine machine = computer.machine();
        Mapping mapping = machine.memremap(PhysRange.of(0x200010, 16), WB)) {
      mapping.store(0, 32, 4);
      assertThat(mapping.isDirectMap()).isTrue();
      assertThat(mapping.backing()).isEqualTo("/dev/mem");
      assertThat(wordIn("dev/mem", 0x200010)).isEqualTo(4);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"mmap", "open"})
  @DisplayName("D-17 a kernel that keeps its RAM to itself is told in words, with its EPERM")
  void strictDevMem(String function) {
    try (Machine machine = computer.machine()) {
      assertThat(machine.explain(SOME_RAM, WB).isGranted()).isTrue();
      computer.calls.fail(function, Errno.EPERM, 9);
      MemremapException refused = refusal(machine, SOME_RAM, WB);
      assertThat(refused.errno()).isEqualTo(Errno.EPERM);
      assertThat(refused.rule()).isEqualTo(Rule.D_17);
      assertThat(refused.sentence())
          .contains(
              function.equals("mmap")
                  ? "the kernel keeps its System RAM to itself (STRICT_DEVMEM)"
                  : "opening it needs root (CAP_SYS_RAWIO)");
    }
  }

  @Test
  @DisplayName("LIB-6 what a driver claimed is told apart from RAM: iomem=relaxed would lift that")
  void ioStrictDevMem() {
    try (Machine machine = computer.machine()) {
      computer.calls.fail("mmap", Errno.EPERM, 9);
      assertThat(refusal(machine, Computer.FIRMWARE, WB).sentence())
          .contains("IO_STRICT_DEVMEM")
          .contains("iomem=relaxed");
    }
  }

  @Test
  @DisplayName("a missing /dev/mem, as in a container, is said, and nothing is tried")
  void noDevMem() {
    computer.pull("dev/mem");
    try (Machine machine = computer.machine()) {
      MemremapException refused = refusal(machine, Computer.FIRMWARE, WB);
      assertThat(refused.errno()).isEqualTo(Errno.ENOENT);
      assertThat(refused.sentence())
          .contains("/dev/mem: ENOENT, it is not there")
          .contains("DEVMEM");
      assertThat(computer.calls.calls()).isEmpty();
    }
  }

  @Test
  @DisplayName("where /proc/iomem cannot be read, /dev/mem is never a guess: the sentence says why")
  void unreadableIomem() {
    computer.unreadable("/proc/iomem shows zeros; read it as root");
    try (Machine machine = computer.machine()) {
      MemremapException refused = refusal(machine, Computer.FIRMWARE, WB);
      assertThat(refused.errno()).isEqualTo(Errno.EACCES);
      assertThat(refused.sentence())
          .contains("what lies there is not known: /proc/iomem shows zeros; read it as root");
      machine.memremap(Computer.WINDOW, WC).close();
    }
  }

  @Test
  @DisplayName("not root: each device's file says that permission is missing")
  void notRoot() {
    try (Machine machine = computer.machine()) {
      computer.calls.fail("open", Errno.EACCES, 99);
      MemremapException refused = refusal(machine, Computer.WINDOW, WC);
      assertThat(refused.errno()).isEqualTo(Errno.EACCES);
      assertThat(refused.sentence())
          .contains("/" + BAR + "1_wc: EACCES, opening it needs root, or permission to the file");
    }
  }

  @Test
  @DisplayName("a file of the device may go between the plan and the mapping")
  void goesBetween() {
    computer.pull("dev/mem");
    try (Machine machine = computer.machine()) {
      assertThat(machine.explain(Computer.DAX, WB).isGranted()).isTrue();
      computer.pull("dev/dax0.0");
      MemremapException refused = refusal(machine, Computer.DAX, WB);
      assertThat(refused.errno()).isEqualTo(Errno.ENOENT);
      assertThat(refused.sentence()).contains("/dev/dax0.0: ENOENT, open of ");
    }
  }

  @Test
  @DisplayName(
      "a mapping through /dev/mem has the mode that the kernel tracks, where that is shown")
  void trackedMode() {
    computer.write(
        "sys/kernel/debug/x86/pat_memtype_list",
        "PAT memtype list:\nPAT: [mem 0x00000000e0000000-0x00000000e0010000] write-combining\n");
    try (Machine machine = computer.machine();
        Mapping mapping = machine.memremap(Computer.FIRMWARE, WB)) {
      assertThat(mapping.cacheMode()).isEqualTo(CacheMode.WC);
    }
  }

  @Test
  @DisplayName("devices are listed by name, with ranges, files, and what is in the way")
  void devices() {
    computer.driver(PciDevices.DIRECTORY + Computer.GPU, "nouveau");
    computer.write("sys/bus/nd/devices/namespace0.0/resource", "0x140000000\n");
    computer.write("sys/bus/nd/devices/namespace0.0/size", "0x1000000\n");
    computer.write("sys/bus/nd/devices/namespace0.0/mode", "raw\n");
    try (Machine machine = computer.machine()) {
      assertThat(machine.hardware())
          .extracting(HardwareDevice::name)
          .containsExactly(Computer.GPU, "dax0.0", "namespace0.0", "uio0");
      HardwareDevice gpu = machine.device(Computer.GPU).hardware().orElseThrow();
      assertThat(gpu.description()).isEqualTo("PCI 10de:20f1, driver nouveau");
      assertThat(gpu.region(1).modes()).containsExactly(CacheMode.WC, CacheMode.UC_MINUS);
      assertThat(gpu.region(1).routes()).containsExactly("/" + BAR + "1", "/" + BAR + "1_wc");
      assertThat(gpu.region(0).obstacle()).isEqualTo("the driver nouveau uses it");
      assertThat(gpu.region(0).sideEffects()).isTrue();
      assertThat(machine.device(Computer.GPU).bar(1)).isEqualTo(Computer.WINDOW);
      assertThat(machine.device("dax0.0").range()).isEqualTo(Computer.DAX);
      assertThat(machine.hardware().get(2).region(0).obstacle()).contains("create-namespace");
    }
  }

  @Test
  @DisplayName("a device that comes after the machine was made is found when it is asked for")
  void comesLater() {
    PhysRange late = PhysRange.of(0x180000000L, 4 << 20);
    try (Machine machine = computer.machine()) {
      computer.dax("dax1.0", late, 4096);
      try (Mapping mapping = machine.memremap(late, WB)) {
        assertThat(mapping.backing()).isEqualTo("/dev/dax1.0");
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "\n\n\n",
        "garbage",
        "0x1 0x2",
        "0xzz 0x2 0x200",
        "0xffffffffffffffffff 0x1 0x200",
        "0x2000 0x1000 0x200",
        "-1 -2 0x200"
      })
  @DisplayName("a resource file that makes no sense has no BARs, and does no harm")
  void malformed(String resource) {
    computer.write(PciDevices.DIRECTORY + Computer.GPU + "/resource", resource);
    try (Machine machine = computer.machine()) {
      assertThat(machine.hardware()).extracting(HardwareDevice::name).doesNotContain(Computer.GPU);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "x", "0x", "0", "-1", "99999999999999999999", "0xffffffffffffffff"})
  @DisplayName("DAX, UIO and pmem files with numbers that make no sense do no harm")
  void malformedNumbers(String number) {
    computer.write("sys/devices/platform/region0/dax0.0/resource", number);
    computer.write(UioDevices.DIRECTORY + "uio0/maps/map0/addr", number);
    computer.write("sys/bus/nd/devices/namespace0.0/resource", number);
    computer.write("sys/bus/nd/devices/namespace0.0/size", "0x1000000\n");
    try (Machine machine = computer.machine()) {
      assertThat(machine.hardware()).extracting(HardwareDevice::name).contains(Computer.GPU);
      machine.memremap(Computer.WINDOW, WC).close();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "3", "-4", "x", "9223372036854775808"})
  @DisplayName("an alignment that is not a power of two counts as 2 MiB")
  void malformedAlignment(String align) {
    computer.write("sys/devices/platform/region0/dax0.0/align", align);
    try (Machine machine = computer.machine();
        Mapping mapping = machine.memremap(PhysRange.of(0x100000010L, 16), WB)) {
      mapping.store(0, 32, 1);
      assertThat(mapping.backing()).isEqualTo("/dev/dax0.0");
    }
  }
}
