// SPDX-License-Identifier: Apache-2.0
package dev.memremap;

import static dev.memremap.plan.MemremapFlag.WB;
import static dev.memremap.plan.MemremapFlag.WC;
import static dev.memremap.plan.MemremapFlag.WT;
import static org.assertj.core.api.Assertions.assertThat;

import dev.memremap.cache.CacheMode;
import dev.memremap.machine.MachineDescription;
import dev.memremap.page.DevPagemap;
import dev.memremap.page.MemoryType;
import dev.memremap.plan.MemremapFlag;
import dev.memremap.plan.Plan;
import dev.memremap.resource.PhysRange;
import dev.memremap.rule.KernelLine;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What plans say that the machine's kernel logs; the words are those that guests printed. */
class KernelLogTest {
  private static final MachineDescription MACHINE =
      MachineDescription.parse(
          """
          # phys-bits=40
          # memtype=
          # mtrr-uc=0x80000000+0x80000000
          00001000-0009fbff : System RAM
          00100000-3fffffff : System RAM
          40000000-4fffffff : Persistent Memory (legacy)
          50000000-5fffffff : System RAM
          80000000-febfffff : PCI Bus 0000:00
            fd000000-fdffffff : 0000:00:02.0
          """);

  private static final String ON_RAM = "memremap attempted on ram 0x0000000050000000 size: 0x1000";

  private static List<String> log(Plan plan) {
    return plan.kernelLog().stream().map(KernelLine::toString).toList();
  }

  private static List<String> memremap(Machine machine, String range, MemremapFlag... flags) {
    return log(machine.explain(PhysRange.parse(range), flags));
  }

  @Test
  @DisplayName("MR-3 a mixed range is warned of once a boot, with a stack dump")
  void mixed() {
    try (Machine machine = Machine.simulated(MACHINE)) {
      Plan plan = machine.explain(PhysRange.parse("0x3ffff000+8K"), WB);
      assertThat(plan.kernelLog())
          .containsExactly(
              new KernelLine(
                  "memremap attempted on mixed range 0x000000003ffff000 size: 0x2000",
                  true,
                  "memremap"));
      assertThat(log(plan))
          .containsExactly(
              "memremap attempted on mixed range 0x000000003ffff000 size: 0x2000"
                  + " [once a boot, with the stack dump of a WARNING in memremap]");
    }
  }

  @Test
  @DisplayName("MR-4 MR-5 of System RAM all that the direct map does not serve is warned of")
  void onRam() {
    try (Machine machine = Machine.simulated(MACHINE)) {
      assertThat(memremap(machine, "0x50000000+4K", WB)).isEmpty();
      assertThat(memremap(machine, "0x50000000+4K", WC))
          .containsExactly(ON_RAM + " [once a boot, with the stack dump of a WARNING in memremap]");
      assertThat(memremap(machine, "0x50000000+4K", WB, WC)).isEmpty();
    }
  }

  @Test
  @DisplayName("MT-5 MT-8 each type that is tried in vain is said, in their order")
  void types() {
    try (Machine machine = Machine.simulated(MACHINE)) {
      machine.memremap(PhysRange.parse("0x40000000+4K"), WB);
      assertThat(memremap(machine, "0x40000010+100", WT, WC))
          .containsExactly(
              "ioremap error for 0x40000000-0x40001000, requested 0x4, got 0x0",
              "ioremap error for 0x40000000-0x40001000, requested 0x1, got 0x0");
      machine.memremap(PhysRange.parse("0x40001000+4K"), WC);
      assertThat(memremap(machine, "0x40000000+8K", WB))
          .containsExactly(
              "x86/PAT: COMM:PID conflicting memory types 40000000-40002000 write-back<->write-combining",
              "x86/PAT: memtype_reserve failed [mem 0x40000000-0x40001fff], track write-back, req write-back",
              "ioremap memtype_reserve failed -16");
    }
  }

