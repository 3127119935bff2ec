// SPDX-License-Identifier: Apache-2.0
package dev.memremap.benchmarks.run;

import static dev.memremap.benchmarks.run.Sample.cost;
import static dev.memremap.benchmarks.run.Sample.outcome;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.memremap.benchmarks.Goal;
import dev.memremap.benchmarks.Unit;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.openjdk.jmh.annotations.Mode;

class OutcomeTest {
  @Test
  @DisplayName("the ratio is that of the medians of the forks")
  void ratio() {
    Outcome outcome = outcome(Goal.none(), cost(9, 1, 2), cost(100, 4, 3));
    assertThat(outcome.ratio()).hasValue(0.5);
    assertThat(cost(4, 1, 2, 100).median()).isEqualTo(3);
    assertThat(outcome.verdict()).isEqualTo(Verdict.NO_GOAL);
  }

  @Test
  @DisplayName("ours / peer at most: met at the bound, missed above it")
  void ratioAtMost() {
    assertThat(outcome(Goal.ratioAtMost(0.5), cost(2), cost(4)).verdict()).isEqualTo(Verdict.MET);
    assertThat(outcome(Goal.ratioAtMost(0.5), cost(2.01), cost(4)).verdict())
        .isEqualTo(Verdict.MISSED);
  }

  @Test
  @DisplayName("times faster: the peer's cost by ours")
  void timesFaster() {
    Outcome met = outcome(Goal.timesFaster(2.5), cost(2), cost(5));
    assertThat(met.verdict()).isEqualTo(Verdict.MET);
    assertThat(met.ratioWords()).isEqualTo("2.50 ×");
    assertThat(outcome(Goal.timesFaster(2.5), cost(2), cost(4.9)).verdict())
        .isEqualTo(Verdict.MISSED);
  }

  @Test
  @DisplayName("as fast: within the bound, and overlapping unless ours is the faster")
  void asFast() {
    Goal goal = Goal.asFast(0.98);
    assertThat(outcome(goal, cost(99, 101, 103), cost(98, 100, 102)).verdict())
        .isEqualTo(Verdict.MET);
    assertThat(outcome(goal, cost(101, 101, 101), cost(100, 100, 100)).verdict())
        .isEqualTo(Verdict.MISSED);
    assertThat(outcome(goal, cost(50, 50, 50), cost(100, 100, 100)).verdict())
        .isEqualTo(Verdict.MET);
    assertThat(outcome(goal, cost(90, 103, 110), cost(90, 100, 110)).verdict())
        .isEqualTo(Verdict.MISSED);
  }

  @Test
  @DisplayName("a bound in a unit is compared in that unit, whatever the peer costs")
  void atMost() {
    assertThat(outcome(Goal.atMost(2, Unit.MICROSECONDS), cost(2000), cost(1)).verdict())
        .isEqualTo(Verdict.MET);
    assertThat(outcome(Goal.atMost(2, Unit.MICROSECONDS), cost(2001), cost(1e9)).verdict())
        .isEqualTo(Verdict.MISSED);
  }

  @Test
  @DisplayName("a time is not compared with a size")
  void kinds() {
    Cost bytes = cost(Unit.Dimension.SIZE, 5);
    assertThatThrownBy(() -> outcome(Goal.none(), cost(1), bytes))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("scale-it");
    assertThatThrownBy(() -> outcome(Goal.atMost(1, Unit.SECONDS), bytes, bytes))
        .hasMessageContaining("scale-it");
  }

  @Test
  @DisplayName(
      "intervals go from the cheapest fork to the dearest; of one fork, over its iterations")
  void intervals() {
    assertThat(cost(3, 1, 2).low()).isEqualTo(1);
    assertThat(cost(3, 1, 2).high()).isEqualTo(3);
    assertThat(cost(1, 2).overlaps(cost(2, 3))).isTrue();
    assertThat(cost(1, 2).overlaps(cost(2.1, 3))).isFalse();
    assertThat(cost(2.1, 3).overlaps(cost(1, 2))).isFalse();
    Cost one = new Cost(Unit.Dimension.TIME, List.of(new Cost.Fork(2000, List.of(1000.0, 3000.0))));
    assertThat(one.interval()).isEqualTo("1–3");
    assertThat(cost(7).interval()).isEmpty();
  }

  @Test
  @DisplayName("a throughput of all threads counts as the time of one operation of one of them")
  void throughput() {
    assertThat(JmhFork.nanos(4, Mode.Throughput, TimeUnit.MICROSECONDS, 2)).isEqualTo(500);
    assertThat(JmhFork.nanos(4, Mode.AverageTime, TimeUnit.MICROSECONDS, 2)).isEqualTo(4000);
  }
}
