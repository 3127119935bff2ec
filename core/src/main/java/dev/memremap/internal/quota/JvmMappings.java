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
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/**
 * The mappings that all machines of a JVM have together. The system counts them by process, and a
 * JVM whose process is at the limit cannot start a thread any more and dies; so half of the limit
 * is kept for the JVM (LIB-1).
 *
 * <p>Each mapping that may still be made is a permit of {@code free}. To make a mapping, take a
 * permit there; call {@link #take} only if none is left.
 *
 * <p>Thread safety: permits are taken and given back by atomic operations. {@code limit} is written
 * while {@code this} is locked, together with the permits that it adds, and is volatile. {@code
 * collected} is a concurrent set, which keeps the references until their queue gives them.
 */
public final class JvmMappings {
  private static final JvmMappings OF_THIS_JVM = new JvmMappings(MappingLimit::ofThisSystem);

  private final Supplier<MappingLimit> system;
  private final Permits free = new Permits();
  private final Set<Reference<?>> collected = ConcurrentHashMap.newKeySet();
  private final ReferenceQueue<Object> gone = new ReferenceQueue<>();
  private volatile int limit;

  /** Permits, whose number can be negative. */
  private static final class Permits extends Semaphore {
    private static final long serialVersionUID = 1L;

    Permits() {
      super(0);
    }

    void lose(int count) {
      reducePermits(count);
    }
  }

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

  /** A permit for each mapping that may still be made, as far as it is known. */
  public Semaphore free() {
    return free;
  }

  /**
   * Takes a permit where none seemed to be left: the garbage collector may have unmapped something,
   * and the system's limit may have been raised.
   *
   * @throws MemremapException {@code ENOMEM} if none is left
   */
  public synchronized void take() {
    giveCollectedBack();
    if (free.tryAcquire()) {
      return;
    }
    MappingLimit now = system.get();
    int mappings = (int) Math.min(now.mappings().orElse(Long.MAX_VALUE), Integer.MAX_VALUE);
    if (mappings > limit) {
      free.release(mappings - limit);
    } else {
      free.lose(limit - mappings);
    }
    limit = mappings;
    if (!free.tryAcquire()) {
      throw new MemremapException(
          Errno.ENOMEM,
          Rule.LIB_1,
          "the machines of this JVM have %d mappings together and may have no more: half of %s is kept for the JVM itself; close some, map larger ranges, or raise the limit with sysctl -w vm.max_map_count=N"
              .formatted(mappings, now.source()));
    }
  }

  /**
   * Counts a mapping that may stay until the process ends. It is taken although the limit may be
   * reached, since it is there already.
   */
  public void lost() {
    free.lose(1);
  }

  /**
   * Gives mappings back once their owner is unreachable, when the garbage collector unmaps them.
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
        free.release((int) unmapped.count.get());
      }
    }
  }

  /** How many are taken. */
  public long taken() {
    giveCollectedBack();
    return (long) limit - free.availablePermits();
  }

  /** How many there may be, as far as it is known. */
  public long limit() {
    return limit == 0 ? system.get().mappings().orElse(Long.MAX_VALUE) : limit;
  }
}
