// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.memremap.Machine;
import dev.memremap.cli.terminal.UsageException;
import dev.memremap.machine.MachineDescription;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How a place is written on a command line, and where it lies. */
class WhereTest {
  private final Machine machine =
      Machine.simulated(
          MachineDescription.parse(
              """
              # arch=x86_64
              # bar=0000:03:00.0,2,0xd0000000+0x1000000,prefetch
              # bar=0000:03:00.0,0,0xd1000000+0x4000
              00100000-3fffffff : System RAM
              40000000-4fffffff : Persistent Memory
              c0000000-dfffffff : PCI Bus 0000:00
                d0000000-d0ffffff : 0000:03:00.0
                d1000000-d1003fff : 0000:03:00.0
              fec00000-fec003ff : IOAPIC 0
              fed00000-fed003ff : gpio/bank 0
              fed00400-fed007ff : uart/1
              """));

  @AfterEach
  void close() {
    machine.close();
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "0x40000000, 40000000, 1, POINT",
    "1G, 40000000, 1, POINT",
    "0, 0, 1, POINT",
    "0x40000000+4k, 40000000, 1000, GIVEN",
    "0x40000000+0, 40000000, 0, GIVEN",
    "40000000-40000fff, 40000000, 1000, GIVEN",
    "0x40000000-0x40000fff, 40000000, 1000, GIVEN",
    "d0000000-d0ffffff, d0000000, 1000000, GIVEN",
    "0000:03:00.0/2, d0000000, 1000000, WHOLE",
    "03:00.0/0, d1000000, 4000, WHOLE",
    "0000:03:00.0/0+0x10, d1000010, 1, POINT",
    "0000:03:00.0/0+16, d1000010, 1, POINT",
    "0000:03:00.0/0+4K+8k, d1001000, 2000, GIVEN"
  })
  @DisplayName("a place is an address, a range, or a region of a device")
  void places(String text, String start, String size, Where.Extent extent) {
    for (Where where : new Where[] {Where.parse(text), Where.parseAny(text)}) {
      Where.Spot spot = where.on(machine);
      assertThat(Long.toHexString(spot.start())).isEqualTo(start);
      assertThat(Long.toHexString(spot.size())).isEqualTo(size);
      assertThat(spot.extent()).isEqualTo(extent);
    }
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "pfn:0x40000, 40000000, 1000",
    "pfn:262144, 40000000, 1000",
    "Persistent Memory, 40000000, 10000000",
    "IOAPIC 0, fec00000, 400",
    "gpio/bank 0, fed00000, 400",
    "uart/1, fed00400, 400"
  })
  @DisplayName("what takes a page's number and a resource's name as well")
  void named(String text, String start, String size) {
    Where.Spot spot = Where.parseAny(text).on(machine);
    assertThat(Long.toHexString(spot.start())).isEqualTo(start);
    assertThat(Long.toHexString(spot.size())).isEqualTo(size);
    assertThatExceptionOfType(UsageException.class).isThrownBy(() -> Where.parse(text).on(machine));
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "40000000 | 40000000: did you mean 0x40000000",
        "40000000+4K | 40000000: did you mean 0x40000000",
        "0d000000 | 0d000000: did you mean 0x0d000000?",
        "0x4000000q | '0x4000000q' is not a number",
        "40001000-40000fff | ends before it starts",
        "0-ffffffffffffffff | is every address there is",
        "0000:03:00.0/x | write DEVICE/BAR+OFFSET",
        "0000:03:00.0/0+0x4000 | BAR 0 of 0000:03:00.0 is 0xd1000000-0xd1003fff and has 16384"
            + " bytes; 0x4000+0x1 goes beyond it",
        "0000:03:00.0/0+0x3ff0+0x11 | 0x3ff0+0x11 goes beyond it",
        "0000:03:00.0/0+0xffffffffffffffff | 0xffffffffffffffff+0x1 goes beyond it",
        "0000:03:00.0/0+0xffffffffd0000000+16 | 0xffffffffd0000000+0x10 goes beyond it",
        "some/name | no resource is named 'some/name'; 'memremap iomem' lists the names; for a"
            + " region of a device, write DEVICE/BAR+OFFSET",
        "0000:03:00.0/1 | has no memory region 1; it has 0, 2",
        "0000:04:00.0/0 | no device is named '0000:04:00.0'; there are 0000:03:00.0",
        "pfn:x | 'x' is not a number",
        "pfn:0x10000000000000 | a page frame number lies below 2^52",
        "fec00000 | no resource is named 'fec00000'; 'memremap iomem' lists the names, and"
            + " 0xfec00000 is an address",
        "Reserved | no resource is named 'Reserved'",
        "0000:03:00.0 | 2 resources are named '0000:03:00.0': d0000000-d0ffffff, d1000000-d1003fff;"
            + " write the range",
      })
  @DisplayName("what means no place is refused in one sentence that says what was meant")
  void refused(String text, String sentence) {
    assertThatExceptionOfType(UsageException.class)
        .isThrownBy(() -> Where.parseAny(text).on(machine))
        .withMessageContaining(sentence);
  }

  @Test
  @DisplayName("another size stays in the device's region")
  void sized() {
    Where.Spot spot = Where.parse("0000:03:00.0/0+0x10").on(machine);
    assertThat(spot.sized(0x3ff0).range()).hasToString("0xd1000010-0xd1003fff");
    assertThatExceptionOfType(UsageException.class)
        .isThrownBy(() -> spot.sized(0x3ff1))
        .withMessageEndingWith("0x10+0x3ff1 goes beyond it");
    assertThat(Where.parse("0x40000000").on(machine).sized(0).size()).isZero();
  }
}
