// SPDX-License-Identifier: Apache-2.0
package dev.memremap.internal.crypt;

import static dev.memremap.internal.crypt.TransformedView.Direction.PLAIN_MEMORY_SEEN_ENCRYPTED;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.memremap.cache.CacheMode;
import dev.memremap.internal.sim.SimulatedBacking;
import dev.memremap.resource.PhysRange;
import dev.memremap.rule.Errno;
import dev.memremap.rule.MemremapException;
import dev.memremap.rule.Rule;
import dev.memremap.spi.MappedBytes;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.assertj.core.api.AbstractThrowableAssert;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** What a view refuses, and what it does when the memory or the room for it is not there. */
class TransformedViewLimitTest {
  private final XtsCipher cipher = XtsCipher.withRandomKey();
  @TempDir Path directory;

  private TransformedView open(MemorySegment raw, PhysRange range, Arena arena) {
    return TransformedView.open(
        new MappedBytes(raw, CacheMode.WB, SimulatedBacking.INSTANCE),
        range,
        PLAIN_MEMORY_SEEN_ENCRYPTED,
        address -> true,
        cipher,
        arena);
  }

  @Test
  @DisplayName("LIB-3 a view holds 64 MiB and not a byte more, wherever it starts")
  void size() {
    for (long start : new long[] {0, 5, 1L << 40, -(64L << 20)}) {
      PhysRange most = PhysRange.of(start, 64L << 20);
      assertThatCode(() -> TransformedView.requireViewable(most)).doesNotThrowAnyException();
    }
    for (PhysRange range :
        new PhysRange[] {PhysRange.of(0x1000, (64L << 20) + 1), new PhysRange(0, -1L)}) {
      assertRefused(() -> TransformedView.requireViewable(range))
          .hasMessageStartingWith(
              "range 0x%x-0x%x would be seen through another encryption attribute, and such a view holds at most 64 MiB; remap it in parts, or with the memory's own attribute"
                  .formatted(range.start(), range.endInclusive()));
      try (Arena arena = Arena.ofConfined()) {
        assertRefused(() -> open(arena.allocate(16), range, arena));
      }
    }
  }

  @Test
  @DisplayName("LIB-3 no room for the copy is ENOMEM, in a sentence")
  void noRoomForTheCopy() {
    try (Arena arena = Arena.ofConfined()) {
      Arena poor =
          new Arena() {
            @Override
            public MemorySegment allocate(long byteSize, long byteAlignment) {
              throw new OutOfMemoryError("as told");
            }

            @Override
            public MemorySegment.Scope scope() {
              return arena.scope();
            }

            @Override
            public void close() {}
          };
      assertRefused(() -> open(arena.allocate(16), new PhysRange(0, 15), poor))
          .hasMessageContaining("-XX:MaxDirectMemorySize");
    }
  }

  @Test
  @DisplayName("a raw segment of another size than the range's blocks is refused")
  void rawSize() {
    try (Arena arena = Arena.ofConfined()) {
      assertThatThrownBy(() -> open(arena.allocate(16), new PhysRange(15, 16), arena))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("the raw segment has 16 bytes, and the range's blocks have 32");
    }
  }

  @Test
  @DisplayName("after its arena was closed a view forces nothing, and says so")
  void closed() {
    byte[] memory = new byte[16];
    TransformedView view;
    try (Arena arena = Arena.ofShared()) {
      view = open(MemorySegment.ofArray(memory), new PhysRange(0, 15), arena);
    }
    assertThatThrownBy(view::force).isInstanceOf(IllegalStateException.class);
    assertThat(memory).containsOnly(0);
  }

  @Test
  @DisabledOnOs(value = OS.WINDOWS, disabledReason = "a mapped file cannot be cut short there")
  @DisplayName("LIB-2 a force that meets a page without memory writes it the next time")
  void forceIsRetried() throws IOException {
    try (FileChannel file =
            FileChannel.open(
                directory.resolve("raw"),
                StandardOpenOption.CREATE_NEW,
                StandardOpenOption.READ,
                StandardOpenOption.WRITE);
        Arena arena = Arena.ofShared()) {
      MemorySegment raw = file.map(MapMode.READ_WRITE, 0, 8192, arena);
      TransformedView view = open(raw, new PhysRange(0, 8191), arena);
      byte[] wanted = view.segment().toArray(ValueLayout.JAVA_BYTE);
      for (int at : new int[] {100, 5000}) {
        wanted[at] = (byte) ~wanted[at];
        view.segment().set(ValueLayout.JAVA_BYTE, at, wanted[at]);
      }
      file.truncate(4096);
      assertThatThrownBy(view::force)
          .isInstanceOfSatisfying(
              MemremapException.class,
              e -> {
                assertThat(e.errno()).isEqualTo(Errno.ENOSPC);
                assertThat(e.rule()).isEqualTo(Rule.LIB_2);
              });
      MemorySegment again = file.map(MapMode.READ_WRITE, 0, 8192, arena);
      view.force();
      assertThat(cipher.decrypt(0, again.toArray(ValueLayout.JAVA_BYTE))).isEqualTo(wanted);
    }
  }

  private static AbstractThrowableAssert<?, ? extends Throwable> assertRefused(
      ThrowingCallable call) {
    return assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            MemremapException.class,
            e -> {
              assertThat(e.errno()).isEqualTo(Errno.ENOMEM);
              assertThat(e.rule()).isEqualTo(Rule.LIB_3);
            });
  }
}
