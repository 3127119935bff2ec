// SPDX-License-Identifier: Apache-2.0
package dev.memremap.internal.sim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memremap.Seeds;
import dev.memremap.resource.PhysRange;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What is allocated, beside a set of single bytes. */
class AllocatedPagesTest {
  private static final int SPACE = 64;

  @Test
  @DisplayName("what is missing of a range is what was never added, in ascending pieces")
  void besideASet() {
    long seed = Seeds.fresh();
    RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
    for (int round = 0; round < 200; round++) {
      AllocatedPages pages = new AllocatedPages(Path.of("."));
      BitSet set = new BitSet();
      for (int i = 0; i < 20; i++) {
        PhysRange asked = range(random);
        BitSet missing = new BitSet();
        long last = -2;
        for (PhysRange piece : pages.missing(asked)) {
          assertThat(piece.start()).as(Seeds.option(seed)).isGreaterThan(last + 1);
          missing.set((int) piece.start(), (int) piece.endInclusive() + 1);
          last = piece.endInclusive();
        }
        BitSet expected = new BitSet();
        expected.set((int) asked.start(), (int) asked.endInclusive() + 1);
        expected.andNot(set);
        assertThat(missing).as(Seeds.option(seed)).isEqualTo(expected);
        PhysRange added = range(random);
        pages.add(added);
        set.set((int) added.start(), (int) added.endInclusive() + 1);
      }
    }
  }

  private static PhysRange range(RandomGenerator random) {
    long start = random.nextLong(SPACE);
    return new PhysRange(start, random.nextLong(start, Math.min(SPACE, start + 12)));
  }
}
