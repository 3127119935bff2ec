// SPDX-License-Identifier: Apache-2.0
package dev.memremap.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.memremap.IoMemory;
import dev.memremap.Machine;
import dev.memremap.Mapping;
import dev.memremap.cache.CacheMode;
import dev.memremap.machine.Architecture;
import dev.memremap.page.DevPagemap;
import dev.memremap.page.MemoryType;
import dev.memremap.plan.IoremapPlan;
import dev.memremap.plan.MemremapFlag;
import dev.memremap.plan.RemapPlan;
import dev.memremap.resource.PhysRange;
import dev.memremap.resource.Resource;
import dev.memremap.rule.Errno;
import dev.memremap.rule.MemremapException;
import dev.memremap.rule.Rule;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A computer whose architecture has no rules here (C-19). */
class AnotherArchitectureTest {
  @TempDir private Path root;
  private Computer computer;
  private Machine machine;

  @BeforeEach
  void open() {
    computer = Computer.withEverything(root).architecture("aarch64");
    machine = computer.machine();
  }

  @AfterEach
  void close() {
    machine.close();
    assertThat(computer.calls.mappedAddresses()).isEmpty();
  }

  @ParameterizedTest(name = "{0} of a prefetchable BAR is {1}")
  @CsvSource({"WC, WC", "WB, UC-"})
  @DisplayName("LIB-6 a BAR is mapped with the mode that its file gives")
  void bar(MemremapFlag type, String mode) {
    try (Mapping window = machine.memremap(Computer.WINDOW, type)) {
      window.store(8, 32, 0x1234);
      assertThat(window.load(8, 32)).isEqualTo(0x1234);
      assertThat(window.cacheMode()).hasToString(mode);
      assertThat(window.plan().rule()).isEqualTo(Rule.LIB_6);
    }
  }

  @ParameterizedTest(name = "{0}, RAM {1}: {2} is {3}")
  @CsvSource({
    "ARM64, true, UC-, WC",
    "ARM64, true, WB, WB",
    "ARM64, false, UC-, UC",
    "ARM64, false, WB, UC",
    "RISCV64, true, UC-, UC",
    "RISCV64, false, WB, UC",
    "ARM, true, UC-, WC",
    "PPC64, true, UC-, WB",
    "PPC64, false, UC-, UC",
    "LOONGARCH64, true, UC-, UC",
    "LOONGARCH64, true, WB, WB"
  })
  @DisplayName("LIB-6 /dev/mem gives the mode that the kernel's phys_mem_access_prot names")
  void devMem(Architecture architecture, boolean systemRam, String asked, String mode) {
    CacheMode given =
        DevMemRoute.untracked(architecture, systemRam, CacheMode.of(asked).orElseThrow());
    assertThat(given).hasToString(mode);
    assertThat(DevMemRoute.isSync(false, given)).isEqualTo(given != CacheMode.WB);
  }

  @ParameterizedTest
  @CsvSource({"WB, false", "WC, false", "UC-, true", "UC, true"})
  @DisplayName("LIB-6 where modes are tracked, /dev/mem is opened with O_SYNC for UC- and UC")
  void devMemOfX86(String mode, boolean sync) {
    assertThat(DevMemRoute.isSync(true, CacheMode.of(mode).orElseThrow())).isEqualTo(sync);
  }

  @Test
  @DisplayName("W-2 the first type that a file gives is taken; WT, which none gives, is refused")
  void inOrder() {
    RemapPlan plan = machine.explain(Computer.WINDOW, MemremapFlag.WT, MemremapFlag.WC);
    assertThat(plan.lines().getFirst()).isEqualTo("granted: LIB-6, WC gives a new mapping, WC");
    assertThatThrownBy(() -> machine.memremap(Computer.WINDOW, MemremapFlag.WT))
        .isInstanceOfSatisfying(
            MemremapException.class, e -> assertThat(e.rule()).isEqualTo(Rule.LIB_6));
  }

  @Test
  @DisplayName("C-19 explain says that rules are missing, and so does what is refused")
  void said() {
    RemapPlan plan = machine.explain(Computer.WINDOW, MemremapFlag.WC);
    assertThat(plan.lines())
        .anyMatch(line -> line.contains("rules of this architecture are missing (C-19)"));
    IoremapPlan registers = machine.explainIoremap(Computer.REGISTERS);
    assertThat(registers.lines())
        .anyMatch(line -> line.contains("rules of this architecture are missing (C-19)"));
    DevPagemap map = DevPagemap.over(Computer.DAX).type(MemoryType.GENERIC).build();
    assertThatThrownBy(() -> machine.memremapPages(map))
        .isInstanceOfSatisfying(
            MemremapException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EOPNOTSUPP))
        .hasMessageContaining("rules are missing");
  }

  @Test
  @DisplayName("registers, device DAX and what is attached are mapped by their files")
  void files() {
    try (IoMemory registers = machine.ioremap(Computer.REGISTERS)) {
      registers.write32(0x10, 7);
      assertThat(registers.read32(0x10)).isEqualTo(7);
    }
    try (Mapping dax = machine.memremap(Computer.DAX, MemremapFlag.WB)) {
      assertThat(dax.cacheMode()).isEqualTo(CacheMode.WB);
    }
    Resource pool =
        machine.attach("pool", Memfd.open(new Posix(computer.calls), "pool", 1 << 20, Posix.PAGE));
    try (Mapping memory = machine.memremap(pool.range(), MemremapFlag.WB)) {
      memory.store(0, 64, 42);
      assertThat(memory.load(0, 64)).isEqualTo(42);
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 7})
  @DisplayName("a request without a mapping type, or without a byte, is refused before any file")
  void nothing(long flags) {
    RemapPlan plan = machine.explain(Computer.WINDOW.start(), flags == 0 ? 4096 : 0, flags);
    assertThat(plan.refusal()).get().extracting("errno").isEqualTo(Errno.EINVAL);
  }

  @Test
  @DisplayName("two mappings of one range may have different modes: nothing is tracked (G-7)")
  void noAliases() {
    PhysRange page = PhysRange.of(Computer.WINDOW.start(), 4096);
    try (Mapping combining = machine.memremap(page, MemremapFlag.WC);
        Mapping uncached = machine.memremap(page, MemremapFlag.WB)) {
      assertThat(combining.cacheMode()).isEqualTo(CacheMode.WC);
      assertThat(uncached.cacheMode()).isEqualTo(CacheMode.UC_MINUS);
      assertThat(machine.memtypes().isEmpty()).isTrue();
    }
  }
}
