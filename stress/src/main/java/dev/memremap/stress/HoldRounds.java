// SPDX-License-Identifier: Apache-2.0
package dev.memremap.stress;

import dev.memremap.Device;
import dev.memremap.Lookup;
import dev.memremap.Machine;
import dev.memremap.PageHold;
import dev.memremap.machine.MachineDescription;
import dev.memremap.page.DevPagemap;
import dev.memremap.page.MemoryType;
import dev.memremap.page.Page;
import dev.memremap.page.PagemapOps;
import dev.memremap.ref.Counting;
import dev.memremap.ref.PercpuRef;
import dev.memremap.resource.PhysRange;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Two threads, D-4: A holds a page map or a page, B puts three references that it never took, and
 * the device is released. A reads its memory until it closes the hold, and the close throws
 * nothing; then the map is gone. Beside that both take and put references of their own.
 *
 * <pre>{@code java -cp stress.jar dev.memremap.stress.HoldRounds --rounds 100000 \
 *     --operations 10000000}</pre>
 *
 * <p>Every round has a new map, whose memory begins with the round's number. Its type, its
 * reference and what A holds are drawn. Exit status 1 and one sentence at the first thing that does
 * not hold.
 */
public final class HoldRounds {
  private static final String MAP =
      """
      # phys-bits=46
      00001000-3fffffff : System RAM
      10000000000-100001fffff : Persistent Memory (legacy)
      """;

  private static final PhysRange RANGE = PhysRange.of(1L << 40, 2L << 20);
  private static final int PUTS_TOO_MANY = 3;
  private static final List<MemoryType> TYPES =
      List.of(MemoryType.GENERIC, MemoryType.FS_DAX, MemoryType.COHERENT);

  private static final Logger LOGGER = Logger.getLogger("dev.memremap");

  private final Machine machine;
  private final Device device;
  private final long pfn;
  private final long pairs;
  private final SplittableRandom random;
  private final Violations violations = new Violations();
  private final SynchronousQueue<DevPagemap> toB = new SynchronousQueue<>();
  private final SynchronousQueue<Long> toA = new SynchronousQueue<>();

  private HoldRounds(Machine machine, long pairs, SplittableRandom random) {
    this.machine = machine;
    this.device = machine.newDevice("device");
    this.pfn = RANGE.firstPfn(machine.pageSize());
    this.pairs = pairs;
    this.random = random;
  }

  /** Runs it; see the class. */
  public static void main(String[] args) throws InterruptedException {
    // that references are put too often is part of the plan here
    LOGGER.setLevel(Level.OFF);
    Arguments arguments = Arguments.parse(args, 2);
    long rounds = arguments.rounds();
    long seed = arguments.seed();
    // a pair is a get and a put, and each of the two threads makes them
    long pairs = Math.ceilDiv(arguments.operations(), 4 * rounds);
    System.out.printf(
        "holds against puts: %d rounds, seed %d; %s%n", rounds, seed, Counting.reason());
    try (Machine machine = Machine.simulated(MachineDescription.parse(MAP))) {
      HoldRounds run = new HoldRounds(machine, pairs, new SplittableRandom(seed));
      String violation = run.run(rounds);
      if (violation != null) {
        System.err.printf("violated (seed %d): %s%n", seed, violation);
        // a map that does not drain would keep the machine from being closed
        Runtime.getRuntime().halt(1);
      }
    }
    System.out.println("nothing was violated");
  }

  private @Nullable String run(long rounds) throws InterruptedException {
    Thread b = Thread.ofPlatform().daemon().name("B").start(this::putAndRelease);
    long tried = 0;
    long putTooMany = 0;
    for (long round = 1; round <= rounds && violations.first() == null; round++) {
      try {
        tried += hold(round);
        putTooMany += answer(round);
      } catch (RuntimeException | Error e) {
        violations.add("A, in round " + round, e);
      }
    }
    b.interrupt();
    if (machine.pagemaps().size() > 0 && violations.first() == null) {
      violations.add("page maps are left: " + machine.pagemaps());
    }
    System.out.printf(
        Locale.ROOT,
        "%,d gets and puts tried by A, as many by B, %,d puts too many were granted%n",
        tried,
        putTooMany);
    return violations.first();
  }

  /** How many puts too many B was granted; 0 after a violation, which B may have met. */
  private long answer(long round) throws InterruptedException {
    long end = System.nanoTime() + Hang.AFTER.toNanos();
    while (violations.first() == null && System.nanoTime() - end < 0) {
      Long granted = toA.poll(1, TimeUnit.SECONDS);
      if (granted != null) {
        return granted;
      }
    }
    violations.add("round %d: B does not answer".formatted(round));
    return 0;
  }

