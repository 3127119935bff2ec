// SPDX-License-Identifier: Apache-2.0
package dev.memremap.drawing.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memremap.resource.PhysRange;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Properties of scales. */
class ScaleTest {
  private static final long SEED = Long.getLong("dev.memremap.seed", 5);

  private static Scale scale(long seed) {
    return AddressMap.of(GeneratedScenes.of(seed), View.ALL, Metrics.PIXELS).scale();
  }

  private static long within(PhysRange range, RandomGenerator random) {
    long span = range.endInclusive() - range.start();
    long any = random.nextLong();
    return range.start() + (span == -1 ? any : Long.remainderUnsigned(any, span + 1));
  }

  @Test
  @DisplayName("a higher address is never drawn above a lower one")
  void monotonic() {
    RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(SEED);
    for (long seed = SEED; seed < SEED + 200; seed++) {
      Scale scale = scale(seed);
      for (int i = 0; i < 200; i++) {
        long a = random.nextLong() >>> random.nextInt(64);
        long b = within(scale.segment(random.nextInt(scale.segments())), random);
        int order = Long.compareUnsigned(a, b);
        assertThat(Integer.signum(Integer.compare(scale.y(a), scale.y(b))) * order)
            .as("%x and %x, -Ddev.memremap.seed=%d", a, b, SEED)
            .isGreaterThanOrEqualTo(0);
      }
    }
  }

  @Test
  @DisplayName("each segment begins where the one before ends, or below, and has its bounds")
  void segments() {
    for (long seed = SEED; seed < SEED + 200; seed++) {
      Scale scale = scale(seed);
      for (int i = 0; i < scale.segments(); i++) {
        PhysRange segment = scale.segment(i);
        assertThat(scale.bottom(i)).isGreaterThan(scale.top(i));
        assertThat(i == 0 ? Integer.MIN_VALUE : scale.bottom(i - 1))
            .isLessThanOrEqualTo(scale.top(i));
        assertThat(scale.y(segment.start())).isEqualTo(scale.top(i));
        assertThat(scale.yAfter(segment.endInclusive())).isEqualTo(scale.bottom(i));
        assertThat(scale.segmentOf(segment.start())).isEqualTo(i);
        assertThat(scale.segmentOf(segment.endInclusive())).isEqualTo(i);
      }
    }
  }

  @Test
  @DisplayName("what is drawn at a place is the address whose place that is")
  void inverse() {
    for (long seed = SEED; seed < SEED + 200; seed++) {
      Scale scale = scale(seed);
      for (int i = 0; i < scale.segments(); i++) {
        PhysRange segment = scale.segment(i);
        assertThat(scale.addressAt(scale.top(i))).isEqualTo(segment.start());
        for (int y = scale.top(i); y < scale.bottom(i); y++) {
          long address = scale.addressAt(y);
          assertThat(segment.contains(address)).isTrue();
          boolean isRoomy =
              Long.compareUnsigned(
                      segment.endInclusive() - segment.start(), scale.bottom(i) - scale.top(i))
                  > 0;
          if (isRoomy) {
            assertThat(scale.y(address)).as("y %d, seed %d", y, seed).isBetween(y - 1, y + 1);
          }
        }
      }
    }
  }
}
