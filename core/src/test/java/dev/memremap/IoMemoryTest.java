// SPDX-License-Identifier: Apache-2.0
package dev.memremap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.memremap.cache.CacheMode;
import dev.memremap.cache.MemtypeEntry;
import dev.memremap.plan.IoremapPlan;
import dev.memremap.plan.MemremapFlag;
import dev.memremap.resource.PhysRange;
import dev.memremap.rule.Errno;
import dev.memremap.rule.MemremapException;
import dev.memremap.rule.Rule;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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

  @ParameterizedTest(name = "{0} of {1}, {2} before: {3}")
  @CsvSource({
    "0x60000000+4K, UC-, -, IO-1",
    "0x60000800+8K, UC-, -, IO-1",
    "0x60008801+8190, UC-, -, IO-1",
    "0x60002800+4K, UC-, -, UC-",
    "0x60002800+4K, UC-, 0x60002800+4K, MT-4",
    "0x60003ffc+4, UC-, 0x60002800+4K, MT-4",
    "0x60004800+4K, UC, -, UC-",
    "0x6000c000+4095, UC-, -, UC-",
    "0x6000e001+4095, UC-, -, UC-",
    "0x5dffff00+512, UC-, -, UC-",
    "0x5effff00+512, UC-, -, MT-3",
  })
  @DisplayName(
      "IO-1 MT-3 MT-4 System RAM is refused by whole pages, as guests of 5.10 to 7.3 answered")
  void systemRam(String asked, String mode, String before, String answer) {
    PhysRange range = PhysRange.parse(asked);
    for (String kernel : List.of("5.10", "6.1", "6.12", "7.3")) {
      try (Machine other = Machine.builder(Machines.qemu()).kernel(kernel).build()) {
        if (!before.equals("-")) {
          other.ioremap(PhysRange.parse(before));
        }
        IoremapPlan plan = other.explainIoremap(range, CacheMode.of(mode).orElseThrow());
        assertThat(
                plan.cacheMode()
                    .map(CacheMode::toString)
                    .orElseGet(() -> plan.refusal().orElseThrow().rule().id()))
            .as(kernel)
            .isEqualTo(answer);
      }
    }
  }

  @Test
  @DisplayName("IO-1 registers that are part of a page of System RAM are its bytes, until unmapped")
  void partOfRam() {
    PhysRange range = PhysRange.parse("0x60002ff8+16");
    IoremapPlan plan = machine.explainIoremap(range);
    assertThat(plan.sentence())
        .isEqualTo(
            "registers, UC-: no whole page of System RAM that the kernel uses lies there, and pages"
                + " of System RAM that are WB take any type");
    try (IoMemory registers = machine.ioremap(range);
        Mapping ram = machine.memremap(range, MemremapFlag.WB)) {
      registers.write64(0, 0x1122334455667788L);
      assertThat(ram.load(0, 64)).isEqualTo(0x1122334455667788L);
      assertThat(machine.memtypes().ramPages())
          .containsExactly(new MemtypeEntry(PhysRange.parse("0x60002000+8K"), CacheMode.UC_MINUS));
    }
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
