// SPDX-License-Identifier: Apache-2.0
package dev.memremap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.memremap.plan.MemremapFlag;
import dev.memremap.resource.PhysRange;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Registers of each width at the first byte of a mapping and the last, in both byte orders. */
class IoMemoryEdgesTest {
  private static final long START = 0xfd000010L;
  private static final int SIZE = 24;

  private final Machine machine = Machine.simulated(Machines.qemu());
  private Mapping around;

  @BeforeEach
  void mapAround() {
    around = machine.memremap(PhysRange.of(START - 16, SIZE + 32), MemremapFlag.WC);
    for (int i = 0; i < SIZE + 32; i++) {
      around.store(i, 8, 0xa0 + i);
    }
  }

  @AfterEach
  void close() {
    around.close();
    machine.close();
  }

  private static long read(IoMemory registers, long offset, int width) {
    return switch (width) {
      case 8 -> registers.read8(offset);
      case 16 -> registers.read16(offset);
      case 32 -> Integer.toUnsignedLong(registers.read32(offset));
      default -> registers.read64(offset);
    };
  }

  private static void write(IoMemory registers, long offset, int width, long value) {
    switch (width) {
      case 8 -> registers.write8(offset, (int) value);
      case 16 -> registers.write16(offset, (int) value);
      case 32 -> registers.write32(offset, (int) value);
      default -> registers.write64(offset, value);
    }
  }

  @ParameterizedTest(name = "{0} bits at {1}: {2}")
  @CsvSource({
    "8, -1, false",
    "8, 0, true",
    "8, 23, true",
    "8, 24, false",
    "16, -2, false",
    "16, 0, true",
    "16, 22, true",
    "16, 24, false",
    "32, -4, false",
    "32, 0, true",
    "32, 20, true",
    "32, 24, false",
    "64, -8, false",
    "64, 0, true",
    "64, 16, true",
    "64, 24, false",
    "64, 9223372036854775800, false",
    "8, 9223372036854775807, false",
    "8, -9223372036854775808, false",
  })
  @DisplayName(
      "a register lies in the mapping with all its bytes, and its neighbours are not touched")
  void edges(int width, long offset, boolean inside) {
    try (IoMemory registers = machine.ioremap(PhysRange.of(START, SIZE))) {
      for (IoMemory each : new IoMemory[] {registers, registers.bigEndian()}) {
        boolean big = each != registers;
        if (!inside) {
          assertThatThrownBy(() -> read(each, offset, width))
              .isInstanceOf(IndexOutOfBoundsException.class);
          assertThatThrownBy(() -> write(each, offset, width, 0))
              .isInstanceOf(IndexOutOfBoundsException.class);
          continue;
        }
        int bytes = width / 8;
        long expected = 0;
        for (int i = 0; i < bytes; i++) {
          long one = (0xa0 + 16 + offset + i) & 0xff;
          expected |= one << (8 * (big ? bytes - 1 - i : i));
        }
        assertThat(read(each, offset, width)).isEqualTo(expected);
        long value = 0x8182838485868788L;
        write(each, offset, width, value);
        for (int i = 0; i < SIZE + 32; i++) {
          int nth = (int) (i - 16 - offset);
          boolean written = nth >= 0 && nth < bytes;
          long stored =
              written ? (value >>> (8 * (big ? bytes - 1 - nth : nth))) & 0xff : (0xa0 + i) & 0xff;
          assertThat(around.load(i, 8)).as("byte %d, big endian %s", i - 16, big).isEqualTo(stored);
        }
        for (int i = 0; i < SIZE + 32; i++) {
          around.store(i, 8, 0xa0 + i);
        }
      }
    }
  }
}
