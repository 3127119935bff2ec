// SPDX-License-Identifier: Apache-2.0
package dev.memremap.benchmarks.run;

import dev.memremap.benchmarks.Comparison;
import dev.memremap.benchmarks.Subject;
import dev.memremap.benchmarks.Unit;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Reads what {@link JsonFile} wrote, so that what was measured can be judged and written anew:
 * after the reason of a miss was found, or when points were measured one by one.
 */
public final class EarlierRun {
  private EarlierRun() {}

  /**
   * The rows that the files have, judged by the goals of today.
   *
   * @param rows all rows there are; those that no file has are left out
   * @param files of one commit on one machine; of a row that several have, the last counts
   * @throws IllegalArgumentException if a file is none of ours, or they do not belong together
   */
  public static Report read(List<Comparison> rows, List<Path> files) throws IOException {
    JsonNode first = null;
    Map<String, JsonNode> byName = new HashMap<>();
    for (Path file : files) {
      JsonNode run = parsed(file);
      first = first == null ? run : first;
      for (String sameness : List.of("/commit", "/quick", "/machine")) {
        if (!run.at(sameness).equals(first.at(sameness))) {
          throw new IllegalArgumentException(
              "%s and %s differ in their %s: a table is of one commit on one machine"
                  .formatted(files.getFirst(), file, sameness.substring(1)));
        }
      }
      run.at("/rows").forEach(row -> byName.put(row.at("/name").asString(), row));
    }
    if (first == null) {
      throw new IllegalArgumentException("there is no file to read");
    }
    List<Outcome> outcomes = new ArrayList<>();
    for (Comparison row : rows) {
      Optional.ofNullable(byName.get(row.name()))
          .ifPresent(node -> outcomes.add(outcome(row, node)));
    }
    return new Report(surroundings(first), first.at("/quick").asBoolean(), outcomes);
  }

  private static JsonNode parsed(Path file) throws IOException {
    try {
      JsonNode root = JsonMapper.shared().readTree(Files.readString(file));
      if (root.at("/rows").isArray() && root.at("/machine").isObject()) {
        return root;
      }
    } catch (JacksonException e) {
      // the sentence below says it
    }
    throw new IllegalArgumentException(file + " is no bench.json of memremap bench");
  }

  private static Surroundings surroundings(JsonNode root) {
    JsonNode machine = root.at("/machine");
    List<String> flags = new ArrayList<>();
    machine.at("/flags").forEach(flag -> flags.add(flag.asString()));
    return new Surroundings(
        machine.at("/processor").asString(),
        machine.at("/cores").asInt(),
        machine.at("/memoryKib").asLong(),
        machine.at("/system").asString(),
        machine.at("/jdk").asString(),
        flags,
        root.at("/commit").asString(),
        Instant.parse(root.at("/date").asString()));
  }

  private static Outcome outcome(Comparison row, JsonNode node) {
    boolean broken = node.at("/verdict").asString().equals(Verdict.BROKEN.words());
    return new Outcome(
        row,
        cost(row, row.ours(), node.at("/ours")),
        cost(row, row.peer(), node.at("/peer")),
        node.at("/absence").asString(""),
        broken);
  }

  private static @Nullable Cost cost(Comparison row, @Nullable Subject subject, JsonNode node) {
    if (subject == null) {
      return null;
    }
    String measured = node.at("/subject").asString("");
    if (!measured.equals(subject.words())) {
      throw new IllegalArgumentException(
          "%s was measured by '%s' and is '%s' now: measure it anew"
              .formatted(row.name(), measured, subject.words()));
    }
    List<Cost.Fork> forks = new ArrayList<>();
    for (JsonNode fork : node.at("/forks")) {
      List<Double> iterations = new ArrayList<>();
      fork.at("/iterations").forEach(iteration -> iterations.add(iteration.asDouble()));
      forks.add(new Cost.Fork(fork.at("/cost").asDouble(), iterations));
    }
    return forks.isEmpty() ? null : new Cost(dimension(node.at("/unit").asString()), forks);
  }

  private static Unit.Dimension dimension(String unit) {
    for (Unit.Dimension dimension : Unit.Dimension.values()) {
      if (JsonFile.unit(dimension).equals(unit)) {
        return dimension;
      }
    }
    throw new IllegalArgumentException("'" + unit + "' is no unit of a bench.json");
  }
}
