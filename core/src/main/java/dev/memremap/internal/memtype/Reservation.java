// SPDX-License-Identifier: Apache-2.0
package dev.memremap.internal.memtype;

import dev.memremap.cache.CacheMode;
import dev.memremap.resource.PhysRange;
import dev.memremap.rule.Refusal;
import dev.memremap.rule.Rule;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The answer to a reservation of a memory type: {@code memtype_reserve}. */
public sealed interface Reservation {

  /** Where a memory type is kept. */
  enum Home {
    /** Nowhere: the range has one type for good, or nothing is tracked. */
    NOWHERE,
    /** In the flags of System RAM's pages. */
    PAGES,
    /** In an entry of the table. */
    ENTRY
  }

  /** The pages it is about; null if the request has no pages. */
  @Nullable PhysRange range();

  /** The type granted; of a refusal the type that was in the way, or null. */
  @Nullable CacheMode mode();

  /** The rule that decided. */
  Rule rule();

  /** One sentence with what was found, without a final full stop. */
  String reason();

  /** Why it is refused; empty if it is granted. */
  default Optional<Refusal> refusal() {
    return Optional.empty();
  }

  /** Whether it is granted. */
  default boolean isGranted() {
    return this instanceof Granted;
  }

  /**
   * A type that the range may have.
   *
   * @param range the pages that have it
   * @param mode the type
   * @param home where it is kept
   * @param rule the rule that decided
   * @param reason one sentence with what was found, without a final full stop
   */
  record Granted(PhysRange range, CacheMode mode, Home home, Rule rule, String reason)
      implements Reservation {

    /** This reservation as a processor sees it that makes another type of it (MT-13). */
    public Granted seenAs(CacheMode effective) {
      return effective == mode ? this : new Granted(range, effective, home, rule, reason);
    }
  }

  /**
   * No type was granted, and the table is as it was.
   *
   * @param range the pages asked for; null if the request has no pages
   * @param mode the type that was in the way; null if it was something else
   * @param why the refusal
   */
  record Refused(@Nullable PhysRange range, @Nullable CacheMode mode, Refusal why)
      implements Reservation {
    @Override
    public Rule rule() {
      return why.rule();
    }

    @Override
    public String reason() {
      return why.sentence();
    }

    @Override
    public Optional<Refusal> refusal() {
      return Optional.of(why);
    }
  }
}
