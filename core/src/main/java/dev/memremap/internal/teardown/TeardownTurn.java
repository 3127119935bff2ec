// SPDX-License-Identifier: Apache-2.0
package dev.memremap.internal.teardown;

import dev.memremap.rule.Errno;
import dev.memremap.rule.MemremapException;
import dev.memremap.rule.Rule;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Lets one thread at a time tear a device or a machine down; others wait. It is not a lock, since
 * drivers' actions run in a turn: they may wait for other threads, and may release other devices.
 * If two turns would wait for each other, the last one asked for is refused.
 *
 * <p>Thread safety: {@code owner} and {@code outer} of every turn, {@code WAITING} and {@code
 * INNERMOST} are guarded by {@code TURNS}, which is held for a few steps only, and in which nothing
 * else is called. It is one for all machines, for an action may release a device of another
 * machine. A thread is in {@code WAITING} whenever it sleeps for a turn, and looks for a circle
 * each time before it sleeps; the thread that begins to sleep last closes a circle, and so sees it.
 */
public final class TeardownTurn {
  /** What a turn tears down. */
  public enum Of {
    /** A device, which is released. */
    DEVICE("releases"),
    /** A machine, which is closed. A close inside a device's action may release that device. */
    MACHINE("closes");

    private final String verb;

    Of(String verb) {
      this.verb = verb;
    }
  }

  private static final ReentrantLock TURNS = new ReentrantLock();
  private static final Condition ENDED = TURNS.newCondition();
  private static final Map<Thread, TeardownTurn> WAITING = new HashMap<>();
  private static final Map<Thread, TeardownTurn> INNERMOST = new HashMap<>();

  private final Of of;
  private final String name;
  private @Nullable Thread owner;

  /** The turn in which its owner took this one; null if it is the owner's first. */
  private @Nullable TeardownTurn outer;

  /**
   * A turn that no thread has.
   *
   * @param name what is torn down, for a sentence
   */
  public TeardownTurn(Of of, String name) {
    this.of = of;
    this.name = name;
  }

  /**
   * Takes the turn, and waits while another thread has it.
   *
   * @return whether it was taken, and has to be {@linkplain #end ended}; false if this thread has
   *     it already
   * @throws IllegalStateException if the wait would have no end: the thread that has the turn waits
   *     for this one, or is this one and releases another device in between
   * @throws MemremapException {@code EBUSY} if the patience ended before
   */
  public boolean begin(Patience patience) {
    if (isMine()) {
      requireNested();
      return false;
    }
    if (!patience.await(this::take, () -> "waiting: " + whoHasIt())) {
      throw new MemremapException(
          Errno.EBUSY, Rule.D_5, whoHasIt() + ", and that did not end in the time given");
    }
    return true;
  }

  /** Whether this thread has the turn. */
  public boolean isMine() {
    TURNS.lock();
    try {
      return owner == Thread.currentThread();
    } finally {
      TURNS.unlock();
    }
  }

  /** Ends this thread's turn. */
  public void end() {
    TURNS.lock();
    try {
      TeardownTurn before = outer;
      if (before == null) {
        INNERMOST.remove(Thread.currentThread());
      } else {
        INNERMOST.put(Thread.currentThread(), before);
      }
      owner = null;
      outer = null;
      ENDED.signalAll();
    } finally {
      TURNS.unlock();
    }
  }

  private boolean take(long nanos) throws InterruptedException {
    Thread current = Thread.currentThread();
    TURNS.lock();
    try {
      long left = nanos;
      while (owner != null) {
        refuseCircle(current);
        if (left <= 0) {
          return false;
        }
        WAITING.put(current, this);
        try {
          left = ENDED.awaitNanos(left);
        } finally {
          WAITING.remove(current);
        }
      }
      outer = INNERMOST.put(current, this);
      owner = current;
      return true;
    } finally {
      TURNS.unlock();
    }
  }

  /** Called under the lock: whether the thread that has this turn waits for the current one. */
  private void refuseCircle(Thread current) {
    List<String> links = new ArrayList<>();
    TeardownTurn turn = this;
    while (turn != null) {
      Thread has = turn.owner;
      if (has == null) {
        return;
      }
      if (has == current) {
        links.add("this thread %s %s".formatted(turn.of.verb, turn.name));
        throw misuse(
            "waiting for %s would have no end: %s".formatted(name, String.join(", ", links)));
      }
      TeardownTurn next = WAITING.get(has);
      if (next != null) {
        links.add(
            "thread %s %s %s and waits for %s"
                .formatted(ThreadName.of(has), turn.of.verb, turn.name, next.name));
      }
      turn = next;
    }
  }

  /** This thread has the turn: it may go on in it, unless it releases another device in between. */
  private void requireNested() {
    List<TeardownTurn> inside = new ArrayList<>();
    TURNS.lock();
    try {
      TeardownTurn turn = INNERMOST.get(Thread.currentThread());
      while (turn != null && !turn.equals(this)) {
        inside.addFirst(turn);
        turn = turn.outer;
      }
    } finally {
      TURNS.unlock();
    }
    Predicate<TeardownTurn> isDevice = turn -> turn.of == Of.DEVICE;
    if (of == Of.DEVICE && inside.stream().anyMatch(isDevice)) {
      throw misuse(
          "%s cannot be released here: this thread releases it, and inside that %s, whose action asks for it again"
              .formatted(
                  name,
                  inside.stream()
                      .filter(isDevice)
                      .map(turn -> turn.name)
                      .collect(Collectors.joining(", and inside that "))));
    }
  }

  private String whoHasIt() {
    TURNS.lock();
    try {
      Thread has = owner;
      return has == null
          ? "%s was torn down a moment ago".formatted(name)
          : "thread %s %s %s".formatted(ThreadName.of(has), of.verb, name);
    } finally {
      TURNS.unlock();
    }
  }

  private static IllegalStateException misuse(String sentence) {
    return new IllegalStateException("%s [%s]".formatted(sentence, Rule.D_5.id()));
  }

  @Override
  public String toString() {
    return name;
  }
}
