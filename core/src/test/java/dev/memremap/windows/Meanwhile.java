// SPDX-License-Identifier: Apache-2.0
package dev.memremap.windows;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.util.concurrent.Callable;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The other thread: it takes one thing to do after the other.
 *
 * <p>Thread safety: one thread gives it something to do and waits for that before it gives it the
 * next. {@code stepsTaken} is written by the other thread alone.
 */
final class Meanwhile {
  /** So many steps mean that it spins, waiting for the operation. */
  private static final int SPINNING = 200_000;

  private static final int LOOKS_BEFORE_PARKING = 500;

  private final LinkedBlockingQueue<Callable<Void>> toDo = new LinkedBlockingQueue<>();
  private final Thread thread = Thread.ofPlatform().daemon().name("meanwhile").start(this::work);
  private volatile boolean begun;
  private volatile boolean done = true;
  private volatile @Nullable Throwable failure;
  private volatile int stepsTaken;

  private void work() {
    while (true) {
      try {
        Callable<Void> next = toDo.take();
        begun = true;
        next.call();
      } catch (Throwable e) {
        failure = e;
      }
      done = true;
    }
  }

  boolean isCurrent() {
    return Thread.currentThread() == thread;
  }

  void step() {
    stepsTaken = stepsTaken + 1;
  }

  /** Has it do something, and returns when that is done, or has to wait for the current thread. */
  void begin(Callable<Void> next) {
    begun = false;
    done = false;
    failure = null;
    stepsTaken = 0;
    toDo.add(next);
    for (int looks = 0; !done && !(begun && isWaiting()); looks++) {
      pause(looks);
    }
  }

  private static void pause(int looks) {
    if (looks < LOOKS_BEFORE_PARKING) {
      Thread.onSpinWait();
    } else {
      LockSupport.parkNanos(20_000);
    }
  }

  private boolean isWaiting() {
    return switch (thread.getState()) {
      case BLOCKED -> isBlockedByCurrent();
      case WAITING, TIMED_WAITING -> !done;
      default -> stepsTaken > SPINNING;
    };
  }

  private boolean isBlockedByCurrent() {
    ThreadInfo info = ManagementFactory.getThreadMXBean().getThreadInfo(thread.threadId());
    return info != null && info.getLockOwnerId() == Thread.currentThread().threadId();
  }

  /** Returns when it is done. */
  void finish() throws Exception {
    for (int looks = 0; !done; looks++) {
      pause(looks);
    }
    Throwable thrown = failure;
    if (thrown != null) {
      throw new IllegalStateException("meanwhile failed: " + thrown, thrown);
    }
  }
}
