// SPDX-License-Identifier: Apache-2.0
package dev.memremap.internal.space;

import dev.memremap.spi.HardwareDevice;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Predicate;

/**
 * Looks ten times a second whether hardware is still there. The system tells of a removal by a
 * message that only a socket of its own kind receives; its tree of devices, a look at a file away,
 * says the same.
 *
 * <p>Thread safety: {@code watched} is a copy-on-write list; {@code stopped} is volatile and only
 * ever set.
 */
public final class HardwareWatch {
  private static final Duration PERIOD = Duration.ofMillis(100);

  private final Predicate<HardwareDevice> isPresent;
  private final List<Watched> watched = new CopyOnWriteArrayList<>();
  private final Thread thread;
  private volatile boolean stopped;

  private record Watched(HardwareDevice hardware, Runnable pulled) {}

  private HardwareWatch(Predicate<HardwareDevice> isPresent) {
    this.isPresent = isPresent;
    this.thread = Thread.ofPlatform().daemon().name("memremap-hardware-watch").unstarted(this::run);
  }

  public static HardwareWatch start(Predicate<HardwareDevice> isPresent) {
    HardwareWatch watch = new HardwareWatch(isPresent);
    watch.thread.start();
    return watch;
  }

  /**
   * Watches a device.
   *
   * @param pulled run once when it is gone
   */
  public void add(HardwareDevice hardware, Runnable pulled) {
    watched.add(new Watched(hardware, pulled));
  }

  private void run() {
    while (!stopped) {
      look();
      try {
        Thread.sleep(PERIOD);
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  private void look() {
    for (Watched one : List.copyOf(watched)) {
      if (!stopped && isGone(one.hardware) && watched.remove(one)) {
        one.pulled.run();
      }
    }
  }

  /** What cannot be looked at now is looked at again, and ends no watch over the others. */
  private boolean isGone(HardwareDevice hardware) {
    try {
      return !isPresent.test(hardware);
    } catch (RuntimeException e) {
      return false;
    }
  }

  public void stop() {
    stopped = true;
    thread.interrupt();
  }
}
