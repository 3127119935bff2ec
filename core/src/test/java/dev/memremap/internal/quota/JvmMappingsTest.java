// SPDX-License-Identifier: Apache-2.0
package dev.memremap.internal.quota;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.memremap.internal.space.MappedRegion;
import dev.memremap.rule.Errno;
import dev.memremap.rule.MemremapException;
import dev.memremap.rule.Rule;
import dev.memremap.spi.MappingLimit;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** The mappings of all machines of a JVM, counted together. */
class JvmMappingsTest {
  private final AtomicLong system = new AtomicLong(10);
  private final JvmMappings jvm =
      new JvmMappings(() -> new MappingLimit(OptionalLong.of(system.get()), "the test's sysctl"));

  private MappedRegion.Quota machine(long limit) {
    return new MappedRegion.Quota(limit, "the limit the machine was built with", jvm);
  }

  private static void take(MappedRegion.Quota machine, int count) {
    for (int i = 0; i < count; i++) {
      machine.take();
    }
  }

  @Test
  @DisplayName("LIB-1 several machines together get what the JVM may have, and no more")
  void together() {
    MappedRegion.Quota first = machine(Long.MAX_VALUE);
    MappedRegion.Quota second = machine(Long.MAX_VALUE);
    take(first, 6);
    take(second, 4);
    for (MappedRegion.Quota full : new MappedRegion.Quota[] {first, second}) {
      assertThatExceptionOfType(MemremapException.class)
          .isThrownBy(full::take)
          .satisfies(
              e -> {
                assertThat(e.errno()).isEqualTo(Errno.ENOMEM);
                assertThat(e.rule()).isEqualTo(Rule.LIB_1);
              })
          .withMessageContaining("the machines of this JVM have 10 mappings together")
          .withMessageContaining("half of the test's sysctl");
    }
    assertThat(first.taken()).isEqualTo(6);
    assertThat(second.taken()).isEqualTo(4);
    first.give(1);
    assertThatCode(second::take).doesNotThrowAnyException();
    assertThat(jvm.taken()).isEqualTo(10);
  }

  @Test
  @DisplayName(
      "LIB-1 a limit of a machine's own stays one of that machine, and takes from the JVM's")
  void ofOne() {
    MappedRegion.Quota small = machine(2);
    take(small, 2);
    assertThatExceptionOfType(MemremapException.class)
        .isThrownBy(small::take)
        .withMessageContaining(
            "the machine has 2 mappings and may have no more, by the limit the machine was built"
                + " with");
    assertThat(jvm.taken()).isEqualTo(2);
    take(machine(100), 8);
    assertThatExceptionOfType(MemremapException.class).isThrownBy(machine(100)::take);
  }

  @Test
  @DisplayName("LIB-1 a limit that was raised counts from then on")
  void raised() {
    MappedRegion.Quota machine = machine(Long.MAX_VALUE);
    take(machine, 10);
    assertThatExceptionOfType(MemremapException.class).isThrownBy(machine::take);
    system.set(12);
    take(machine, 2);
    assertThatExceptionOfType(MemremapException.class).isThrownBy(machine::take);
  }

  @Test
  @DisplayName("LIB-1 what an interrupted call leaves mapped counts, and is never given back")
  void lost() {
    jvm.lost();
    take(machine(Long.MAX_VALUE), 9);
    assertThatExceptionOfType(MemremapException.class).isThrownBy(machine(Long.MAX_VALUE)::take);
  }

  @Test
  @DisplayName("LIB-1 what the garbage collector has unmapped is given back")
  void collected() {
    jvm.giveWhenCollected(new Object(), new AtomicLong(4));
    take(machine(Long.MAX_VALUE), 10);
    // a collection that was asked for comes, but not at once
    while (jvm.taken() != 6) {
      System.gc();
      Thread.onSpinWait();
    }
    take(machine(Long.MAX_VALUE), 4);
    assertThatExceptionOfType(MemremapException.class).isThrownBy(machine(Long.MAX_VALUE)::take);
  }
}
