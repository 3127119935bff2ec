// SPDX-License-Identifier: Apache-2.0
package dev.memremap.reading;

import dev.memremap.machine.MachineDescription;
import dev.memremap.machine.MachineDescription.Bar;
import dev.memremap.rule.Fact;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The BARs that {@code lspci} lists, and which of them a machine can have: those that lie in its
 * map.
 *
 * @param file the list's name
 * @param taken those that the machine gets
 * @param unlisted those that lie in no resource that devices have
 * @param twice those that the machine or the list has already
 */
record LspciBars(String file, List<Bar> taken, List<Bar> unlisted, List<Bar> twice) {
  LspciBars {
    taken = List.copyOf(taken);
    unlisted = List.copyOf(unlisted);
    twice = List.copyOf(twice);
  }

  static LspciBars of(String file, List<Bar> bars, MachineDescription machine) {
    Set<String> seen = new HashSet<>();
    machine.bars().forEach(bar -> seen.add(register(bar)));
    List<Bar> taken = new ArrayList<>();
    List<Bar> unlisted = new ArrayList<>();
    List<Bar> twice = new ArrayList<>();
    for (Bar bar : bars) {
      if (!bar.isListedIn(machine.root())) {
        unlisted.add(bar);
      } else if (!seen.add(register(bar))) {
        twice.add(bar);
      } else {
        taken.add(bar);
      }
    }
    return new LspciBars(file, taken, unlisted, twice);
  }

  /** A word for the register, unique in a machine. */
  static String register(Bar bar) {
    return bar.device() + "," + bar.index();
  }

  /** A machine with all that were taken, which are checked in one step. */
  MachineDescription addedTo(MachineDescription machine) {
    if (taken.isEmpty()) {
      return machine;
    }
    List<Bar> bars = new ArrayList<>(machine.bars());
    bars.addAll(taken);
    return machine.withBars(bars, new MachineDescription.Origin(Fact.Source.READ, file));
  }

  void remark(Remarks remarks) {
    remark(remarks, unlisted, "in no resource of the map but System RAM");
    remark(remarks, twice, "given already");
  }

  private void remark(Remarks remarks, List<Bar> left, String why) {
    if (left.isEmpty()) {
      return;
    }
    Bar first = left.getFirst();
    String named = "BAR %d of %s at %s".formatted(first.index(), first.device(), first.range());
    remarks.doubt(
        file,
        left.size() == 1
            ? "left out: %s, %s".formatted(named, why)
            : "left out: %d BARs, %s; the first is %s".formatted(left.size(), why, named));
  }
}
