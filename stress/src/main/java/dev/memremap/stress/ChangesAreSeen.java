// SPDX-License-Identifier: Apache-2.0
package dev.memremap.stress;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import dev.memremap.Machine;
import dev.memremap.Mapping;
import dev.memremap.devres.Devres;
import dev.memremap.machine.MachineDescription;
import dev.memremap.page.DevPagemap;
import dev.memremap.page.MemoryType;
import dev.memremap.plan.MemremapFlag;
import dev.memremap.resource.PhysRange;
import dev.memremap.resource.ResourceSnapshot;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Mode;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.Signal;
import org.openjdk.jcstress.annotations.State;

/**
 * A reader that looks again and again sees a change at some time.
 *
 * <p>At stake is that what readers look at without a lock is volatile: the root of the table of
 * page maps, the snapshot of the resource tree, whether a mapping is open; and that the size of a
 * device's list is read under its lock. Were one of them plain, a compiler would read it once,
 * before the loop.
 */
@JCStressTest(Mode.Termination)
@Outcome(id = "TERMINATED", expect = ACCEPTABLE, desc = "the change was seen")
@Outcome(expect = FORBIDDEN, desc = "the change was never seen")
@State
public class ChangesAreSeen {
  private static final Logger LOGGER = Logger.getLogger("dev.memremap");
  private static final MachineDescription DESCRIPTION =
      MachineDescription.parse(
          """
          # phys-bits=46
          00001000-3fffffff : System RAM
          10000000000-1003fffffff : Persistent Memory (legacy)
          """);
  private static final PhysRange DEVICE_MEMORY = PhysRange.parse("0x10000000000+2M");
  private static final long PFN = 0x10000000L;

  private static final AtomicReference<@Nullable Machine> LAST = new AtomicReference<>();
  private static final AtomicInteger TURN = new AtomicInteger();

  private final Machine machine = Machine.simulated(DESCRIPTION);
  private final int structure = TURN.getAndIncrement() % 4;
  private final ResourceSnapshot before = machine.resources();
  private final Mapping mapping = machine.memremap(PhysRange.of(0x1000, 4096), MemremapFlag.WB);
  private final Devres devres = new Devres();

  /** Makes the state of one run, after the one before has ended. */
  public ChangesAreSeen() {
    // a page map that stays mapped until its machine closes is part of the plan here
    LOGGER.setLevel(Level.OFF);
    Machine previous = LAST.getAndSet(machine);
    if (previous != null) {
      previous.close();
    }
  }

  /** Looks until it sees the change. */
  @Actor
  public void reader() {
    switch (structure) {
      case 0 -> awaitPage(machine);
      case 1 -> awaitResources(machine, before);
      case 2 -> awaitClose(mapping);
      default -> awaitRecord(devres);
    }
  }

  private static void awaitPage(Machine machine) {
    while (machine.page(PFN) == null) {}
  }

  private static void awaitResources(Machine machine, ResourceSnapshot before) {
    while (machine.resources() == before) {}
  }

  private static void awaitClose(Mapping mapping) {
    while (mapping.isOpen()) {}
  }

  private static void awaitRecord(Devres devres) {
    while (devres.size() == 0) {}
  }

  /** Changes what the reader looks at. */
  @Signal
  public void writer() {
    switch (structure) {
      case 0 ->
          machine.memremapPages(DevPagemap.over(DEVICE_MEMORY).type(MemoryType.GENERIC).build());
      case 1 -> machine.newDevice("model").requestMemRegion(DEVICE_MEMORY, "region");
      case 2 -> mapping.close();
      default -> devres.addAction(() -> {});
    }
  }
}
