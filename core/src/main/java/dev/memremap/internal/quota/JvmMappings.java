// SPDX-License-Identifier: Apache-2.0
package dev.memremap.internal.quota;

import dev.memremap.rule.Errno;
import dev.memremap.rule.MemremapException;
import dev.memremap.rule.Rule;
import dev.memremap.spi.MappingLimit;
import java.lang.ref.PhantomReference;
import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/**
 * The mappings that all machines of a JVM have together. The system counts them by process, and a
 * JVM whose process is at the limit cannot start a thread any more and dies; so half of the limit
 * is kept for the JVM (LIB-1).
 *
 * <p>Thread safety: {@code taken} is only changed by atomic operations; a take that finds the limit
 * reached gives back what it took, so the count never stays above it. {@code limit} is volatile,
 * and two threads that read the system's limit at once find the same. {@code collected} is a
 * concurrent set, which keeps the references until their queue gives them.
 */
public final class JvmMappings {
  private static final JvmMappings OF_THIS_JVM = new JvmMappings(MappingLimit::ofThisSystem);

  private final Supplier<MappingLimit> system;
  private final AtomicLong taken = new AtomicLong();
  private final Set<Reference<?>> collected = ConcurrentHashMap.newKeySet();
  private final ReferenceQueue<Object> gone = new ReferenceQueue<>();
  private volatile long limit;

  /** Mappings that are given back when the garbage collector has unmapped them. */
  private static final class Collected extends PhantomReference<Object> {
    private final AtomicLong count;

    Collected(Object owner, ReferenceQueue<Object> gone, AtomicLong count) {
      super(owner, gone);
      this.count = count;
    }
  }

  /**
   * A count that begins at zero.
   *
   * @param system says what the system allows; asked again when its last answer is used up
   */
  public JvmMappings(Supplier<MappingLimit> system) {
    this.system = system;
  }

  /** The count of this JVM. */
  public static JvmMappings ofThisJvm() {
    return OF_THIS_JVM;
  }

  /**
   * Takes one.
   *
   * @throws MemremapException {@code ENOMEM} if there is none left
   */
  public void take() {
    giveCollectedBack();
    if (taken.incrementAndGet() > limit) {
      requireBelowNewLimit();
    }
  }

  /** The limit is read when it is first met, and again later: it may have been raised. */
  private void requireBelowNewLimit() {
    MappingLimit now = system.get();
    long mappings = now.mappings().orElse(Long.MAX_VALUE);
    limit = mappings;
    if (taken.get() > mappings) {
      taken.decrementAndGet();
      throw new MemremapException(
          Errno.ENOMEM,
          Rule.LIB_1,
          "the machines of this JVM have %d mappings together and may have no more: half of %s is kept for the JVM itself; close some, map larger ranges, or raise the limit with sysctl -w vm.max_map_count=N"
              .formatted(mappings, now.source()));
    }
  }

  /** Gives some back. */
  public void give(long count) {
    taken.addAndGet(-count);
  }

  /**
   * Counts a mapping that may stay until the process ends. It is taken although the limit may be
   * reached, since it is there already.
   */
  public void lost() {
    taken.incrementAndGet();
  }

  /**
   * Gives mappings back when their owner cannot be reached any more, since the garbage collector
   * unmaps them then.
   *
   * @param owner what keeps them mapped
   * @param count how many there are then
   */
  public void giveWhenCollected(Object owner, AtomicLong count) {
    collected.add(new Collected(owner, gone, count));
  }

  private void giveCollectedBack() {
    for (Reference<?> next = gone.poll(); next != null; next = gone.poll()) {
      if (next instanceof Collected unmapped) {
        collected.remove(unmapped);
        give(unmapped.count.get());
      }
    }
  }

  /** How many are taken. */
  public long taken() {
    giveCollectedBack();
    return taken.get();
  }

  /** How many there may be, as far as it is known. */
  public long limit() {
    return limit == 0 ? system.get().mappings().orElse(Long.MAX_VALUE) : limit;
  }
}