  /** Hands a map to B; after a violation B may be gone, and the map stays. */
  private void hand(DevPagemap map) throws InterruptedException {
    long end = System.nanoTime() + Hang.AFTER.toNanos();
    while (violations.first() == null && System.nanoTime() - end < 0) {
      if (toB.offer(map, 1, TimeUnit.SECONDS)) {
        return;
      }
    }
    violations.add("B does not take " + map);
  }

  /** What A does in a round. */
  private long hold(long round) throws InterruptedException {
    PercpuRef ref =
        switch (random.nextInt(3)) {
          case 0 -> PercpuRef.init();
          case 1 -> PercpuRef.init(PercpuRef.Flag.INIT_ATOMIC);
          default -> null;
        };
    MemoryType type = TYPES.get(random.nextInt(TYPES.size()));
    DevPagemap.Builder builder =
        DevPagemap.over(RANGE)
            .type(type)
            .name("map of round " + round)
            .owner(this)
            .ops(
                PagemapOps.none()
                    .withPageFree(page -> {})
                    .withMigrateToRam(page -> PagemapOps.MigrateToRam.Outcome.SIGBUS));
    DevPagemap map = (ref == null ? builder : builder.ref(ref)).build();
    device.memremapPages(map).set(ValueLayout.JAVA_LONG, 0, round);
    Page page = machine.pfnToPage(pfn);
    if (type.isHandedOut()) {
      page.zoneDeviceInit();
    }
    long tried;
    if (random.nextBoolean()) {
      Lookup held = require(machine.lookup(pfn), round);
      hand(map);
      tried = getAndPut();
      readUntilReleased(held.page().segment(), map, round);
      held.close();
    } else {
      PageHold held = require(machine.hold(pfn), round);
      hand(map);
      tried = getAndPut();
      readUntilReleased(held.segment(), map, round);
      held.close();
    }
    return tried;
  }

  private static <T> T require(@Nullable T held, long round) {
    if (held == null) {
      throw new IllegalStateException("round %d: a live map is not found".formatted(round));
    }
    return held;
  }

  private void readUntilReleased(MemorySegment bytes, DevPagemap map, long round)
      throws InterruptedException {
    long looks = random.nextInt(200);
    boolean draining = false;
    for (long look = 0; !draining || look < looks; look++) {
      if (bytes.get(ValueLayout.JAVA_LONG, 0) != round) {
        violations.add("round %d: A read another map's memory under its hold".formatted(round));
        return;
      }
      DevPagemap.State state = map.state();
      if (state == DevPagemap.State.UNMAPPED) {
        violations.add("round %d: the map is gone under A's hold".formatted(round));
      }
      if (violations.first() != null) {
        return; // this one, or what B met
      }
      draining = state == DevPagemap.State.DRAINING;
      if ((look & 63) == 63) {
        LockSupport.parkNanos(1);
      }
    }
  }

  /**
   * References without holds: another's put may take them, and then their own put is refused.
   *
   * @return how many gets and puts were tried: two of each pair, also where the get found no map or
   *     the put was refused
   */
  private long getAndPut() {
    for (long i = 0; i < pairs; i++) {
      DevPagemap found = machine.getDevPagemap(pfn, null);
      if (found != null) {
        put(found);
      }
    }
    return 2 * pairs;
  }

  private static boolean put(DevPagemap map) {
    try {
      map.put();
      return true;
    } catch (IllegalStateException refused) {
      return false;
    }
  }

  /** What B does in all rounds. */
  private void putAndRelease() {
    try {
      while (true) {
        DevPagemap map = toB.take();
        long granted = 0;
        for (int i = 0; i < PUTS_TOO_MANY; i++) {
          granted += put(map) ? 1 : 0;
        }
        Page page = machine.page(pfn);
        for (int i = 0; page != null && i < PUTS_TOO_MANY; i++) {
          putPage(page);
        }
        getAndPut();
        device.release(Hang.AFTER);
        awaitGone(map);
        toA.put(granted);
      }
    } catch (InterruptedException over) {
      // all rounds were made
    } catch (RuntimeException | Error e) {
      violations.add("B", e);
    }
  }

  private static void putPage(Page page) {
    try {
      page.put();
    } catch (IllegalStateException refused) {
      // only A's hold is left
    }
  }

  /** The release of a caller's reference does not wait for A. */
  private void awaitGone(DevPagemap map) throws InterruptedException {
    long end = System.nanoTime() + Hang.AFTER.toNanos();
    while (map.state() != DevPagemap.State.UNMAPPED) {
      if (System.nanoTime() - end > 0) {
        violations.add(map + " never drained");
        return;
      }
      LockSupport.parkNanos(1);
    }
  }
}
