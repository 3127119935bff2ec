// SPDX-License-Identifier: Apache-2.0
package dev.memremap.ref;

import dev.memremap.internal.teardown.Log;
import dev.memremap.spi.Membarrier;
import java.util.Locale;
import java.util.Optional;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Decides once whether threads of this JVM may count in {@link ThreadCells}: by {@code
 * -Ddev.memremap.percpu}, by the system, by whether a {@link Membarrier} is provided, and by a
 * trial.
 *
 * <p>Thread safety: {@code decided} is written once, under the class's lock, and volatile.
 */
final class FastPath {
  /** What the user chooses. */
  enum Wish {
    /** References that are taken often get cells; a thread of its own tries whether they work. */
    HOT,
    /** Every reference has cells at once. */
    CELLS,
    /** None has. */
    STRIPES
  }

  private static final String PROPERTY = "dev.memremap.percpu";

  static final Wish WISH = wish(System.getProperty(PROPERTY));

  private static final AtomicBoolean asked = new AtomicBoolean();
  private static volatile @Nullable Decision decided;

  /**
   * What was found.
   *
   * @param membarrier the barrier, if there are cells
   * @param reason why cells are used or not
   */
  record Decision(Optional<Membarrier> membarrier, String reason) {
    static Decision without(String reason) {
      return new Decision(Optional.empty(), reason);
    }
  }

  private FastPath() {}

  private static Wish wish(@Nullable String property) {
    return switch (property) {
      case null -> Wish.HOT;
      case "hot" -> Wish.HOT;
      case "cells" -> Wish.CELLS;
      case "stripes" -> Wish.STRIPES;
      default -> {
        log(
            "unknown value '%s' for -D%s; using 'hot' (valid: hot, cells, stripes)"
                .formatted(property, PROPERTY));
        yield Wish.HOT;
      }
    };
  }

  /** The decision, which the first call makes. */
  static Decision decision() {
    Decision known = decided;
    return known != null ? known : decide();
  }

  /** The barrier, if cells are known to work; the first call starts a thread that tries it. */
  static Optional<Membarrier> membarrierSoon() {
    Decision known = decided;
    if (known != null) {
      return known.membarrier();
    }
    if (WISH != Wish.STRIPES && asked.compareAndSet(false, true)) {
      try {
        Thread.ofPlatform().daemon().name("memremap-percpu").start(FastPath::decide);
      } catch (OutOfMemoryError noThread) {
        // no reason to fail a get; the next hot reference asks again
        asked.set(false);
      }
    }
    return Optional.empty();
  }

  static boolean isDecided() {
    return decided != null;
  }

  private static synchronized Decision decide() {
    Decision known = decided;
    if (known == null) {
      known = look();
      decided = known;
    }
    return known;
  }

  private static Decision look() {
    if (WISH == Wish.STRIPES) {
      return Decision.without("stripes were asked for by -D%s".formatted(PROPERTY));
    }
    Optional<String> elsewhere =
        whyNotHere(System.getProperty("os.arch"), System.getProperty("java.vm.name"));
    if (elsewhere.isPresent()) {
      return Decision.without(elsewhere.get());
    }
    try {
      // the loader of this library: the thread that happens to ask first may have any other
      return ServiceLoader.load(Membarrier.class, FastPath.class.getClassLoader())
          .findFirst()
          .map(FastPath::tried)
          .orElseGet(
              () ->
                  Decision.without(
                      "nothing provides a membarrier; the module dev.memremap.linux does, on Linux"));
    } catch (ServiceConfigurationError | RuntimeException e) {
      return Decision.without("the provider of membarrier cannot be used: " + e.getMessage());
    }
  }

  /** Where the argument of {@link ThreadCells} does not hold. */
  static Optional<String> whyNotHere(@Nullable String architecture, @Nullable String vm) {
    String arch = String.valueOf(architecture).toLowerCase(Locale.ROOT);
    if (!arch.equals("amd64") && !arch.equals("x86_64")) {
      return Optional.of("threads have cells on x86-64 only, and this is " + architecture);
    }
    String name = String.valueOf(vm);
    return name.contains("HotSpot") || name.startsWith("OpenJDK")
        ? Optional.empty()
        : Optional.of("threads have cells on HotSpot only, and this is " + vm);
  }

  static Decision tried(Membarrier membarrier) {
    Optional<String> whyNot = membarrier.register().or(() -> failedTrial(membarrier));
    if (whyNot.isEmpty()) {
      return new Decision(
          Optional.of(membarrier), "threads have cells of their own, with membarrier(2)");
    }
    return Decision.without(whyNot.get());
  }

  private static Optional<String> failedTrial(Membarrier membarrier) {
    Optional<String> failed = CellsTrial.fails(membarrier);
    failed.ifPresent(
        sentence -> log(sentence + "; references are counted in stripes, which is slower"));
    return failed;
  }

  /** Logs in a thread of its own: the caller may hold the lock of a reference, or of page maps. */
  private static void log(String sentence) {
    Log.warnSoon(sentence);
  }
}
