// SPDX-License-Identifier: Apache-2.0
package dev.memremap.benchmarks.run;

import dev.memremap.benchmarks.run.Change.Standing;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * All that a run of two versions found.
 *
 * <p>Thread safety: immutable.
 *
 * @param surroundings where and when, and this version
 * @param there the other version's name
 * @param quick whether the figures only show that the benchmarks work
 * @param changes the rows, in the order of the table
 */
public record AgainstReport(
    Surroundings surroundings, String there, boolean quick, List<Change> changes) {
  /** Copies what it is given. */
  public AgainstReport {
    changes = List.copyOf(changes);
  }

  /** What the last column says of a row. */
  String verdict(Change change) {
    return switch (change.standing()) {
      case NOT_THERE -> "not in " + there;
      case NOT_COMPARED -> "not compared";
      case BROKEN -> "broken";
      case COMPARED ->
          quick
              ? "not judged"
              : change.overlaps()
                  ? "yes"
                  : change.isSlower() ? "no, slower" : change.isFaster() ? "no, faster" : "no";
    };
  }

  /** Sentences about benchmarks that failed. */
  public List<String> failures() {
    return changes.stream()
        .filter(change -> change.standing() == Standing.BROKEN)
        .map(Change::note)
        .distinct()
        .toList();
  }

  /** Rows with what stands about them below the table. */
  Map<String, String> notes() {
    Map<String, String> notes = new LinkedHashMap<>();
    for (Change change : changes) {
      if (!change.note().isEmpty()) {
        notes.put(change.row().name(), change.note());
      }
    }
    return notes;
  }

  /** The result in one sentence. */
  public String summary() {
    long compared = count(Standing.COMPARED);
    String left = compared == changes.size() ? "" : "; %s".formatted(notCompared());
    if (quick) {
      return "%s run in both versions, not judged: --quick is too short to be believed%s"
          .formatted(rows(compared), left);
    }
    return "%d of %s %s more than 10 %% slower than %s, with intervals that do not overlap%s"
        .formatted(slower(), rows(compared), slower() == 1 ? "is" : "are", there, left);
  }

  private String notCompared() {
    StringBuilder words = new StringBuilder();
    append(words, count(Standing.NOT_THERE), "not in " + there);
    append(words, count(Standing.NOT_COMPARED), "not compared");
    append(words, count(Standing.BROKEN), "broken");
    return words.toString();
  }

  private static void append(StringBuilder words, long count, String what) {
    if (count > 0) {
      words.append(words.isEmpty() ? "" : ", ").append(count).append(' ').append(what);
    }
  }

  private long slower() {
    return changes.stream().filter(Change::isSlower).count();
  }

  private long count(Standing standing) {
    return changes.stream().filter(change -> change.standing() == standing).count();
  }

  private static String rows(long count) {
    return count == 1 ? "1 row" : count + " rows";
  }
}
