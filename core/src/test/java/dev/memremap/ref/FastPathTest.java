// SPDX-License-Identifier: Apache-2.0
package dev.memremap.ref;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.memremap.spi.Membarrier;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FastPathTest {
  private final AtomicInteger releases = new AtomicInteger();
  private final PercpuRef ref =
      PercpuRef.init(releases::incrementAndGet, PercpuRef.Flag.ALLOW_REINIT);

  @BeforeEach
  void decided() {
    assertThat(Counting.reason()).isNotEmpty();
  }

  /** Takes it so often that it gets cells, where there are some. */
  private void heat() {
    for (int i = 0; i < 2_000; i++) {
      ref.get();
      ref.put();
    }
    assumeTrue(ref.counting() == Counting.CELLS, Counting.reason());
  }

  @ParameterizedTest
  @CsvSource({
    "amd64, OpenJDK 64-Bit Server VM, ''",
    "x86_64, Java HotSpot(TM) 64-Bit Server VM, ''",
    "aarch64, OpenJDK 64-Bit Server VM, x86-64 only",
    "amd64, Eclipse OpenJ9 VM, HotSpot only"
  })
  @DisplayName("cells are made on HotSpot on x86-64 alone")
  void whereTheArgumentHolds(String architecture, String vm, String reason) {
    assertThat(FastPath.whyNotHere(architecture, vm).orElse("")).contains(reason);
    assertThat(FastPath.whyNotHere(architecture, vm).isEmpty()).isEqualTo(reason.isEmpty());
  }

  @Test
  @DisplayName("a barrier that is not there leaves the stripes, and its reason is told")
  void noBarrier() {
    Membarrier none =
        new Membarrier() {
          @Override
          public Optional<String> register() {
            return Optional.of("it is missing");
          }

          @Override
          public void pass() {
            throw new AssertionError();
          }
        };
    assertThat(FastPath.tried(none)).isEqualTo(FastPath.Decision.without("it is missing"));
  }

  @Test
  @DisplayName("PR-7 a reference that is taken often counts in cells, and its kill adds them up")
  void hot() throws Exception {
    heat();
    Thread holder = Thread.ofPlatform().start(() -> ref.getMany(5));
    holder.join();
    Thread virtual = Thread.ofVirtual().start(ref::get);
    virtual.join();
    assertThat(ref.references()).isEqualTo(7);
    ref.kill();
    assertThat(ref.counting()).isEqualTo(Counting.WORD);
    assertThat(ref.references()).isEqualTo(6);
    ref.putMany(6);
    assertThat(releases).hasValue(1);
  }

  @Test
  @DisplayName("PR-10 a reference that lives again is in other cells, and again exact")
  void reborn() {
    for (int life = 1; life < 5; life++) {
      heat();
      ref.getMany(3);
      ref.kill();
      ref.putMany(3);
      assertThat(releases).hasValue(life);
      ref.reinit();
      assertThat(ref.references()).isEqualTo(1);
    }
  }

  @Test
  @DisplayName("a kill whose barrier is refused changes nothing, and can be tried again")
  void refusedBarrier() {
    heat();
    ref.get();
    HandshakeMembarrier.refusing = true;
    assertThatIllegalStateException().isThrownBy(ref::kill).withMessageContaining("no barrier");
    assertThat(ref.isDying()).isFalse();
    assertThat(ref.counting()).isEqualTo(Counting.CELLS);
    assertThat(ref.tryGetLive()).isTrue();
    assertThat(ref.references()).isEqualTo(3);
    ref.kill();
    ref.putMany(2);
    assertThat(releases).hasValue(1);
  }

  @Test
  @DisplayName("an exit and a switch whose barrier is refused change nothing either")
  void refusedElsewhere() {
    heat();
    HandshakeMembarrier.refusing = true;
    assertThatIllegalStateException().isThrownBy(ref::exit).withMessageContaining("no barrier");
    assertThat(ref.isExited()).isFalse();
    HandshakeMembarrier.refusing = true;
    assertThatIllegalStateException().isThrownBy(ref::switchToAtomic);
    assertThat(ref.counting()).isEqualTo(Counting.CELLS);
    assertThat(ref.tryGetLive()).isTrue();
    ref.switchToAtomic();
    assertThat(ref.references()).isEqualTo(2);
    assertThat(ref.counting()).isEqualTo(Counting.WORD);
  }
}
