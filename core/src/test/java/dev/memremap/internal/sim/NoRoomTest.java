// SPDX-License-Identifier: Apache-2.0
package dev.memremap.internal.sim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.memremap.Device;
import dev.memremap.IoMemory;
import dev.memremap.Machine;
import dev.memremap.Machines;
import dev.memremap.Mapping;
import dev.memremap.cache.CacheMode;
import dev.memremap.machine.MachineDescription;
import dev.memremap.page.DevPagemap;
import dev.memremap.page.MemoryType;
import dev.memremap.page.Page;
import dev.memremap.page.PageMapping;
import dev.memremap.page.PagemapOps;
import dev.memremap.plan.MemremapFlag;
import dev.memremap.resource.PhysRange;
import dev.memremap.rule.Errno;
import dev.memremap.rule.MemremapException;
import dev.memremap.rule.Rule;
import dev.memremap.spi.AccessPath;
import dev.memremap.testing.LoggedLines;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a machine answers whose memory has no room left, on a file system that is really full. */
class NoRoomTest {
  private static final int WARM = 20_000;
  private static final PhysRange WINDOW = PhysRange.of(0xfd000000L, 4096);
  private static final PhysRange DEVICE = PhysRange.of(0x40000000L, 64 << 20);
  private static final MachineDescription DESCRIPTION =
      MachineDescription.parse(
          "00001000-3fffffff : System RAM\n40000000-4fffffff : Persistent Memory\n");

  @TempDir Path parent;
  private SmallTmpfs tmpfs;
  private String before;

  @BeforeEach
  void chooseASmallDirectory() throws Exception {
    tmpfs = SmallTmpfs.mount(parent, "");
    before = System.setProperty(MemoryDirectory.PROPERTY, tmpfs.directory().toString());
  }

  @AfterEach
  void restore() throws Exception {
    if (tmpfs != null) {
      if (before == null) {
        System.clearProperty(MemoryDirectory.PROPERTY);
      } else {
        System.setProperty(MemoryDirectory.PROPERTY, before);
      }
      // windows of page structures stay mapped until the garbage collector has unmapped them
      while (Files.readString(Path.of("/proc/self/maps")).contains(tmpfs.directory().toString())) {
        System.gc();
        Thread.onSpinWait();
      }
      tmpfs.close();
    }
  }

  private static MemremapException noSpace(
      org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
    MemremapException e = catchThrowableOfType(MemremapException.class, call);
    assertThat(e).isNotNull();
    assertThat(e.errno()).isEqualTo(Errno.ENOSPC);
    assertThat(e.rule()).isEqualTo(Rule.LIB_2);
    return e;
  }

  @Test
  @DisplayName(
      "LIB-2 a small mapping takes its room when it is made, and leaves nothing if it fails")
  void smallMapping() throws Exception {
    try (Machine machine = Machine.simulated(DESCRIPTION)) {
      Path filler = tmpfs.fill();
      noSpace(() -> machine.memremap(WINDOW, MemremapFlag.WC));
      assertThat(machine.memtypes().isEmpty()).isTrue();
      assertThat(Machines.mappings(machine)).isZero();
      Files.delete(filler);
      try (Mapping mapping = machine.memremap(WINDOW, MemremapFlag.WC)) {
        tmpfs.fill();
        mapping.store(0, 64, 5);
        assertThat(mapping.load(0, 64)).isEqualTo(5);
      }
    }
  }

  @Test
  @DisplayName("LIB-2 a small mapping takes its room when it is made by compiled code, too")
  void smallMappingWhenWarm() throws Exception {
    try (Machine machine = Machine.simulated(DESCRIPTION)) {
      for (int i = 0; i < WARM; i++) {
        machine.memremap(WINDOW, MemremapFlag.WC).close();
      }
      tmpfs.fill();
      for (int i = 1; i <= 20; i++) {
        PhysRange untouched = PhysRange.of(WINDOW.start() + i * 0x1000L, 4096);
        noSpace(() -> machine.memremap(untouched, MemremapFlag.WC));
      }
    }
  }

  @Test
  @DisplayName("LIB-1, LIB-2 what a device could not map counts until the release, and not beyond")
  void smallMappingOfADevice() throws Exception {
    try (Machine machine = Machine.simulated(DESCRIPTION)) {
      Device device = machine.newDevice("d");
      tmpfs.fill();
      MemremapException e =
          catchThrowableOfType(
              MemremapException.class, () -> device.memremap(WINDOW, MemremapFlag.WC));
      assertThat(e.errno()).as("MU-2").isEqualTo(Errno.ENXIO);
      assertThat(machine.memtypes().isEmpty()).isTrue();
      assertThat(device.devres().size()).isZero();
      device.release();
      assertThat(Machines.mappings(machine)).isZero();
    }
  }

  @Test
  @DisplayName("LIB-2 populate(): memory is there once it is mapped, and what it held is kept")
  void populated() throws Exception {
    try (Machine machine = Machine.builder(DESCRIPTION).populate().build();
        Mapping mapping = machine.memremap(PhysRange.of(0xfd000123L, 400_000), MemremapFlag.WC)) {
      mapping.store(17, 64, 99);
      noSpace(() -> machine.memremap(PhysRange.of(0xfd200000L, 1 << 20), MemremapFlag.WC));
      tmpfs.fill();
      mapping.segment().fill((byte) 1);
      mapping.store(17, 64, 42);
      try (Mapping again = machine.memremap(PhysRange.of(0xfd000123L, 300_000), MemremapFlag.WC)) {
        assertThat(again.load(17, 64)).isEqualTo(42);
      }
      noSpace(() -> machine.memremap(PhysRange.of(0xfd000000L, 800_000), MemremapFlag.WC));
    }
  }