  @Test
  @DisplayName("MT-2 MT-5 what is tracked is the type that the MTRRs leave of the one asked for")
  void weakened() {
    try (Machine machine = Machine.simulated(MACHINE)) {
      machine.ioremap(PhysRange.parse("0x90000000+4K"));
      machine.memremap(PhysRange.parse("0x90001000+4K"), WC);
      assertThat(memremap(machine, "0x90000000+8K", WB))
          .contains(
              "x86/PAT: memtype_reserve failed [mem 0x90000000-0x90001fff], track uncached-minus, req write-back");
    }
  }

  @Test
  @DisplayName("IO-1 an address that does not exist is said each time, and dumped once a boot")
  void beyond() {
    try (Machine machine = Machine.simulated(MACHINE)) {
      assertThat(log(machine.explainIoremap(PhysRange.parse("0x10000000123+16"))))
          .containsExactly(
              "ioremap: invalid physical address 10000000123",
              "[once a boot, with the stack dump of a WARNING in __ioremap_caller]");
    }
  }

  @Test
  @DisplayName(
      "IO-1 MT-4 of a part of a page of System RAM nothing is said, until the page is taken")
  void ioremapOnRam() {
    try (Machine machine = Machine.simulated(MACHINE)) {
      assertThat(log(machine.explainIoremap(PhysRange.parse("0x50000800+8K"))))
          .containsExactly(
              "ioremap on RAM at 0x0000000050000800 - 0x00000000500027ff"
                  + " [once a boot, with the stack dump of a WARNING in __ioremap_caller]");
      PhysRange part = PhysRange.parse("0x50002800+4K");
      assertThat(machine.explainIoremap(part).kernelLog()).isEmpty();
      machine.ioremap(part);
      assertThat(log(machine.explainIoremap(part)))
          .containsExactly(
              "x86/PAT: reserve_ram_pages_type failed [mem 0x50002000-0x50003fff], track 0x2, req 0x2",
              "ioremap memtype_reserve failed -16");
      assertThat(log(machine.explainIoremap(PhysRange.parse("0x50004800+4K"), CacheMode.UC)))
          .containsExactly("[once a boot, with the stack dump of a WARNING in memtype_reserve]");
    }
  }

  @Test
  @DisplayName("MT-4 pages of System RAM that have another type are said, and UC is warned of")
  void pagesOfRam() {
    MachineDescription window =
        MachineDescription.parse(
            """
            # phys-bits=40
            # memtype=
            # mtrr-uc=
            00100000-3fffffff : System RAM
            40000000-7fffffff : CXL Window 0
              40000000-4fffffff : System RAM (kmem)
            """);
    // which does not look inside the window, and maps its RAM
    try (Machine machine = Machine.builder(window).kernel("5.10").build()) {
      machine.memremap(PhysRange.parse("0x40000000+4K"), WC);
      assertThat(memremap(machine, "0x40000000+4K", WC))
          .containsExactly(
              "x86/PAT: reserve_ram_pages_type failed [mem 0x40000000-0x40000fff], track 0x1, req 0x1",
              "ioremap memtype_reserve failed -16");
      assertThat(log(machine.explainIoremap(PhysRange.parse("0x40001000+4K"), CacheMode.UC)))
          .containsExactly("[once a boot, with the stack dump of a WARNING in memtype_reserve]");
    }
  }

  @Test
  @DisplayName("RES-12 a new mapping beyond a resource is said, and by whom it was asked for")
  void severalBars() {
    try (Machine machine = Machine.simulated(MACHINE)) {
      String said =
          "resource: resource sanity check: requesting [mem 0x00000000fcfff000-0x00000000fd000fff],"
              + " which spans more than 0000:00:02.0 [mem 0xfd000000-0xfdffffff]";
      assertThat(memremap(machine, "0xfcfff000+8K", WC))
          .containsExactly(said, "caller memremap+OFFSET/SIZE mapping multiple BARs");
      assertThat(log(machine.explainIoremap(PhysRange.parse("0xfcfff000+8K"))))
          .containsExactly(said, "caller CALLER mapping multiple BARs");
      assertThat(memremap(machine, "0xfd000000+4K", WC)).isEmpty();
    }
  }

