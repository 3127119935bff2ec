// SPDX-License-Identifier: Apache-2.0
package dev.memremap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.memremap.cache.CacheMode;
import dev.memremap.plan.MemremapFlag;
import dev.memremap.resource.PhysRange;
import dev.memremap.rule.Errno;
import dev.memremap.rule.MemremapException;
import dev.memremap.rule.Rule;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Registers, mapped by ioremap. */
class IoMemoryTest {
  private static final PhysRange BAR = PhysRange.of(0xfd000000L, 4096);

  private final Machine machine = Machine.simulated(Machines.qemu());

  @AfterEach
  void close() {
    machine.close();
  }

  private byte[] bytes(int count) {
    try (Mapping mapping = machine.memremap(BAR, MemremapFlag.WB)) {
      byte[] bytes = new byte[count];
      for (int i = 0; i < count; i++) {
        bytes[i] = (byte) mapping.load(i, 8);
      }
      return bytes;
    }
  }

  @Test
  @DisplayName("writes of each width reach the memory lowest byte first, and read back")
  void littleEndian() {
    try (IoMemory registers = machine.ioremap(BAR)) {
      registers.write8(0, 0x1ff);
      registers.write16(2, 0x12345);
      registers.write32(4, 0xdeadbeef);
      registers.write64(8, 0x1122334455667788L);
      assertThat(registers.read8(0)).isEqualTo(0xff);
      assertThat(registers.read16(2)).isEqualTo(0x2345);
      assertThat(registers.read32(4)).isEqualTo(0xdeadbeef);
      assertThat(registers.read64(8)).isEqualTo(0x1122334455667788L);
      assertThat(bytes(16))
          .containsExactly(
              0xff, 0, 0x45, 0x23, 0xef, 0xbe, 0xad, 0xde, 0x88, 0x77, 0x66, 0x55, 0x44, 0x33, 0x22,
              0x11);
    }
  }

  @Test
  @DisplayName("bigEndian() is the same registers, highest byte first")
  void bigEndian() {
    try (IoMemory little = machine.ioremap(BAR)) {
      IoMemory big = little.bigEndian();
      big.write8(0, 0x7f);
      big.write16(2, 0x1234);
      big.write32(4, 0xdeadbeef);
      big.write64(8, 0x1122334455667788L);
      assertThat(little.read8(0)).isEqualTo(0x7f);
      assertThat(little.read16(2)).isEqualTo(0x3412);
      assertThat(little.read32(4)).isEqualTo(0xefbeadde);
      assertThat(little.read64(8)).isEqualTo(0x8877665544332211L);
      assertThat(big.read16(2)).isEqualTo(0x1234);
      assertThat(big.read32(4)).isEqualTo(0xdeadbeef);
      assertThat(big.read64(8)).isEqualTo(0x1122334455667788L);
      assertThat(big.bigEndian()).isSameAs(big);
    }
  }

  @Test
  @DisplayName("any offset: aligned and inside it is what was written, else it is refused")
  void anyOffset() {
    long seed = Seeds.fresh();
    RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
    PhysRange odd = PhysRange.of(BAR.start() + 4, 100);
    try (IoMemory registers = machine.ioremap(odd)) {
      for (int i = 0; i < 5000; i++) {
        long offset = random.nextInt(10) == 0 ? random.nextLong() : random.nextLong(-8, 120);
        long value = random.nextLong();
        int width = 8 << random.nextInt(4);
        int bytes = width / 8;
        boolean inside = offset >= 0 && offset <= 100 - bytes;
        boolean aligned = ((odd.start() + offset) & (bytes - 1)) == 0;
        String what = "%s, offset %d, width %d".formatted(Seeds.option(seed), offset, width);
        if (inside && aligned) {
          write(registers, offset, width, value);
          assertThat(read(registers, offset, width))
              .as(what)
              .isEqualTo(width == 64 ? value : value & ((1L << width) - 1));
        } else {
          assertThatThrownBy(() -> write(registers, offset, width, value))
              .as(what)
              .isInstanceOfAny(IndexOutOfBoundsException.class, IllegalArgumentException.class);
          assertThatThrownBy(() -> read(registers, offset, width))
              .as(what)
              .isInstanceOfAny(IndexOutOfBoundsException.class, IllegalArgumentException.class);
        }
      }
    }
  }

  @Test
  @DisplayName(
      "an address that is not aligned is refused by its physical address, and is untouched")
  void misaligned() {
    try (IoMemory registers = machine.ioremap(PhysRange.of(BAR.start() + 6, 100))) {
      for (int width : new int[] {16, 32, 64}) {
        String sentence =
            "0xfd00000f (offset 0x9) is not a multiple of %d: a register of %d bits is read or written"
                .formatted(width / 8, width);
        assertThatThrownBy(() -> write(registers, 9, width, -1))
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessageStartingWith(sentence);
        assertThatThrownBy(() -> read(registers, 9, width))
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessageStartingWith(sentence);
        assertThatThrownBy(() -> write(registers.bigEndian(), 9, width, -1))
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessageStartingWith(sentence);
      }
    }
    assertThat(bytes(32)).containsOnly(0);
  }

