// SPDX-License-Identifier: Apache-2.0
package dev.memremap.benchmarks.run;

import dev.memremap.benchmarks.Goal;
import dev.memremap.benchmarks.Subject;
import dev.memremap.benchmarks.Subject.Benchmarked;
import dev.memremap.benchmarks.Unit;
import dev.memremap.cli.json.JsonDocument;
import dev.memremap.cli.terminal.OutputException;
import dev.memremap.cli.terminal.OutputFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Everything that was measured, for programs: each fork with its iterations. */
public final class JsonFile {
  private JsonFile() {}

  /**
   * Writes it, in UTF-8.
   *
   * @throws OutputException if it cannot be written; a file that was there stays as it was
   */
  public static void write(Report report, Path file) {
    write(tree(report), file);
  }

  static void write(ObjectNode tree, Path file) {
    OutputFile.write(file, (JsonDocument.text(tree) + "\n").getBytes(StandardCharsets.UTF_8));
  }

  static ObjectNode tree(Report report) {
    ObjectNode root = JsonDocument.of("bench");
    surroundings(root, report.surroundings(), report.quick());
    ArrayNode rows = root.putArray("rows");
    report.outcomes().forEach(outcome -> row(outcome, report.verdict(outcome), rows.addObject()));
    return root;
  }

  static void surroundings(ObjectNode root, Surroundings here, boolean quick) {
    root.put("date", here.date().toString());
    root.put("commit", here.commit());
    root.put("quick", quick);
    ObjectNode machine = root.putObject("machine");
    machine.put("processor", here.processor());
    machine.put("cores", here.cores());
    machine.put("memoryKib", here.memoryKib());
    machine.put("system", here.system());
    machine.put("jdk", here.jdk());
    ArrayNode flags = machine.putArray("flags");
    here.flags().forEach(flags::add);
  }

  private static void row(Outcome outcome, Verdict verdict, ObjectNode row) {
    row.put("point", outcome.row().point().word());
    row.put("name", outcome.row().name());
    row.put("what", outcome.row().what());
    cost(row.putObject("ours"), outcome.row().ours(), outcome.ours());
    Subject peer = outcome.row().peer();
    if (peer != null) {
      ObjectNode node = row.putObject("peer");
      node.put("what", outcome.row().beside());
      cost(node, peer, outcome.peer());
      outcome.ratio().ifPresent(ratio -> row.put("oursByPeer", ratio));
      if (outcome.ratio().isPresent()) {
        row.put("intervalsOverlap", outcome.overlaps());
      }
    }
    goal(row, outcome.row().goal());
    row.put("verdict", verdict.words());
    if (verdict == Verdict.MISSED && !outcome.row().reason().isEmpty()) {
      row.put("reason", outcome.row().reason());
    }
    if (!outcome.absence().isEmpty()) {
      row.put("absence", outcome.absence());
    }
  }

  private static void goal(ObjectNode row, Goal wanted) {
    if (wanted instanceof Goal.None) {
      return;
    }
    ObjectNode node = row.putObject("goal");
    switch (wanted) {
      case Goal.RatioAtMost goal -> node.put("oursByPeerAtMost", goal.bound());
      case Goal.TimesFaster goal -> node.put("peerByOursAtLeast", goal.bound());
      case Goal.AsFast goal -> {
        node.put("peerByOursAtLeast", goal.bound());
        node.put("overlapping", true);
      }
      case Goal.AtMost most -> {
        node.put("oursAtMost", most.unit().toBase(most.bound()));
        node.put("unit", unit(most.unit().dimension()));
      }
      case Goal.None none -> {}
    }
  }

  private static void cost(ObjectNode node, Subject subject, @Nullable Cost cost) {
    subject(node, subject);
    if (cost != null) {
      figures(node, cost);
    }
  }

  static void subject(ObjectNode node, Subject subject) {
    node.put("subject", subject.words());
    if (subject instanceof Benchmarked benchmark) {
      node.put("benchmark", benchmark.owner().getName() + "." + benchmark.method());
      node.put("threads", benchmark.threads());
      ObjectNode params = node.putObject("params");
      benchmark.params().forEach(params::put);
    }
  }

  static void figures(ObjectNode node, Cost cost) {
    node.put("unit", unit(cost.dimension()));
    node.put("median", cost.median());
    node.put("low", cost.low());
    node.put("high", cost.high());
    ArrayNode forks = node.putArray("forks");
    for (Cost.Fork fork : cost.forks()) {
      ObjectNode one = forks.addObject();
      one.put("cost", fork.cost());
      ArrayNode iterations = one.putArray("iterations");
      fork.iterations().forEach(iterations::add);
    }
  }

  static String unit(Unit.Dimension dimension) {
    return switch (dimension) {
      case TIME -> "ns";
      case SIZE -> "bytes";
      case NUMBER -> "pieces";
    };
  }
}
