// SPDX-License-Identifier: Apache-2.0
package dev.memremap.stress;

import dev.memremap.Machine;
import dev.memremap.machine.MachineDescription;
import dev.memremap.ref.Counting;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Readers look up, hold, touch and put random pages while writers register, kill and release page
 * maps over the same page frames.
 *
 * <pre>{@code java -cp stress.jar dev.memremap.stress.PagemapStress --seconds 600 --threads 8}
 * </pre>
 *
 * <p>Each writer has slots of its own. In one more slot, contenders map over each other's ranges,
 * where one of two must be refused.
 *
 * <p>Every life of a page map has its own number, written all over its memory before it is mapped.
 * A reader that holds a map, or a page of it, must see that number and no other, and must never
 * meet an exception. A map must drain when its last reference is put, its release callback must run
 * once, and in the end every table must be empty. Exit status 1 and one sentence at the first of
 * these that does not hold.
 */
public final class PagemapStress {
  private static final String MAP =
      """
      # phys-bits=46
      00001000-3fffffff : System RAM
      10000000000-1003fffffff : Persistent Memory (legacy)
      """;

  /** Where the slots begin, and how large they are: the writers' maps lie in them. */
  static final long BASE = 0x10000000000L;

  static final long SLOT_BYTES = 8L << 20;
  static final int SLOTS = 16;
  static final int WRITERS = 2;
  private static final int CONTENDERS = 2;

  private static final Logger LOGGER = Logger.getLogger("dev.memremap");

  private final Machine machine;
  private final Violations violations = new Violations();
  private final List<Reader> readers = new ArrayList<>();
  private final List<Writer> writers = new ArrayList<>();
  private final List<Contender> contenders = new ArrayList<>();

  private PagemapStress(Machine machine, int threads, long seed) {
    this.machine = machine;
    SplittableRandom random = new SplittableRandom(seed);
    for (int i = 0; i < threads; i++) {
      readers.add(new Reader(machine, random.split(), violations));
    }
    for (int i = 0; i < WRITERS; i++) {
      writers.add(new Writer(machine, random.split(), violations, i, WRITERS));
    }
    AtomicIntegerArray owners = Contender.owners();
    for (int i = 0; i < CONTENDERS; i++) {
      contenders.add(new Contender(machine, random.split(), violations, owners));
    }
  }

  /** Runs it; see the class. */
  public static void main(String[] args) throws InterruptedException {
    // that a live reference was unmapped is part of the plan here
    LOGGER.setLevel(Level.OFF);
    Arguments arguments = Arguments.parse(args, 8);
    long seconds = arguments.seconds();
    int threads = arguments.threads();
    long seed = arguments.seed();
    System.out.printf(
        "page maps under stress: %d s, %d readers, seed %d; %s%n",
        seconds, threads, seed, Counting.reason());
    String violation;
    try (Machine machine = Machine.simulated(MachineDescription.parse(MAP))) {
      PagemapStress stress = new PagemapStress(machine, threads, seed);
      violation = stress.run(Duration.ofSeconds(seconds));
      System.out.println(stress.summary());
    }
    if (violation != null) {
      System.err.printf("violated (seed %d): %s%n", seed, violation);
      System.exit(1);
    }
    System.out.println("nothing was violated");
  }

  private @Nullable String run(Duration duration) throws InterruptedException {
    List<Thread> reading = start(readers);
    List<Thread> writing = start(writers);
    List<Thread> contending = start(contenders);
    long end = System.nanoTime() + duration.toNanos();
    while (System.nanoTime() < end && violations.first() == null) {
      Thread.sleep(50);
    }
    // readers first: what they hold keeps the writers waiting
    readers.forEach(Reader::stop);
    join(reading);
    writers.forEach(Writer::stop);
    contenders.forEach(Contender::stop);
    join(writing);
    join(contending);
    if (violations.first() == null) {
      checkEmpty();
    }
    return violations.first();
  }

  private static List<Thread> start(List<? extends Runnable> workers) {
    return workers.stream()
        .map(
            worker ->
                Thread.ofPlatform().daemon().name(worker.getClass().getSimpleName()).start(worker))
        .toList();
  }

  private void join(List<Thread> threads) throws InterruptedException {
    for (Thread thread : threads) {
      if (!thread.join(Hang.AFTER)) {
        violations.add(thread.getName() + " hangs: a reference was lost");
      }
    }
  }

  private void checkEmpty() {
    if (machine.pagemaps().size() != 0) {
      violations.add("page maps are left: " + machine.pagemaps());
    }
    if (!machine.memtypes().isEmpty()) {
      violations.add("memory types are left: " + machine.memtypes());
    }
    if (!machine.liveMappings().isEmpty()) {
      violations.add("mappings are left: " + machine.liveMappings());
    }
  }

  private String summary() {
    long lives = writers.stream().mapToLong(Writer::lives).sum();
    long lookups = readers.stream().mapToLong(Reader::lookups).sum();
    long hits = readers.stream().mapToLong(Reader::hits).sum();
    long granted = contenders.stream().mapToLong(Contender::granted).sum();
    long refused = contenders.stream().mapToLong(Contender::refused).sum();
    return "%d lives of page maps, %d lookups, %d of them found one; contested: %d granted, %d refused"
        .formatted(lives, lookups, hits, granted, refused);
  }
}
