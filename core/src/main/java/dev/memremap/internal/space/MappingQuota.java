// SPDX-License-Identifier: Apache-2.0
package dev.memremap.internal.space;

import dev.memremap.rule.Errno;
import dev.memremap.rule.MemremapException;
import dev.memremap.rule.Rule;
import java.util.concurrent.atomic.AtomicLong;

/**
 * How many mappings a machine has, and may have. A JVM whose process is at the system's limit
 * cannot start a thread any more and dies; half of it is kept free (LIB-1).
 *
 * <p>Thread safety: {@code taken} alone is shared, and only ever changed by atomic operations; a
 * take that finds the limit reached gives back what it took, so the count never stays above it.
 */
public final class MappingQuota {
  private final long limit;
  private final String source;
  private final AtomicLong taken = new AtomicLong();

  /**
   * A quota of which nothing is taken.
   *
   * @param limit how many mappings there may be
   * @param source what sets the limit, for a sentence
   */
  public MappingQuota(long limit, String source) {
    this.limit = limit;
    this.source = source;
  }

  /**
   * Takes one.
   *
   * @throws MemremapException {@code ENOMEM} if there is none left
   */
  public void take() {
    if (taken.incrementAndGet() > limit) {
      taken.decrementAndGet();
      throw new MemremapException(
          Errno.ENOMEM,
          Rule.LIB_1,
          "the machine has %d mappings and may have no more: half of %s is kept for the JVM; close some, map larger ranges, or raise the limit with sysctl -w vm.max_map_count=N"
              .formatted(limit, source));
    }
  }

  /** Gives some back. */
  public void give(long count) {
    taken.addAndGet(-count);
  }

  /** How many there may be. */
  public long limit() {
    return limit;
  }

  /** How many are taken. */
  public long taken() {
    return taken.get();
  }
}
