// SPDX-License-Identifier: Apache-2.0
package dev.memremap.conformance;

import dev.memremap.conformance.generator.Dialect;
import dev.memremap.conformance.generator.Dialect.Feature;
import dev.memremap.page.MemoryType;
import dev.memremap.scenario.Answers;
import dev.memremap.scenario.Kernel;
import dev.memremap.scenario.Scenario;
import dev.memremap.scenario.ScenarioSyntaxException;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A real kernel that answers scenarios. Each machine is a guest, booted when its first scenario
 * comes and kept for the next ones; after each scenario everything it made is undone.
 *
 * <p>Thread safety: any thread may ask; one scenario runs at a time, guarded by this object's lock.
 */
public final class KernelExecutor implements Judge {
  /** How often a scenario is asked at most, whose guest's QEMU is killed each time. */
  static final int MOST_ASKED = 3;

  private static final System.Logger LOG = System.getLogger("dev.memremap.conformance");

  /** How a guest is booted. */
  interface Boot {
    JudgeGuest of(JudgeMachine machine) throws InterruptedException;
  }

  private final GuestKernel kernel;
  private final Boot boot;
  private final Duration answerLimit;
  private final Map<JudgeMachine, JudgeGuest> guests = new EnumMap<>(JudgeMachine.class);
  private @Nullable Path module;

  private KernelExecutor(GuestKernel kernel) {
    this.kernel = kernel;
    this.boot = this::start;
    this.answerLimit = GuestLimits.find().answer();
  }

  /** One whose guests are booted by somebody else. */
  KernelExecutor(GuestKernel kernel, Boot boot, Duration answerLimit) {
    this.kernel = kernel;
    this.boot = boot;
    this.answerLimit = answerLimit;
  }

  /**
   * One that has booted nothing yet.
   *
   * @throws IllegalArgumentException if the patience of {@link GuestLimits} is set to nonsense
   */
  public static KernelExecutor of(GuestKernel kernel) {
    return new KernelExecutor(kernel);
  }

  /** Why no kernel can answer here: a sentence with what to install or run; empty if one can. */
  public static Optional<String> whatIsMissing() {
    return GuestMachine.whatIsMissing().or(() -> whatIsMissingFor(GuestKernel.find()));
  }

  private static Optional<String> whatIsMissingFor(GuestKernel kernel) {
    try {
      new KernelModule(kernel).requireTools();
      return Optional.empty();
    } catch (GuestUnavailableException e) {
      return Optional.of(String.valueOf(e.getMessage()));
    }
  }

  /** The kernel's version, as comparisons want it. */
  @Override
  public Kernel kernel() {
    return new Kernel(kernel.series());
  }

  /** What this kernel's version and configuration let it answer. */
  @Override
  public Dialect dialect() {
    boolean embeddedReference = kernel.isAtLeast(5, 17);
    Set<MemoryType> types = EnumSet.allOf(MemoryType.class);
    if (!kernel.isConfigured("DEVICE_PRIVATE")) {
      types.remove(MemoryType.PRIVATE);
    }
    if (!kernel.isAtLeast(6, 0)) {
      types.remove(MemoryType.COHERENT);
    }
    Set<Feature> features = EnumSet.noneOf(Feature.class);
    features.add(embeddedReference ? Feature.COMPOUND_PAGES : Feature.CALLERS_REFERENCE);
    if (!kernel.isAtLeast(7, 0)) {
      // a tail finds its head by a mask of its own address since then
      features.add(Feature.HEADS_ANYWHERE);
    }
    if (kernel.isAtLeast(6, 1)) {
      features.add(Feature.HAND_OUTS);
    }
    if (kernel.isAtLeast(6, 19)) {
      features.add(Feature.ORDERS);
    }
    if (kernel.isConfigured("GET_FREE_REGION")) {
      features.add(Feature.FREE_REGIONS);
    }
    return new Dialect(types, features);
  }

  /**
   * The kernel's answers, one to each operation. Where QEMU is killed, a new guest is asked once
   * more, twice at most, and a line of the log says so.
   *
   * @throws ScenarioSyntaxException if no guest has the scenario's machine
   * @throws ScenarioCrashException if the guest panicked, hung or ended on a line; the next
   *     scenario has a new guest
   * @throws GuestKilledException if QEMU was killed each time, which says nothing about the kernel
   * @throws GuestException if the guest did not boot
   * @throws InterruptedException if this thread was interrupted; the guest is gone then
   */
  @Override
  public synchronized Answers answer(Scenario scenario) throws InterruptedException {
    JudgeMachine machine = JudgeMachine.required(scenario);
    for (int asked = 1; ; asked++) {
      JudgeGuest guest = guest(machine);
      try {
        return answer(scenario, machine, guest);
      } catch (GuestKilledException e) {
        if (asked == MOST_ASKED) {
          throw e;
        }
        LOG.log(
            Level.WARNING,
            "A new guest is asked (%d of %d): %s".formatted(asked + 1, MOST_ASKED, e.getMessage()));
      }
    }
  }

  private Answers answer(Scenario scenario, JudgeMachine machine, JudgeGuest guest)
      throws InterruptedException {
    boolean answered = false;
    try {
      String answers = guest.answer(scenario, answerLimit);
      answered = true;
      return Answers.parse(scenario.path(), answers);
    } finally {
      if (!answered) {
        guests.remove(machine);
        guest.close();
      }
    }
  }

  private JudgeGuest guest(JudgeMachine machine) throws InterruptedException {
    JudgeGuest guest = guests.get(machine);
    if (guest == null) {
      guest = boot.of(machine);
      guests.put(machine, guest);
    }
    return guest;
  }

  private JudgeGuest start(JudgeMachine machine) throws InterruptedException {
    Path built = module;
    if (built == null) {
      built = new KernelModule(kernel).file();
      module = built;
    }
    return JudgeGuest.start(kernel, machine, built, answerLimit);
  }

  /** Kills its guests. */
  @Override
  public synchronized void close() {
    guests.values().forEach(JudgeGuest::close);
    guests.clear();
  }
}
