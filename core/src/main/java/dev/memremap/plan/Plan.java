// SPDX-License-Identifier: Apache-2.0
package dev.memremap.plan;

import dev.memremap.resource.PhysRange;
import dev.memremap.rule.Fact;
import dev.memremap.rule.KernelLine;
import dev.memremap.rule.MemremapException;
import dev.memremap.rule.Refusal;
import dev.memremap.rule.Rule;
import java.util.List;
import java.util.Optional;

/**
 * Says what a request would do and why: the answer of a machine's {@code explain} methods. The
 * machine carries out the same plans, so explanation and action cannot differ.
 *
 * <p>A plan holds for the machine's tables at the time it was made; a mapping made or closed since
 * may change the answer. Only {@link #nearest()} reads the tables again.
 *
 * <p>Thread safety: implementations are immutable.
 */
public sealed interface Plan permits RemapPlan, IoremapPlan, PagemapPlan {

  /** Returns why the request would be refused; empty if it would be granted. */
  Optional<Refusal> refusal();

  /** Returns whether the request would be granted. */
  default boolean isGranted() {
    return refusal().isEmpty();
  }

  /** Returns the departure that the answer follows, if a kernel would have answered otherwise. */
  Optional<Rule> departure();

  /**
   * Returns the assumed facts about the machine that the answer rests on: if they are wrong, the
   * answer may be, too. Empty if it rests on known facts alone.
   */
  List<Fact.Known> assumptions();

  /**
   * Returns the lines that the machine's kernel would log for this call, in their order; where the
   * answer follows a {@linkplain #departure departure}, for what the kernel does instead.
   */
  List<KernelLine> kernelLog();

  /** Returns the plan in sentences, one a line: the answer first, then its details. */
  List<String> lines();

  /**
   * Finds ranges near a refused one that would be granted, ordered by the distance of their first
   * byte from the first byte asked for; of two equally near, the higher comes first. Such a range
   * may need other flags: for a remap {@link RemapPlan#nearestGrants} names them.
   *
   * @return what the machine's tables allow <em>when this is called</em>, not when the plan was
   *     made; empty if the plan is granted, or nothing near would be
   */
  List<PhysRange> nearest();

  /**
   * Returns the exception that carrying out this refused plan throws.
   *
   * @throws IllegalStateException if the plan is granted
   */
  MemremapException exception();

  /**
   * Returns this plan if the request would be granted, else throws.
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
