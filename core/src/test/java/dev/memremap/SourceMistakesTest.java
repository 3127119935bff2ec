// SPDX-License-Identifier: Apache-2.0
package dev.memremap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import dev.memremap.Machines.Tables;
import dev.memremap.cache.CacheMode;
import dev.memremap.plan.MemremapFlag;
import dev.memremap.ref.PercpuRef;
import dev.memremap.resource.Resource;
import dev.memremap.spi.MappedBytes;
import dev.memremap.spi.MemorySource;
import dev.memremap.spi.RecordingBacking;
import java.lang.foreign.Arena;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A memory source that breaks its contract, and nulls where a callback belongs. */
class SourceMistakesTest {
  private static class Source implements MemorySource {
    private final long mapped;
    private final AtomicInteger asked = new AtomicInteger();

    /**
     * A source of 1 MiB.
     *
     * @param mapped how many bytes it maps, whatever is asked for; negative for null
     */
    Source(long mapped) {
      this.mapped = mapped;
    }

    @Override
    public String name() {
      return "wrong";
    }

    @Override
    public long sizeBytes() {
      if (asked.getAndIncrement() > 0) {
        throw new IllegalArgumentException("asked twice");
      }
      return 1 << 20;
    }

    @Override
    @SuppressWarnings("NullAway")
    public @Nullable MappedBytes map(long offset, long length, Arena arena) {
      return mapped < 0
          ? null
          : new MappedBytes(arena.allocate(mapped), CacheMode.WB, new RecordingBacking());
    }

    @Override
    public void close() {}
  }

  /** Has no name, or no mode. */
  private static final class Nameless extends Source {
    private final @Nullable String name;
    private final @Nullable CacheMode mode;

    Nameless(@Nullable String name, @Nullable CacheMode mode) {
      super(1 << 20);
      this.name = name;
      this.mode = mode;
    }

    @Override
    @SuppressWarnings("NullAway")
    public @Nullable String name() {
      return name;
    }

    @Override
    @SuppressWarnings("NullAway")
    public @Nullable CacheMode mode() {
      return mode;
    }
  }

  @Test
  @DisplayName("D-5 a source without a name or a mode is told what it returns, and nothing is left")
  void namesNothing() {
    try (Machine machine = Machines.machine()) {
      Resource nameless = machine.attach("nameless", new Nameless(null, CacheMode.WB));
      Resource modeless = machine.attach("modeless", new Nameless("wrong", null));
      Tables before = Tables.of(machine);
      assertThatIllegalStateException()
          .isThrownBy(() -> machine.memremap(nameless.range(), MemremapFlag.WB))
          .withMessage(
              "the name of the source at %s returned null; it returns what it is called [D-5]"
                  .formatted(nameless.range()));
      assertThatIllegalStateException()
          .isThrownBy(() -> machine.memremap(modeless.range(), MemremapFlag.WB))
          .withMessage(
              "the mode of wrong returned null; it returns the cache mode that it gives [D-5]");
      assertThat(Tables.of(machine)).isEqualTo(before);
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {-1, 16})
  @DisplayName("D-5 a source that maps nothing, or too little, is named, and nothing is left of it")
  void mapsTooLittle(long mapped) {
    try (Machine machine = Machines.machine()) {
      Resource wrong = machine.attach("wrong", new Source(mapped));
      Tables before = Tables.of(machine);
      assertThatIllegalStateException()
          .isThrownBy(() -> machine.memremap(wrong.range(), MemremapFlag.WB))
          .withMessageContaining("the map of wrong returned")
          .withMessageContaining("1048576 bytes that were asked for");
      assertThat(Tables.of(machine)).isEqualTo(before);
    }
  }

  @Test
  @DisplayName("a source whose size cannot be had leaves no window and no name behind")
  void noSize() {
    Source source = new Source(0);
    source.asked.set(1);
    try (Machine machine = Machines.machine()) {
      assertThatIllegalArgumentException().isThrownBy(() -> machine.attach("pool", source));
      Source good = new Source(0);
      assertThat(machine.attach("pool", good).range().sizeBytes()).isEqualTo(1 << 20);
    }
  }

  @Test
  @DisplayName("a reference's callback that is null changes nothing")
  void nullCallback() {
    PercpuRef ref = PercpuRef.init();
    assertThatNullPointerException()
        .isThrownBy(() -> ref.killAndConfirm(nothing()))
        .withMessage("confirm");
    assertThatNullPointerException()
        .isThrownBy(() -> ref.switchToAtomic(nothing()))
        .withMessage("confirm");
    assertThatNullPointerException()
        .isThrownBy(() -> ref.awaitZero(nothing()))
        .withMessage("limit");
    assertThat(ref.isDying()).isFalse();
    ref.kill();
  }

  @SuppressWarnings({"NullAway", "TypeParameterUnusedInFormals"})
  private static <T> T nothing() {
    return null;
  }
}
