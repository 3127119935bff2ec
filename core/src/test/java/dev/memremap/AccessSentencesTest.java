// SPDX-License-Identifier: Apache-2.0
package dev.memremap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.memremap.plan.MemremapFlag;
import dev.memremap.resource.PhysRange;
import java.lang.foreign.MemorySegment;
import java.util.Map;
import java.util.TreeMap;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What an access says that does not lie in its mapping, or comes after it was closed. */
class AccessSentencesTest {
  private static final PhysRange PAGE = PhysRange.of(Machines.BAR, 4096);
  private static final PhysRange REGISTERS = PhysRange.of(Machines.BAR + 0x10000, 4096);

  private final Machine machine = Machine.simulated(Machines.qemu());
  private final Mapping mapping = machine.memremap(PAGE, MemremapFlag.WC);
  private final IoMemory registers = machine.ioremap(REGISTERS);

  @AfterEach
  void close() {
    machine.close();
  }

  /** Each access of 8 bytes at an offset, by its name. */
  private Map<String, ThrowingCallable> accesses(long offset) {
    MemorySegment heap = MemorySegment.ofArray(new byte[8]);
    Map<String, ThrowingCallable> all = new TreeMap<>();
    all.put("load", () -> mapping.load(offset, 64));
    all.put("store", () -> mapping.store(offset, 64, 1));
    all.put("copyTo", () -> mapping.copyTo(offset, heap));
    all.put("copyFrom", () -> mapping.copyFrom(offset, heap));
    all.put("persist", () -> mapping.persist(offset, 8));
    all.put("read64", () -> registers.read64(offset));
    all.put("write64", () -> registers.write64(offset, 1));
    all.put("read64, big endian", () -> registers.bigEndian().read64(offset));
    all.put("write64, big endian", () -> registers.bigEndian().write64(offset, 1));
    return all;
  }

  private Object accessed(String access) {
    return access.contains("64") ? registers : mapping;
  }

  @ParameterizedTest
  @ValueSource(longs = {4096, -8, Long.MAX_VALUE - 7, Long.MIN_VALUE, 1L << 52})
  @DisplayName("an access out of bounds names its size, the physical address and the mapping")
  void outOfBounds(long offset) {
    accesses(offset)
        .forEach(
            (name, access) -> {
              long start = name.contains("64") ? REGISTERS.start() : PAGE.start();
              String sign = offset < 0 ? "-" : "";
              assertThatThrownBy(access)
                  .as(name)
                  .isInstanceOf(IndexOutOfBoundsException.class)
                  .hasMessage(
                      "8 bytes at 0x%x (offset %s0x%x) do not lie in %s",
                      start + offset, sign, offset < 0 ? -offset : offset, accessed(name));
            });
  }

  @Test
  @DisplayName("a size that overflows is out of bounds, and changes nothing")
  void overflow() {
    for (long length : new long[] {Long.MAX_VALUE, Long.MAX_VALUE - 8, -1, Long.MIN_VALUE}) {
      assertThatThrownBy(() -> mapping.persist(16, length))
          .as("%d bytes", length)
          .isInstanceOf(IndexOutOfBoundsException.class)
          .hasMessageContaining("0xfd000010 (offset 0x10) do not lie in " + mapping);
    }
    assertThat(mapping.load(16, 64)).isZero();
  }

  @Test
  @DisplayName("LIB-5 an access that comes too late names the mapping")
  void closed() {
    mapping.close();
    registers.close();
    accesses(0)
        .forEach(
            (name, access) ->
                assertThatThrownBy(access)
                    .as(name)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage(accessed(name) + " is closed; map it again to use it [LIB-5]"));
  }

  @Test
  @DisplayName("a copy whose other segment was closed blames that segment, not the mapping")
  void otherSegmentClosed() {
    MemorySegment other;
    try (var arena = java.lang.foreign.Arena.ofConfined()) {
      other = arena.allocate(8);
    }
    assertThatThrownBy(() -> mapping.copyTo(0, other))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageNotContaining(mapping.toString());
    assertThat(mapping.load(0, 64)).isZero();
  }
}
