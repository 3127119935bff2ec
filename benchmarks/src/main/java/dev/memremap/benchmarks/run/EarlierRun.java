// SPDX-License-Identifier: Apache-2.0
package dev.memremap.benchmarks.run;

import dev.memremap.benchmarks.Comparison;
import dev.memremap.benchmarks.Goal;
import dev.memremap.benchmarks.Subject;
import dev.memremap.benchmarks.Subject.Benchmarked;
import dev.memremap.benchmarks.Unit;
import dev.memremap.cli.json.JsonDocument;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Reads what {@link JsonFile} wrote, so that what was measured can be judged and written anew:
 * after the reason of a miss was found, or when points were measured one by one. Every value is
 * looked at, also those that are computed anew and not taken.
 */
public final class EarlierRun {
  private EarlierRun() {}

  /**
   * The rows that the files have, judged by the goals of today.
   *
   * @param all all rows there are
   * @param chosen those of them that are wanted; those that no file has are left out
   * @param files of one commit on one machine; of a row that several have, the last counts
   * @throws IllegalArgumentException if a file is not one of ours, or they do not belong together;
   *     the sentence says which file, where in it, and what is wrong
   */
  public static Report read(List<Comparison> all, List<Comparison> chosen, List<Path> files) {
    Json first = null;
    Map<String, Json> byName = new HashMap<>();
    for (Path file : files) {
      Json run = checked(Json.of(file), all);
      first = first == null ? run : first;
      for (String sameness : List.of("commit", "quick", "machine")) {
        if (!run.get(sameness).node().equals(first.get(sameness).node())) {
          throw new IllegalArgumentException(
              "%s and %s differ in their %s: a table is of one commit on one machine"
                  .formatted(files.getFirst(), file, sameness));
        }
      }
      run.get("rows").array(1).forEach(row -> byName.put(row.get("name").text(), row));
    }
    if (first == null) {
      throw new IllegalArgumentException("no file to read");
    }
    List<Outcome> outcomes = new ArrayList<>();
    for (Comparison row : chosen) {
      Json json = byName.get(row.name());
      if (json != null) {
        outcomes.add(outcome(row, json));
      }
    }
    if (outcomes.isEmpty()) {
      throw new IllegalArgumentException(
          "%s has none of the rows that --only names".formatted(files.getFirst()));
    }
    return new Report(surroundings(first), first.get("quick").truth(), outcomes);
  }

  private static Json checked(Json run, List<Comparison> all) {
    run.object();
    if (!run.get("against").isMissing()) {
      throw run.wrong(
          "is a comparison of two versions: the bench.json of a run without --against is needed");
    }
    if (!run.get("version").isMissing()) {
      // files that were written before there was a version have the same members
      run.get("version").whole(JsonDocument.VERSION, JsonDocument.VERSION);
      run.get("command").text("'bench'", "bench"::equals);
    }
    surroundings(run);
    run.get("quick").truth();
    Map<String, Comparison> known =
        all.stream().collect(Collectors.toMap(Comparison::name, Function.identity()));
    Set<String> names = new HashSet<>();
    for (Json row : run.get("rows").array(1)) {
      String name = row.object().get("name").text();
      Comparison comparison = known.get(name);
      if (comparison == null) {
        throw row.get("name").wrong("is '%s', which is not a row".formatted(name));
      }
      if (!names.add(name)) {
        throw row.get("name").wrong("is '%s', which an earlier row is, too".formatted(name));
      }
      check(comparison, row);
    }
    return run;
  }

  private static Surroundings surroundings(Json run) {
    Json machine = run.get("machine").object();
    return new Surroundings(
        machine.get("processor").text(),
        Math.toIntExact(machine.get("cores").whole(1, Integer.MAX_VALUE)),
        machine.get("memoryKib").whole(0, Long.MAX_VALUE),
        machine.get("system").text(),
        machine.get("jdk").text(),
        machine.get("flags").array(0).stream().map(Json::text).toList(),
        run.get("commit").text("a hash or nothing", text -> text.matches("([0-9a-f]{7,64}\\+?)?")),
        Instant.parse(
            run.get("date").text("a time such as 2026-01-31T12:00:00Z", EarlierRun::isTime)));
  }

  private static boolean isTime(String text) {
    try {
      Instant.parse(text);
      return true;
    } catch (DateTimeException e) {
      return false;
    }
  }

