// SPDX-License-Identifier: Apache-2.0
package dev.memremap.conformance.generator;

import java.util.List;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;

/**
 * Chance, from a seed: the same seed throws the same on every computer.
 *
 * <p>Thread safety: none; one thread throws.
 */
final class Dice {
  private final RandomGenerator random;

  Dice(long seed) {
    random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
  }

  /** True this often in a hundred. */
  boolean percent(int often) {
    return random.nextInt(100) < often;
  }

  /** From 0 to one below the bound. */
  long below(long bound) {
    return random.nextLong(bound);
  }

  int below(int bound) {
    return random.nextInt(bound);
  }

  long any() {
    return random.nextLong();
  }

  <T> T of(List<T> things) {
    return things.get(random.nextInt(things.size()));
  }

  @SafeVarargs
  final <T> T of(T... things) {
    return things[random.nextInt(things.length)];
  }

  /** The place of a weight, more often the heavier it is; at least one weight is positive. */
  int weighted(double[] weights) {
    double sum = 0;
    for (double weight : weights) {
      sum += weight;
    }
    double at = random.nextDouble() * sum;
    for (int i = 0; i < weights.length; i++) {
      at -= weights[i];
      if (at < 0) {
        return i;
      }
    }
    return weights.length - 1;
  }
}
