// SPDX-License-Identifier: Apache-2.0
package dev.memremap.plan;

import dev.memremap.resource.PhysRange;
import dev.memremap.rule.Fact;
import dev.memremap.rule.MemremapException;
import dev.memremap.rule.Refusal;
import dev.memremap.rule.Rule;
import java.util.List;
import java.util.Optional;

/**
 * What a request would do and why: the answer of all functions of a machine that explain. A machine
 * carries out what its plans say, so the two cannot differ.
 *
 * <p>A plan is true of the machine's tables as they were when it was made; a mapping made or closed
 * since may change the answer. Only {@link #nearest()} reads the tables again.
 *
 * <p>Thread safety: implementations are immutable.
 */
public sealed interface Plan permits RemapPlan, IoremapPlan, PagemapPlan {

  /** Why the request would be refused; empty if it would be granted. */
  Optional<Refusal> refusal();

  /** Whether the request would be granted. */
  default boolean isGranted() {
    return refusal().isEmpty();
  }

  /** The departure that the answer follows from, where a kernel would have answered otherwise. */
  Optional<Rule> departure();

  /**
   * The facts about the machine that the answer rests on and that are assumed: it may be another
   * one if they are. Empty if it rests on known facts alone.
   */
  List<Fact.Known> assumptions();

  /** The plan in sentences for a person, one a line: the answer first, then its details. */
  List<String> lines();

  /**
   * Ranges near a refused one that would be granted, the nearest first: the one whose first byte is
   * the fewest bytes from the first byte asked for, and of two equally far the one at the higher
   * address. What is asked for there may have to differ: for a remap {@link
   * RemapPlan#nearestGrants} says with which flags.
   *
   * @return the ranges that the machine's tables allow <em>when this is called</em>, not when the
   *     plan was made; empty if the plan is granted, or nothing near works
   */
  List<PhysRange> nearest();

  /**
   * The exception that carrying out a refused plan throws.
   *
   * @throws IllegalStateException if the plan is granted
   */
  MemremapException exception();

  /**
   * Passes if the request would be granted.
   *
   * @return this plan
   * @throws MemremapException if it would be refused: {@link #exception()}
   */
  default Plan orThrow() {
    if (!isGranted()) {
      throw exception();
    }
    return this;
  }
}