  @Test
  @DisplayName("LIB-2 populate(): registers are there once they are mapped, and need no poll")
  void populatedRegisters() throws Exception {
    try (Machine machine = Machine.builder(DESCRIPTION).populate().build();
        IoMemory registers = machine.ioremap(PhysRange.of(0xfd000000L, 128 << 10))) {
      noSpace(() -> machine.ioremap(PhysRange.of(0xfd200000L, 1 << 20)));
      tmpfs.fill();
      for (int at = 0; at < 128 << 10; at += 4096) {
        registers.write32(at, at);
      }
      assertThat(registers.read32(64 << 10)).isEqualTo(64 << 10);
    }
  }

  @Test
  @DisplayName("LIB-8 only what populate() has allocated on a tmpfs cannot be lost")
  void canBeLost() {
    AccessPath.Open path = AccessPath.only(CacheMode.UC_MINUS, CacheMode.UC_MINUS).orThrow();
    try (SparseMemory touched = SparseMemory.open(tmpfs.directory());
        SparseMemory allocated = SparseMemory.openPopulated(tmpfs.directory());
        Arena arena = Arena.ofConfined()) {
      assertThat(touched.map(WINDOW, path, arena).backing().canBeLost()).isTrue();
      assertThat(allocated.map(WINDOW, path, arena).backing().canBeLost()).isFalse();
    }
  }

  @Test
  @DisplayName("LIB-2 little room is said once, when memory is mapped")
  void warning() {
    try (LoggedLines log = new LoggedLines("dev.memremap");
        Arena arena = Arena.ofShared()) {
      for (int i = 0; i < 3; i++) {
        try (SparseMemory memory = SparseMemory.open(tmpfs.directory())) {
          assertThat(memory.map(WINDOW, arena).byteSize()).isEqualTo(4096);
        }
      }
      assertThat(log.linesOfAll())
          .singleElement()
          .asString()
          .contains(tmpfs.directory().toString())
          .contains("KiB are left");
    }
  }

  /** An operation of a page whose structure was not touched before. */
  enum Operation {
    GET(MemoryType.GENERIC, (machine, page) -> page.get()),
    TRY_GET(MemoryType.GENERIC, (machine, page) -> page.tryGet()),
    PUT(MemoryType.GENERIC, (machine, page) -> page.put()),
    DATA(MemoryType.GENERIC, (machine, page) -> page.zoneDeviceData(7)),
    POISONED(MemoryType.GENERIC, (machine, page) -> page.poisoned(true)),
    RESERVED(MemoryType.GENERIC, (machine, page) -> page.reserved(true)),
    MEMORY_FAILURE(
        MemoryType.GENERIC,
        (machine, page) -> {
          page.mapping(PageMapping.deviceDax("/dev/dax0.0"));
          machine.memoryFailure(page.pfn(), 1, 0);
        }),
    ZONE_DEVICE_INIT(MemoryType.COHERENT, (machine, page) -> page.zoneDeviceInit());

    private final MemoryType type;
    private final java.util.function.BiConsumer<Machine, Page> run;

    Operation(MemoryType type, java.util.function.BiConsumer<Machine, Page> run) {
      this.type = type;
      this.run = run;
    }
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("LIB-2 a page whose structure has no room: ENOSPC, and nothing is held")
  void pages(Operation operation) throws Exception {
    try (Machine machine = Machine.simulated(DESCRIPTION)) {
      DevPagemap map =
          DevPagemap.over(DEVICE)
              .type(operation.type)
              .owner(this)
              .ops(PagemapOps.none().withPageFree(page -> {}))
              .build();
      machine.memremapPages(map);
      Page page = machine.pfnToPage(DEVICE.start() >>> 12);
      int count = page.refCount();
      // the window of the structures is mapped, and this page's block has no room in it
      machine.pfnToPage((DEVICE.start() >>> 12) + 8192).zoneDeviceData(1);
      Path filler = tmpfs.fill();
      noSpace(() -> operation.run.accept(machine, page));
      assertThat(map.outsideReferences()).isZero();
      assertThat(page.refCount()).isEqualTo(count);
      Files.delete(filler);
      machine.memunmapPages(map, Duration.ZERO);
      assertThat(map.state()).isEqualTo(DevPagemap.State.UNMAPPED);
    }
  }

  @Test
  @DisplayName("a mapping that is larger takes its room when it is touched")
  void largeMapping() throws Exception {
    try (Machine machine = Machine.simulated(DESCRIPTION);
        Mapping mapping = machine.memremap(PhysRange.of(0xfd000000L, 1 << 20), MemremapFlag.WC)) {
      tmpfs.fill();
      noSpace(() -> mapping.store(0, 64, 1));
      noSpace(() -> mapping.copyTo(0, MemorySegment.ofArray(new byte[64])));
    }
  }
}
