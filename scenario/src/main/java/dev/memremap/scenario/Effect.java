// SPDX-License-Identifier: Apache-2.0
package dev.memremap.scenario;

/**
 * What an operation changes. This decides two things: whether the states of two executors differ
 * after only one of them could do it, and whether it may work on the host's own memory without
 * {@code --force}.
 */
enum Effect {
  /** Nothing that other answers depend on. */
  NOTHING,
  /** The bytes of memory; states do not part by these. */
  BYTES,
  /** What is mapped, if it answers {@code ok}. */
  MAPPING,
  /** A reference, or what a name stands for, if it answers {@code ok}. */
  STATE,
  /** A reference's count, if it answers {@code true}. */
  COUNT,
  /**
   * The count of the map it finds. A hint that does not cover loses its reference even where
   * nothing is found.
   */
  LOOKUP_COUNT;

  /** Whether an operation that got this answer changed more than the bytes of memory. */
  boolean changedState(Arguments arguments, String answer) {
    return switch (this) {
      case NOTHING, BYTES -> false;
      case MAPPING, STATE -> answer.equals(Answer.OK) || answer.startsWith(Answer.OK + " ");
      case COUNT -> answer.equals("true");
      case LOOKUP_COUNT ->
          answer.startsWith("pgmap=")
              || (answer.equals("none")
                  && arguments instanceof Arguments.Lookup lookup
                  && lookup.hint().isPresent());
    };
  }

  /** Whether it stores, remaps or maps pages, which on the host wants {@code --force}. */
  boolean worksOnMemory() {
    return this == BYTES || this == MAPPING;
  }
}