  private static void write(IoMemory registers, long offset, int width, long value) {
    switch (width) {
      case 8 -> registers.write8(offset, (int) value);
      case 16 -> registers.write16(offset, (int) value);
      case 32 -> registers.write32(offset, (int) value);
      default -> registers.write64(offset, value);
    }
  }

  private static long read(IoMemory registers, long offset, int width) {
    return switch (width) {
      case 8 -> registers.read8(offset);
      case 16 -> registers.read16(offset);
      case 32 -> Integer.toUnsignedLong(registers.read32(offset));
      default -> registers.read64(offset);
    };
  }

  @Test
  @DisplayName("MT-8 registers are UC-, or what an alias has; closed, their memory type is free")
  void memoryType() {
    try (IoMemory registers = machine.ioremap(BAR)) {
      assertThat(registers.cacheMode()).isEqualTo(CacheMode.UC_MINUS);
      assertThat(machine.memtypes().entries()).hasSize(1);
    }
    assertThat(machine.memtypes().isEmpty()).isTrue();
    try (Mapping combining = machine.memremap(BAR, MemremapFlag.WC);
        IoMemory alias = machine.ioremap(BAR)) {
      assertThat(combining.cacheMode()).isEqualTo(CacheMode.WC);
      assertThat(alias.cacheMode()).isEqualTo(CacheMode.WC);
    }
  }

  @Test
  @DisplayName("MT-8 registers are never an alias of cached memory")
  void cachedAlias() {
    PhysRange pmem = PhysRange.of(0x40000000, 4096);
    try (Mapping cached = machine.memremap(pmem, MemremapFlag.WB)) {
      assertThat(cached.cacheMode()).isEqualTo(CacheMode.WB);
      MemremapException refused =
          catchThrowableOfType(MemremapException.class, () -> machine.ioremap(pmem));
      assertThat(machine.explainIoremap(pmem).exception()).hasMessage(refused.getMessage());
      assertThat(refused.errno()).isEqualTo(Errno.EBUSY);
      assertThat(refused.rule()).isEqualTo(Rule.MT_8);
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {0x100000L, 0x100ffcL, 0x3ffffff8L, 0x10000000L})
  @DisplayName(
      "IO-1 a page of System RAM is never registers, also when only part of it is asked for")
  void systemRam(long address) {
    PhysRange range = PhysRange.of(address, 4);
    assertThat(catchThrowableOfType(MemremapException.class, () -> machine.ioremap(range)))
        .hasMessageContaining("System RAM")
        .extracting(MemremapException::rule)
        .isEqualTo(Rule.IO_1);
    assertThat(machine.memtypes().isEmpty()).isTrue();
  }

  @Test
  @DisplayName(
      "D-9 what lies beyond the machine's addresses is EINVAL, from the first byte or the last")
  void beyond() {
    long last = machine.description().lastAddress();
    for (PhysRange range :
        new PhysRange[] {
          PhysRange.of(last + 1, 4096), PhysRange.of(last - 4095, 8192), new PhysRange(-8, -1)
        }) {
      assertThat(catchThrowableOfType(MemremapException.class, () -> machine.ioremap(range)))
          .extracting(MemremapException::errno)
          .isEqualTo(Errno.EINVAL);
    }
    machine.ioremap(PhysRange.of(last - 4095, 4096)).close();
  }

  @Test
  @DisplayName(
      "LIB-5 closed registers throw, also through the other byte order; closing again is nothing")
  void closed() {
    IoMemory registers = machine.ioremap(BAR);
    IoMemory big = registers.bigEndian();
    big.close();
    registers.close();
    assertThatThrownBy(() -> registers.read32(0)).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> big.write8(0, 1)).isInstanceOf(IllegalStateException.class);
    assertThat(machine.memtypes().isEmpty()).isTrue();
  }

  @Test
  @DisplayName("a device's registers go with its release, a machine's with its close")
  void lifetimes() {
    Device device = machine.newDevice("edu");
    IoMemory managed = device.ioremap(BAR);
    device.release();
    assertThatThrownBy(() -> managed.read32(0)).isInstanceOf(IllegalStateException.class);
    IoMemory left = machine.ioremap(BAR);
    machine.close();
    assertThatThrownBy(() -> left.read32(0)).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> machine.ioremap(BAR)).isInstanceOf(IllegalStateException.class);
  }
}
