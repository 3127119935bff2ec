// SPDX-License-Identifier: Apache-2.0
package dev.memremap.benchmarks.run;

import dev.memremap.benchmarks.Comparison;
import dev.memremap.benchmarks.Subject;
import dev.memremap.benchmarks.Unit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What was measured so far, by subject.
 *
 * <p>Thread safety: used by one thread.
 */
final class Ledger {
  /** Why a subject has no cost. */
  record Absence(String sentence, boolean broken) {}

  private final Map<Subject, Unit.Dimension> dimensions = new HashMap<>();
  private final Map<Subject, List<Cost.Fork>> forks = new HashMap<>();
  private final Map<Subject, Absence> absences = new HashMap<>();

  void add(Subject subject, Unit.Dimension dimension, Cost.Fork fork) {
    dimensions.put(subject, dimension);
    forks.computeIfAbsent(subject, key -> new ArrayList<>()).add(fork);
  }

  /** From now on the subject has no cost, whatever it had. */
  void absent(Subject subject, Absence absence) {
    absences.putIfAbsent(subject, absence);
  }

  boolean isAbsent(Subject subject) {
    return absences.containsKey(subject);
  }

  /** What was measured of a subject; null if nothing was, or it is absent. */
  @Nullable Cost cost(@Nullable Subject subject) {
    if (subject == null || isAbsent(subject)) {
      return null;
    }
    List<Cost.Fork> measured = forks.get(subject);
    Unit.Dimension dimension = dimensions.get(subject);
    return measured == null || dimension == null ? null : new Cost(dimension, measured);
  }

  Outcome outcome(Comparison row) {
    Absence absence = absences.get(row.ours());
    if (absence == null && row.peer() != null) {
      absence = absences.get(row.peer());
    }
    return new Outcome(
        row,
        cost(row.ours()),
        cost(row.peer()),
        absence == null ? "" : absence.sentence,
        absence != null && absence.broken);
  }
}
