// SPDX-License-Identifier: Apache-2.0
package dev.memremap.linux;

import dev.memremap.cache.CacheMode;
import dev.memremap.resource.PhysRange;
import dev.memremap.rule.Errno;
import dev.memremap.rule.Refusal;
import dev.memremap.rule.Rule;
import dev.memremap.spi.MappedBytes;
import java.lang.foreign.Arena;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A file that leads to the memory of some range.
 *
 * <p>Thread safety: implementations are immutable.
 */
interface Route {

  /** LIB-9 and LIB-6: the refusal of a route that does not serve. */
  static Refusal refusal(Errno errno, String sentence) {
    return new Refusal(errno, errno == Errno.EBUSY ? Rule.LIB_9 : Rule.LIB_6, sentence);
  }

  /** Its file. */
  String name();

  /** The device whose memory it leads to; null for /dev/mem, which leads to all memory. */
  @Nullable String device();

  /** Where it leads. */
  PhysRange range();

  /**
   * The mode a mapping through it would have.
   *
   * @param asked the mode asked for
   * @param effective what the machine's tables make of it
   * @return null if it cannot serve that request
   */
  @Nullable CacheMode mode(CacheMode asked, CacheMode effective);

  /** What it can give, for a sentence. */
  String gives();

  /** What is in its way, known without trying it. */
  Optional<Refusal> obstacle(PhysRange wanted);

  /**
   * Maps a part.
   *
   * @param wanted inside {@link #range()}
   * @param mode what {@link #mode} answered
   */
  MappedBytes map(PhysRange wanted, CacheMode mode, Arena arena) throws ErrnoException;

  /** Why the kernel refused to map, as far as its answer tells. */
  default String why(ErrnoException e) {
    return e.errno() == Errno.EACCES || e.errno() == Errno.EPERM
        ? "opening it needs root, or permission to the file, and a kernel that is not locked down"
        : e.sentence();
  }
}
