// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.memremap.Machine;
import dev.memremap.machine.MachineDescription;
import dev.memremap.plan.MemremapFlag;
import dev.memremap.resource.PhysRange;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a command reads and writes through, either way of mapping. */
class WindowTest {
  private static final PhysRange BAR = PhysRange.of(0xfd000000L, 64);
  private static final byte[] BYTES = {1, 2, 3, 4, 5, 6, 7, (byte) 0x88};

  private final Machine machine =
      Machine.simulated(MachineDescription.parse("fd000000-fdffffff : 0000:00:01.0\n"));

  @AfterEach
  void close() {
    machine.close();
  }

  private Window registers() {
    return new Window.OfRegisters(machine.ioremap(BAR));
  }

  private Window memory() {
    return new Window.OfMemory(machine.memremap(BAR, MemremapFlag.WC));
  }

  @ParameterizedTest
  @ValueSource(ints = {8, 16, 32, 64})
  @DisplayName("registers are written and read by words of each width, lowest byte first")
  void registers(int width) {
    try (Window window = registers()) {
      window.fill(BYTES, width);
      assertThat(window.bytes(width)).startsWith(BYTES).hasSize(64);
      assertThat(window.load(0, width))
          .isEqualTo(0x8807060504030201L & (width == 64 ? -1 : (1L << width) - 1));
      assertThat(window.mode().symbol()).isEqualTo("UC-");
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {8, 16, 32, 64})
  @DisplayName("memory is written whole and read by words of each width, lowest byte first")
  void memory(int width) {
    try (Window window = memory()) {
      window.fill(BYTES, width);
      assertThat(window.bytes(width)).startsWith(BYTES).hasSize(64);
      assertThat(window.load(0, width))
          .isEqualTo(0x8807060504030201L & (width == 64 ? -1 : (1L << width) - 1));
      window.store(8, width, -1);
      assertThat(window.load(8, 8)).isEqualTo(0xff);
      assertThat(window.mode().symbol()).isEqualTo("WC");
    }
  }

  @Test
  @DisplayName("a word of a register is never written in parts: what is left over is refused first")
  void partOfARegister() {
    try (Window window = registers()) {
      assertThatThrownBy(() -> window.fill(new byte[] {1, 2, 3, 4, 5, 6}, 32))
          .hasMessage("6 bytes are not a whole number of 32-bit registers; give another --width");
      assertThat(window.load(0, 32)).isZero();
    }
  }

  @Test
  @DisplayName("registers promise no persistence, simulated memory is its own media")
  void persistence() {
    try (Window window = registers()) {
      assertThatThrownBy(window::requirePersistent)
          .isInstanceOf(UnsupportedOperationException.class)
          .hasMessageContaining("leave --persist out");
    }
    try (Window window = memory()) {
      window.requirePersistent();
      window.persist();
    }
  }
}
