// SPDX-License-Identifier: Apache-2.0
package dev.memremap.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.memremap.ref.Counting;
import dev.memremap.ref.PercpuRef;
import dev.memremap.rule.Errno;
import dev.memremap.spi.Membarrier;
import java.util.Optional;
import java.util.ServiceLoader;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

@EnabledOnOs(
    value = OS.LINUX,
    architectures = {"amd64", "x86_64"})
class LinuxMembarrierTest {
  private FaultySyscalls calls;
  private LinuxMembarrier membarrier;

  @BeforeEach
  void setUp() {
    calls = new FaultySyscalls();
    membarrier = new LinuxMembarrier(() -> calls);
  }

  @Test
  @DisplayName("it asks what there is, distrusts a kernel that grants all, registers, and passes")
  void works() {
    assertThat(membarrier.register()).isEmpty();
    membarrier.pass();
    membarrier.pass();
    assertThat(calls.calls())
        .containsExactly(
            "membarrier 0x0",
            "membarrier 0x40000000",
            "membarrier 0x10",
            "membarrier 0x8",
            "membarrier 0x8");
  }

  @Test
  @DisplayName("a kernel without membarrier, or a filter that forbids it, is told of")
  void forbidden() {
    calls.fail("membarrier 0x0", Errno.EPERM, 1);
    assertThat(membarrier.register()).contains("membarrier answers EPERM here");
  }

  @Test
  @DisplayName("a kernel that refuses to register is told of")
  void refusedToRegister() {
    calls.fail("membarrier 0x10", Errno.EPERM, 1);
    assertThat(membarrier.register()).contains("membarrier refused to register: EPERM");
  }

  @Test
  @DisplayName("without a door to the C library, membarrier is refused")
  void noDoor() {
    LinuxMembarrier none =
        new LinuxMembarrier(
            () -> {
              throw new UnsupportedOperationException("this is another system");
            });
    assertThat(none.register()).contains("this is another system");
    assertThatIllegalStateException().isThrownBy(none::pass).withMessageContaining("EPERM");
  }

  @Test
  @DisplayName("a barrier that fails after it was registered throws, and says what to do")
  void failsLater() {
    assertThat(membarrier.register()).isEmpty();
    calls.fail("membarrier 0x8", Errno.ENOMEM, 1);
    assertThatIllegalStateException()
        .isThrownBy(membarrier::pass)
        .withMessageContaining("ENOMEM")
        .withMessageContaining("-Ddev.memremap.percpu=stripes");
    membarrier.pass();
  }

  @Test
  @DisplayName("references of a JVM that has this module count in cells when they are hot")
  void provided() {
    assumeTrue(System.getProperty("dev.memremap.percpu") == null, "the property asks for a path");
    assertThat(ServiceLoader.load(Membarrier.class).findFirst().map(Object::getClass))
        .isEqualTo(Optional.of(LinuxMembarrier.class));
    assertThat(Counting.reason()).isEqualTo("threads have cells of their own, with membarrier(2)");
    PercpuRef ref = PercpuRef.init();
    assertThat(ref.counting()).isEqualTo(Counting.STRIPES);
    for (int i = 0; i < 2_000; i++) {
      ref.get();
      ref.put();
    }
    assertThat(ref.counting()).isEqualTo(Counting.CELLS);
    ref.get();
    ref.kill();
    assertThat(ref.references()).isEqualTo(1);
  }
}
