// SPDX-License-Identifier: Apache-2.0
package dev.memremap.valkey;

import java.util.BitSet;

/**
 * What is known of parts: in which this writer's fence stands, and in which it lasts. One that
 * lasted and is gone means that a node has lost its data, where missing pages would pass for zeros.
 *
 * <p>Thread safety: {@code this} guards both sets. Parts beyond two thousand million are not
 * remembered.
 */
final class Parts {
  private final BitSet fenced = new BitSet();
  private final BitSet lasting = new BitSet();

  synchronized boolean isFenced(long part) {
    return part <= Integer.MAX_VALUE && fenced.get((int) part);
  }

  synchronized void fenced(long part) {
    if (part <= Integer.MAX_VALUE) {
      fenced.set((int) part);
    }
  }

  synchronized boolean lasts(long part) {
    return part <= Integer.MAX_VALUE && lasting.get((int) part);
  }

  synchronized void last(long part) {
    if (part <= Integer.MAX_VALUE) {
      lasting.set((int) part);
    }
  }
}
