// SPDX-License-Identifier: Apache-2.0
package dev.memremap.ref;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.memremap.spi.Membarrier;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ThreadCellsTest {
  private static final int SLOT = 3;

  /** A barrier during which something happens. */
  private static Membarrier during(Runnable step) {
    return new Membarrier() {
      @Override
      public Optional<String> register() {
        return Optional.empty();
      }

      @Override
      public void pass() {
        step.run();
      }
    };
  }

  @Test
  @DisplayName("PR-7 what was added before the close is in the sum")
  void sums() {
    ThreadCells cells = ThreadCells.open(during(() -> {}));
    assertThat(cells.add(0, 5)).isTrue();
    assertThat(cells.add(CellOwners.SLOTS - 1, -7)).isTrue();
    assertThat(cells.add(0, 1)).isTrue();
    assertThat(cells.sum()).isEqualTo(-1);
    assertThat(cells.close()).isEqualTo(-1);
    assertThat(cells.sum()).isZero();
  }

  @Test
  @DisplayName("references of one chunk have cells of their own")
  void neighbours() {
    List<ThreadCells> all = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      all.add(ThreadCells.open(during(() -> {})));
      assertThat(all.getLast().add(SLOT, 1L << i % 16)).isTrue();
    }
    for (int i = 0; i < 20; i++) {
      assertThat(all.get(i).close()).isEqualTo(1L << i % 16);
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, -1, PercpuCounts.MOST, -PercpuCounts.MOST})
  @DisplayName("an addition after the close is not counted, however often it is tried")
  void afterwards(long n) {
    ThreadCells cells = ThreadCells.open(during(() -> {}));
    assertThat(cells.add(SLOT, 2)).isTrue();
    assertThat(cells.close()).isEqualTo(2);
    for (int i = 0; i < 3; i++) {
      assertThat(cells.add(SLOT, n)).isFalse();
      assertThat(cells.add(SLOT + 1, n)).isFalse();
    }
    assertThat(cells.sum()).isZero();
  }

  @Test
  @DisplayName("an addition between the close and its sum is taken back, and not in the sum")
  void inBetween() {
    AtomicLong refused = new AtomicLong();
    List<ThreadCells> them = new ArrayList<>();
    ThreadCells cells =
        ThreadCells.open(
            during(
                () -> {
                  for (int i = 0; i < 5; i++) {
                    refused.addAndGet(them.getFirst().add(SLOT, 3) ? 0 : 1);
                  }
                }));
    them.add(cells);
    assertThat(cells.add(SLOT, 4)).isTrue();
    assertThat(cells.close()).isEqualTo(4);
    assertThat(refused).hasValue(5);
  }

  @Test
  @DisplayName("cells whose barrier was refused are open, and nothing is lost")
  void refusedBarrier() {
    boolean[] refusing = {true};
    ThreadCells cells =
        ThreadCells.open(
            during(
                () -> {
                  if (refusing[0]) {
                    throw new IllegalStateException("no barrier");
                  }
                }));
    assertThat(cells.add(SLOT, 4)).isTrue();
    assertThatIllegalStateException().isThrownBy(cells::close).withMessage("no barrier");
    assertThat(cells.add(SLOT, 1)).isTrue();
    refusing[0] = false;
    assertThat(cells.close()).isEqualTo(5);
  }

  @Test
  @DisplayName("closed again and again beside two threads that add, no addition is lost or gained")
  void trial() {
    assertThat(CellsTrial.fails(new HandshakeMembarrier())).isEmpty();
  }

  @Test
  @DisplayName("a barrier that fails is found by the trial, with its sentence")
  void trialWithoutBarrier() {
    assertThat(
            CellsTrial.fails(
                during(
                    () -> {
                      throw new IllegalStateException("the door is shut");
                    })))
        .hasValueSatisfying(sentence -> assertThat(sentence).contains("the door is shut"));
  }
}
