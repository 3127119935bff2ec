// SPDX-License-Identifier: Apache-2.0
package dev.memremap.stress;

import dev.memremap.ref.Counting;
import dev.memremap.ref.PercpuRef;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * Threads take and put a reference as fast as they can, while it is killed every millisecond,
 * drains, and begins its next life. jcstress cannot test that: to it, membarrier is a call like any
 * other.
 *
 * <pre>{@code java --enable-native-access=ALL-UNNAMED -Ddev.memremap.percpu=cells -cp stress.jar \
 *     dev.memremap.stress.PercpuRefKills --seconds 600}</pre>
 *
 * <p>Some holders are platform threads, some virtual, and some live for a few thousand references
 * only, so that cells change hands. If a reference is lost, the count drains under a holder, which
 * then sees that its life has ended; if one is gained, it never drains. The sum that every life
 * must end with shows either, too. Exit status 1 and one sentence at the first of these.
 */
public final class PercpuRefKills {
  private static final int SHORT_LIFE = 5_000;

  /** How many lives have ended; does not change while a reference is held. */
  private final AtomicLong lives = new AtomicLong();

  private final Violations violations = new Violations();
  private final PercpuRef ref = PercpuRef.init(lives::incrementAndGet, PercpuRef.Flag.ALLOW_REINIT);
  private final AtomicLong taken = new AtomicLong();
  private volatile boolean over;

  private PercpuRefKills() {}

  /** Runs it. */
  public static void main(String[] args) throws InterruptedException {
    Arguments arguments = Arguments.parse(args, 6);
    long seconds = arguments.seconds();
    int threads = arguments.threads();
    long seed = arguments.seed();
    System.out.printf(
        "kills of a reference: %d s, %d threads, seed %d; %s%n",
        seconds, threads, seed, Counting.reason());
    PercpuRefKills kills = new PercpuRefKills();
    kills.run(seconds, threads, new SplittableRandom(seed));
    String violation = kills.violations.first();
    if (violation != null) {
      System.err.printf("violated (seed %d): %s%n", seed, violation);
      // holders of a reference that was lost never end
      Runtime.getRuntime().halt(1);
    }
    System.out.println("nothing was violated");
  }

  private void run(long seconds, int threads, SplittableRandom random) throws InterruptedException {
    List<Thread> holders = new ArrayList<>();
    for (int i = 0; i < threads; i++) {
      SplittableRandom own = random.split();
      holders.add(
          switch (i % 3) {
            case 0 -> Thread.ofPlatform().start(() -> hold(own, Long.MAX_VALUE));
            case 1 -> Thread.ofPlatform().start(() -> holdInShortLives(own));
            default -> Thread.ofVirtual().start(() -> hold(own, Long.MAX_VALUE));
          });
    }
    long end = System.nanoTime() + Duration.ofSeconds(seconds).toNanos();
    long inCells = 0;
    while (System.nanoTime() - end < 0 && violations.first() == null) {
      LockSupport.parkNanos(1_000_000);
      inCells += ref.counting() == Counting.CELLS ? 1 : 0;
      kill();
      if (violations.first() == null) {
        ref.reinit();
      }
    }
    over = true;
    for (Thread holder : holders) {
      if (!holder.join(Hang.AFTER)) {
        violations.add("a holder hangs");
      }
    }
    if (violations.first() == null && ref.references() != 1) {
      violations.add(
          "the last life counts %d references, not the initial one".formatted(ref.references()));
    }
    if (inCells == 0 && System.getProperty("dev.memremap.percpu", "").equals("cells")) {
      violations.add("no life counted in cells: " + Counting.reason());
    }
    System.out.printf(
        Locale.ROOT,
        "%,d lives, %,d of them in cells, %,d references taken%n",
        lives.get(),
        inCells,
        taken.get());
  }

  private void kill() throws InterruptedException {
    long life = lives.get();
    ref.kill();
    if (ref.tryGetLive()) {
      violations.add("life %d: taken after the kill returned".formatted(life));
    }
    if (!ref.awaitZero(Hang.AFTER)) {
      violations.add(
          "life %d does not end: %d references are left, and no thread holds one"
              .formatted(life, ref.references()));
    }
    if (lives.get() != life + 1) {
      violations.add("life %d ended %d times".formatted(life, lives.get() - life));
    }
  }

  private void holdInShortLives(SplittableRandom random) {
    while (!over) {
      Thread holder = Thread.ofPlatform().start(() -> hold(random, SHORT_LIFE));
      try {
        holder.join();
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  private void hold(SplittableRandom random, long times) {
    long mine = 0;
    for (long i = 0; i < times && !over && violations.first() == null; i++) {
      if (!ref.tryGetLive()) {
        Thread.onSpinWait();
        continue;
      }
      mine++;
      long life = lives.get();
      int more = random.nextInt(8) == 0 ? random.nextInt(1, 4) : 0;
      if (more > 0) {
        ref.getMany(more);
      }
      if (random.nextInt(4096) == 0) {
        LockSupport.parkNanos(1);
      }
      if (lives.get() != life) {
        violations.add("life %d ended under a holder".formatted(life));
      }
      if (more > 0) {
        ref.putMany(more);
      }
      ref.put();
    }
    taken.addAndGet(mine);
  }
}
