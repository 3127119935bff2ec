// SPDX-License-Identifier: Apache-2.0
package dev.memremap.valkey;

import java.util.stream.IntStream;

/** How often a test is made that meets another course of events each time. */
final class Rounds {
  private Rounds() {}

  /** Ten, unless the option says otherwise. */
  static IntStream all() {
    return IntStream.rangeClosed(1, Integer.getInteger("dev.memremap.valkey.rounds", 10));
  }
}