  @Test
  @DisplayName("D-9 where we refuse what a kernel grants, the lines are those of the grant")
  void departure() {
    try (Machine machine =
        Machine.simulated(
            MachineDescription.parse("# phys-bits=40\nfd00000000-ffffffffff : Reserved\n"))) {
      Plan plan = machine.explain(PhysRange.parse("0xfffffff000+8K"), WC);
      assertThat(plan.isGranted()).isFalse();
      assertThat(log(plan))
          .containsExactly(
              "resource: resource sanity check: requesting [mem 0x000000fffffff000-0x0000010000000fff],"
                  + " which spans more than Reserved [mem 0xfd00000000-0xffffffffff]",
              "caller memremap+OFFSET/SIZE mapping multiple BARs");
    }
  }

  private static DevPagemap.Builder map(String range) {
    PhysRange bytes = PhysRange.parse(range);
    return DevPagemap.over().range(bytes.start(), bytes.sizeBytes()).type(MemoryType.GENERIC);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "C-4  | 0x40000000+1M    | Misaligned __add_pages start: 0x40000 end: #400ff",
        "C-3  | 0x50000000+2M    | attempted on ram region 0x50000000-0x501fffff",
        "C-3  | 0x4fe00000+4M    | attempted on mixed region 0x4fe00000-0x501fffff",
        "C-13 | 0x800000000000+2M | Hotplug memory [0x800000000000-0x800000200000] exceeds maximum"
            + " addressable range [0x0-0x3fffffffffff]"
      })
  @DisplayName("C-3 C-4 C-13 a refused page map is logged by the rule that refuses it")
  void pages(String rule, String range, String line) {
    try (Machine machine = Machine.simulated(MACHINE)) {
      Plan plan = machine.explainPages(map(range).build());
      assertThat(plan.refusal().orElseThrow().rule().id()).isEqualTo(rule);
      assertThat(plan.kernelLog().getFirst().text()).isEqualTo(line);
    }
  }

  @Test
  @DisplayName("D-1 a page map without a type is warned of, and a kernel goes on")
  void noType() {
    try (Machine machine = Machine.simulated(MACHINE)) {
      Plan plan = machine.explainPages(DevPagemap.over().range(0x40000000L, 0x100000).build());
      assertThat(plan.refusal().orElseThrow().rule().id()).isEqualTo("D-1");
      assertThat(log(plan))
          .containsExactly(
              "Invalid pgmap type 0 [with the stack dump of a WARNING in memremap_pages]",
              "Misaligned __add_pages start: 0x40000 end: #400ff"
                  + " [with the stack dump of a WARNING in __add_pages]",
              "[once a boot, with the stack dump of a WARNING in add_pages]");
    }
  }

  @ParameterizedTest
  @CsvSource({"6.1,page_free", "6.19,folio_free"})
  @DisplayName("TY-1 a callback that is missing has the name of the kernel's")
  void missing(String kernel, String callback) {
    try (Machine machine = Machine.builder(MACHINE).kernel(kernel).build()) {
      assertThat(log(machine.explainPages(map("0x40000000+2M").type(MemoryType.COHERENT).build())))
          .containsExactly(
              "Missing %s method [with the stack dump of a WARNING in memremap_pages]"
                  .formatted(callback));
    }
  }

  @Test
  @DisplayName("AM-6 DP-5 an altmap that does not fit, and a map that is there, are logged")
  void altmapAndConflict() {
    try (Machine machine = Machine.simulated(MACHINE)) {
      assertThat(log(machine.explainPages(map("0x40000000+2M").altmap(0, 1024, 4096).build())))
          .containsExactly(
              "memory add fail, invalid altmap [once a boot]",
              "[once a boot, with the stack dump of a WARNING in add_pages]");
      machine.memremapPages(map("0x40000000+2M").build());
      assertThat(log(machine.explainPages(map("0x40000000+2M").build())))
          .containsExactly(
              "Conflicting mapping in same section"
                  + " [with the stack dump of a WARNING in memremap_pages]");
    }
  }
}
