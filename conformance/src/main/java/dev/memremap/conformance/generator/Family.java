// SPDX-License-Identifier: Apache-2.0
package dev.memremap.conformance.generator;

import dev.memremap.scenario.Verb;
import java.util.Optional;

/**
 * Operations that work on the same things, and what a draft has of these.
 *
 * <p>Thread safety: none; a family belongs to one draft.
 */
interface Family {
  /**
   * A line with this verb. A verb that the family does not name itself works on any of its things.
   *
   * @param verb one of the family's own
   * @return empty if there is nothing yet that it could work on
   */
  Optional<Proposal> propose(Verb verb);

  /**
   * A line after which a line with this verb may become possible, while it is not.
   *
   * @return empty if none helps
   */
  Optional<Proposal> prepare(Verb verb);
}