  /** What is written for people and programs that read the file, and not taken from it. */
  private static void check(Comparison row, Json json) {
    json.get("point").text("'" + row.point().word() + "'", row.point().word()::equals);
    json.get("what").text();
    json.get("verdict")
        .text(
            "a verdict",
            text -> Arrays.stream(Verdict.values()).map(Verdict::words).anyMatch(text::equals));
    for (String optional : List.of("reason", "absence")) {
      if (!json.get(optional).isMissing()) {
        json.get(optional).text();
      }
    }
    if (!json.get("intervalsOverlap").isMissing()) {
      json.get("intervalsOverlap").truth();
    }
    if (!json.get("oursByPeer").isMissing()) {
      json.get("oursByPeer").notNegative();
    }
    Json goal = json.get("goal");
    if (!goal.isMissing()) {
      goal.object();
      for (String bound : List.of("oursByPeerAtMost", "peerByOursAtLeast", "oursAtMost")) {
        if (!goal.get(bound).isMissing()) {
          goal.get(bound).notNegative();
        }
      }
      if (!goal.get("overlapping").isMissing()) {
        goal.get("overlapping").truth();
      }
      if (!goal.get("unit").isMissing()) {
        dimension(goal.get("unit"));
      }
    }
    Unit.@Nullable Dimension kind = kind(row);
    kind = checkSide(json.get("ours"), kind);
    if (row.peer() != null) {
      json.get("peer").object().get("what").text();
      checkSide(json.get("peer"), kind);
    }
    boolean measured =
        !json.get("ours").get("forks").isMissing()
            && (row.peer() == null || !json.get("peer").get("forks").isMissing());
    if (!measured) {
      json.get("absence").text("why a side was not measured", text -> !text.isEmpty());
    }
  }

  /** Time for a benchmark of JMH; else what the goal is counted in, if it says that. */
  private static Unit.@Nullable Dimension kind(Comparison row) {
    return row.ours() instanceof Benchmarked
        ? JmhFork.dimension()
        : row.goal() instanceof Goal.AtMost most ? most.unit().dimension() : null;
  }

  /**
   * Looks at one side.
   *
   * @param kind what its cost must be counted in; null if that may be anything
   * @return what the other side's cost must be counted in
   */
  private static Unit.@Nullable Dimension checkSide(Json side, Unit.@Nullable Dimension kind) {
    side.object().get("subject").text();
    if (!side.get("benchmark").isMissing()) {
      side.get("benchmark").text();
      side.get("threads").whole(0, Integer.MAX_VALUE);
      Json params = side.get("params").object();
      params.node().propertyNames().forEach(name -> params.get(name).text());
    }
    Cost cost = cost(side);
    if (cost == null) {
      return kind;
    }
    if (kind != null && cost.dimension() != kind) {
      throw side.get("unit")
          .wrong(
              "is %s: this row is counted in %s"
                  .formatted(JsonFile.unit(cost.dimension()), JsonFile.unit(kind)));
    }
    return cost.dimension();
  }

  private static Outcome outcome(Comparison row, Json json) {
    boolean broken = json.get("verdict").text().equals(Verdict.BROKEN.words());
    return new Outcome(
        row,
        cost(row, row.ours(), json.get("ours")),
        cost(row, row.peer(), json.get("peer")),
        json.get("absence").isMissing() ? "" : json.get("absence").text(),
        broken);
  }

  private static @Nullable Cost cost(Comparison row, @Nullable Subject subject, Json side) {
    if (subject == null) {
      return null;
    }
    String measured = side.get("subject").text();
    if (!measured.equals(subject.words())) {
      throw side.get("subject")
          .wrong(
              "is '%s', and %s is measured by '%s' now: measure it anew"
                  .formatted(measured, row.name(), subject.words()));
    }
    return cost(side);
  }

  private static @Nullable Cost cost(Json side) {
    if (side.get("forks").isMissing()) {
      return null;
    }
    Unit.Dimension dimension = dimension(side.get("unit"));
    for (String summary : List.of("median", "low", "high")) {
      amount(side.get(summary), dimension);
    }
    List<Cost.Fork> forks = new ArrayList<>();
    for (Json fork : side.get("forks").array(1)) {
      forks.add(
          new Cost.Fork(
              amount(fork.object().get("cost"), dimension),
              fork.get("iterations").array(1).stream()
                  .map(iteration -> amount(iteration, dimension))
                  .toList()));
    }
    return new Cost(dimension, forks);
  }

  /** Something always takes time; it may need no bytes and no pieces. */
  private static double amount(Json json, Unit.Dimension dimension) {
    return dimension == Unit.Dimension.TIME ? json.positive() : json.notNegative();
  }

  private static Unit.Dimension dimension(Json json) {
    Map<String, Unit.Dimension> byUnit =
        Arrays.stream(Unit.Dimension.values())
            .collect(Collectors.toMap(JsonFile::unit, Function.identity()));
    String unit =
        json.text(
            byUnit.keySet().stream().sorted().collect(Collectors.joining(", ")),
            byUnit::containsKey);
    return Objects.requireNonNull(byUnit.get(unit));
  }
}
