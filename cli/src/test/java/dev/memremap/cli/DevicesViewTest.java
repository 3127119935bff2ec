// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memremap.Machine;
import dev.memremap.MachineDescription;
import dev.memremap.cache.CacheMode;
import dev.memremap.memory.HardwareDevice;
import dev.memremap.memory.HardwareDevice.Kind;
import dev.memremap.memory.HardwareDevice.Region;
import dev.memremap.memory.PhysicalMemory;
import dev.memremap.memory.Reach;
import dev.memremap.memory.SparseMemory;
import dev.memremap.resource.PhysRange;
import dev.memremap.rule.Errno;
import dev.memremap.rule.Rule;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A list of devices as users see it. */
class DevicesViewTest {
  private static final PhysRange REGISTERS = PhysRange.of(0xfea00000L, 0x1000);
  private static final PhysRange WINDOW = PhysRange.of(0xfd000000L, 16 << 20);
  private static final PhysRange PMEM = PhysRange.of(0x100000000L, 1 << 20);

  /** A computer with three devices; its pmem namespace has no route. */
  private record Computer(PhysicalMemory bytes) implements PhysicalMemory {
    @Override
    public MemorySegment map(PhysRange range, CacheMode mode, Arena arena) {
      return bytes.map(range, mode, arena);
    }

    @Override
    public Reach reach(PhysRange range, CacheMode asked, CacheMode effective) {
      if (range.equals(REGISTERS) && asked != CacheMode.UC_MINUS) {
        return refused(asked, effective, Rule.LIB_7, Errno.ENXIO, "registers; use ioremap");
      }
      if (range.equals(WINDOW) && asked == CacheMode.WB) {
        return Reach.through(
            asked, effective, CacheMode.UC_MINUS, List.of(new Reach.Step("/bar2", null, "UC-")));
      }
      if (range.equals(PMEM) || asked == CacheMode.WT) {
        return refused(asked, effective, Rule.LIB_6, Errno.ENOENT, "no file leads to it");
      }
      return Reach.only(asked, effective);
    }

    private static Reach refused(
        CacheMode asked, CacheMode effective, Rule rule, Errno errno, String sentence) {
      return Reach.refused(asked, effective, List.of(), rule, errno, sentence);
    }

    @Override
    public List<HardwareDevice> devices() {
      return List.of(
          new HardwareDevice(
              "0000:00:01.0",
              Kind.PCI,
              "PCI 1af4:1110",
              List.of(
                  new Region(0, REGISTERS, true, List.of(CacheMode.UC_MINUS), List.of("/bar0"), ""),
                  new Region(
                      2,
                      WINDOW,
                      false,
                      List.of(CacheMode.WC, CacheMode.UC_MINUS),
                      List.of("/bar2", "/bar2_wc"),
                      ""))),
          new HardwareDevice(
              "namespace0.0",
              Kind.PMEM,
              "persistent memory, mode raw",
              List.of(
                  new Region(
                      0, PMEM, false, List.of(CacheMode.WB), List.of(), "no file leads there"))));
    }

    @Override
    public OptionalLong mappingLimit() {
      return bytes.mappingLimit();
    }

    @Override
    public String mappingLimitSource() {
      return bytes.mappingLimitSource();
    }

    @Override
    public void close() {
      bytes.close();
    }
  }

  private static DevicesView view() {
    MachineDescription description =
        MachineDescription.parse(
            """
            fd000000-fdffffff : 0000:00:01.0
            fea00000-fea00fff : 0000:00:01.0
            100000000-1000fffff : Persistent Memory
            """);
    try (Machine machine =
        Machine.builder(description).memory(new Computer(SparseMemory.open())).build()) {
      return DevicesView.of(machine);
    }
  }

  @Test
  @DisplayName("devices lists each region with the flags it can be mapped with, and its files")
  void lines() {
    assertThat(view().lines())
        .containsExactly(
            "0000:00:01.0  PCI 1af4:1110",
            "  0  0xfea00000-0xfea00fff                 4K  ioremap",
            "       /bar0",
            "  2  0xfd000000-0xfdffffff                16M  WB (as UC-), WC, ioremap",
            "       /bar2",
            "       /bar2_wc",
            "namespace0.0  persistent memory, mode raw",
            "  0  0x100000000-0x1000fffff               1M  no: no file leads there");
  }

  @Test
  @DisplayName("devices --json says the same")
  void json() {
    JsonNode regions = JsonMapper.shared().readTree(view().toJson()).get(0).get("regions");
    assertThat(regions.get(0).get("ioremap").asBoolean()).isTrue();
    assertThat(regions.get(0).get("registers").asBoolean()).isTrue();
    assertThat(regions.get(0).get("modes").isEmpty()).isTrue();
    assertThat(regions.get(1).get("modes").get("WB").asString()).isEqualTo("UC-");
    assertThat(regions.get(1).get("modes").get("WC").asString()).isEqualTo("WC");
    assertThat(regions.get(1).get("routes").get(1).asString()).isEqualTo("/bar2_wc");
  }

  @Test
  @DisplayName("a computer without devices gets a sentence")
  void none() {
    try (Machine machine =
        Machine.simulated(MachineDescription.parse("00000000-00000fff : Reserved\n"))) {
      assertThat(DevicesView.of(machine).lines()).singleElement().asString().contains("no device");
    }
  }
}
