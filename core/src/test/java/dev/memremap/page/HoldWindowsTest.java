// SPDX-License-Identifier: Apache-2.0
package dev.memremap.page;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memremap.Lookup;
import dev.memremap.Machine;
import dev.memremap.PageHold;
import dev.memremap.machine.MachineDescription;
import dev.memremap.ref.PercpuRef;
import dev.memremap.resource.PhysRange;
import dev.memremap.windows.Race;
import dev.memremap.windows.Windows;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A hold is taken or closed, or a map is killed or unmapped, and before each of its steps another
 * thread does something else with the map.
 */
class HoldWindowsTest {
  private static final PhysRange RANGE = PhysRange.of(1L << 40, 2L << 20);
  private static final long PFN = RANGE.firstPfn(4096);

  /** So often a thread puts what it has not taken. */
  private static final int PUTS = 3;

  private static final Windows WINDOWS =
      Windows.in(
          "PagemapHold",
          "Lookup",
          "PageHold",
          "LifeHolds",
          "PagemapLife",
          "PageWord",
          "PercpuRef",
          "ModeCounts",
          "KillableCounts",
          "PercpuCounts",
          "AtomicCount",
          "Drain");

  /** Two things at once, with a map that lives by a caller's reference, and a hold of it. */
  static final class Held implements Race {
    private final Machine machine =
        Machine.simulated(
            MachineDescription.parse("# phys-bits=46\n00001000-3fffffff : System RAM\n"));
    private final AtomicInteger released = new AtomicInteger();
    private final AtomicInteger freed = new AtomicInteger();
    private final AtomicInteger pagePuts = new AtomicInteger();
    private final List<AutoCloseable> taken = new ArrayList<>();
    private final String[] words;
    private final PercpuRef ref;
    private final DevPagemap map;
    private final MemorySegment bytes;
    private final @Nullable Lookup lookup;
    private final @Nullable PageHold page;

    Held(String what) {
      words = what.split(" ");
      ref =
          words[0].equals("atomic")
              ? PercpuRef.init(released::incrementAndGet, PercpuRef.Flag.INIT_ATOMIC)
              : PercpuRef.init(released::incrementAndGet, PercpuRef.Flag.ALLOW_REINIT);
      map =
          DevPagemap.over(RANGE)
              .type(MemoryType.GENERIC)
              .ops(PagemapOps.none().withPageFree(free -> freed.incrementAndGet()))
              .ref(ref)
              .build();
      machine.memremapPages(map);
      bytes = map.segment();
      bytes.set(ValueLayout.JAVA_LONG, 0, 4711);
      boolean first = words[1].equals("lookup") && !words[2].equals("unhold");
      lookup = first ? null : machine.lookup(PFN);
      page = first ? null : machine.hold(PFN);
      if (words[2].equals("resurrect")) {
        ref.kill();
      }
    }

    @Override
    public void operation() {
      act(words[1]);
    }

    @Override
    public void meanwhile() {
      act(words[2]);
    }

    private void act(String what) {
      switch (what) {
        case "lookup" -> take(machine.lookup(PFN));
        case "hold" -> take(machine.hold(PFN));
        case "unhold" -> {
          lookup.close();
          page.close();
        }
        case "put" -> {
          for (int i = 0; i < PUTS; i++) {
            refusable(map::put);
            Page there = machine.page(PFN);
            if (there != null && refusable(there::put)) {
              pagePuts.incrementAndGet();
            }
          }
        }
        case "kill" -> refusable(ref::kill);
        case "unmap" -> machine.memunmapPages(map);
        case "resurrect" -> refusable(ref::resurrect);
        default -> throw new IllegalArgumentException(what);
      }
    }

    private void take(@Nullable AutoCloseable hold) {
      if (hold != null) {
        synchronized (taken) {
          taken.add(hold);
        }
      }
    }

    /** D-5: a put or a kill may come too late, or too often. */
    private static boolean refusable(Runnable step) {
      try {
        step.run();
        return true;
      } catch (IllegalStateException refused) {
        assertThat(refused).hasMessageContaining("D-5");
        return false;
      }
    }

    @Override
    public void check() throws Exception {
      if (map.state() == DevPagemap.State.LIVE || map.state() == DevPagemap.State.KILLED) {
        machine.memunmapPages(map);
      }
      boolean open =
          !taken.isEmpty()
              || (lookup != null && !words[1].equals("unhold") && !words[2].equals("unhold"));
      assertThat(map.state())
          .isEqualTo(open ? DevPagemap.State.DRAINING : DevPagemap.State.UNMAPPED);
      if (open) {
        assertThat(bytes.get(ValueLayout.JAVA_LONG, 0)).isEqualTo(4711);
        assertThat(released).hasValue(0);
      }
      for (AutoCloseable hold : taken) {
        hold.close();
      }
      if (lookup != null && page != null) {
        lookup.close();
        page.close();
      }
      assertThat(map.state()).isEqualTo(DevPagemap.State.UNMAPPED);
      assertThat(ref.references()).isZero();
      assertThat(released).hasValue(1);
      if (List.of(words).contains("unmap") || List.of(words).contains("kill")) {
        // C-14: there a put that frees the page may be the one at which too many are noticed
        assertThat(freed).hasValueGreaterThanOrEqualTo(pagePuts.get());
      } else {
        assertThat(freed).as("each put of the page's one reference").hasValue(pagePuts.get());
      }
    }

    @Override
    public void close() {
      machine.close();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "percpu lookup kill",
        "percpu lookup unmap",
        "percpu lookup put",
        "percpu hold kill",
        "percpu hold put",
        "percpu hold unhold",
        "percpu unhold unhold",
        "percpu unhold kill",
        "percpu unhold unmap",
        "percpu unhold put",
        "percpu kill lookup",
        "percpu kill hold",
        "percpu kill unhold",
        "percpu kill put",
        "percpu unmap lookup",
        "percpu unmap unhold",
        "percpu unmap put",
        "percpu put unmap",
        "percpu unhold resurrect",
        "percpu put unhold",
        "atomic lookup put",
        "atomic hold kill",
        "atomic unhold unhold",
        "atomic unmap unhold",
        "atomic unmap put",
        "atomic unmap lookup",
        "atomic put unhold",
        "atomic kill unhold"
      })
  @DisplayName("D-4, D-5 what is held stays whatever happens beside it, and goes when it is closed")
  void held(String what) throws Exception {
    assertThat(WINDOWS.openAll(Held.class, what)).isGreaterThan(3);
  }
}
