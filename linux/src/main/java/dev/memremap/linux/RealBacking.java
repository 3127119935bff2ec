// SPDX-License-Identifier: Apache-2.0
package dev.memremap.linux;

import dev.memremap.rule.Errno;
import dev.memremap.rule.MemremapException;
import dev.memremap.rule.Refusal;
import dev.memremap.rule.Rule;
import dev.memremap.spi.Backing;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * Real memory behind a mapping.
 *
 * <p>Thread safety: immutable.
 *
 * @param name the file it was reached through
 * @param flusher how its bytes reach the media; null if that cannot be promised
 * @param whyVolatile why it cannot be promised, in a phrase
 * @param howLost what it means if the memory goes away, in a phrase
 */
record RealBacking(String name, @Nullable Flusher flusher, String whyVolatile, String howLost)
    implements Backing {

  /** Memory that forgets without power. */
  static RealBacking ofVolatile(String name, String what, String howLost) {
    return new RealBacking(name, null, what, howLost);
  }

  /** Memory that keeps its bytes, once they are there. */
  static RealBacking ofPersistent(String name, Flusher flusher, String howLost) {
    return new RealBacking(name, flusher, "", howLost);
  }

  @Override
  public void persist(MemorySegment mapped, long offset, long length) {
    try {
      requireFlusher().persist(mapped, offset, length);
    } catch (ErrnoException e) {
      throw new MemremapException(
          new Refusal(
              e.errno(),
              Rule.LIB_8,
              "what was stored in %s may not be on its media: %s".formatted(name, e.sentence())),
          e);
    }
  }

  @Override
  public void drain() {
    requireFlusher().drain();
  }

  private Flusher requireFlusher() {
    if (flusher == null) {
      throw new UnsupportedOperationException(
          "%s cannot promise that bytes outlast a loss of power: %s".formatted(name, whyVolatile));
    }
    return flusher;
  }

  @Override
  public MemremapException lost(InternalError error) {
    return new MemremapException(
        new Refusal(
            Errno.EIO,
            Rule.LIB_8,
            "the memory behind this address, in %s, went away: %s".formatted(name, howLost)),
        error);
  }
}
