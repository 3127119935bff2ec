// SPDX-License-Identifier: Apache-2.0
package dev.memremap.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.memremap.internal.sim.SimulatedAccess;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SegmentAccessTest {
  private static final long VALUE = 0xf1e2_d3c4_b5a6_9788L;

  @ParameterizedTest
  @ValueSource(ints = {8, 16, 32, 64})
  @DisplayName("a store writes the low bits, little-endian, and no byte more; a load zero-extends")
  void widths(int width) {
    int bytes = width / 8;
    for (int offset = 0; offset < 8; offset++) {
      MemorySegment segment = MemorySegment.ofArray(new byte[32]);
      SimulatedAccess.store(segment, offset, width, VALUE);
      long expected = width == 64 ? VALUE : VALUE & ((1L << width) - 1);
      assertThat(SimulatedAccess.load(segment, offset, width)).isEqualTo(expected);
      for (int i = 0; i < 32; i++) {
        boolean inside = i >= offset && i < offset + bytes;
        assertThat(SimulatedAccess.load(segment, i, 8))
            .as("byte %d of a store of %d bits at %d", i, width, offset)
            .isEqualTo(inside ? VALUE >>> (8 * (i - offset)) & 0xff : 0);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {8, 16, 32, 64})
  @DisplayName("an access that does not lie in the segment as a whole is out of bounds")
  void bounds(int width) {
    MemorySegment segment = MemorySegment.ofArray(new byte[16]);
    long last = 16 - width / 8;
    SimulatedAccess.store(segment, last, width, VALUE);
    for (long offset : new long[] {-1, last + 1, Long.MAX_VALUE, Long.MIN_VALUE}) {
      assertThatThrownBy(() -> SimulatedAccess.load(segment, offset, width))
          .isInstanceOf(IndexOutOfBoundsException.class);
      assertThatThrownBy(() -> SimulatedAccess.store(segment, offset, width, VALUE))
          .isInstanceOf(IndexOutOfBoundsException.class);
    }
    assertThatThrownBy(() -> SimulatedAccess.copy(segment, 8, segment, 0, 9))
        .isInstanceOf(IndexOutOfBoundsException.class);
  }

  @ParameterizedTest
  @ValueSource(ints = {-8, 0, 1, 24, 128})
  @DisplayName("another width is refused in a sentence, and nothing is stored")
  void otherWidths(int width) {
    MemorySegment segment = MemorySegment.ofArray(new byte[16]);
    assertThatThrownBy(() -> SimulatedAccess.load(segment, 0, width))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("a width is 8, 16, 32 or 64 bits, not " + width);
    assertThatThrownBy(() -> SimulatedAccess.store(segment, 0, width, VALUE))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(SimulatedAccess.load(segment, 0, 64)).isZero();
  }

  @Test
  @DisplayName("an access after the unmap is an IllegalStateException")
  void unmapped() {
    MemorySegment segment;
    try (Arena arena = Arena.ofShared()) {
      segment = arena.allocate(16);
    }
    assertThatThrownBy(() -> SimulatedAccess.load(segment, 0, 64))
        .isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> SimulatedAccess.store(segment, 0, 64, VALUE))
        .isInstanceOf(IllegalStateException.class);
  }
}
