// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli;

import dev.memremap.MachineBuilder.KernelRow;
import dev.memremap.cli.json.JsonDocument;
import dev.memremap.cli.json.RangeJson;
import dev.memremap.cli.terminal.Letters;
import dev.memremap.scenario.TurningRows;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What several kernels answer to one question, side by side, and the rows of {@code
 * docs/kernels.md} that make the difference.
 */
final class ExplainSides {
  /** What stands where a kernel's answer lacks a part that another's has. */
  private static final String NOTHING = "-";

  /** Asks a machine that follows a kernel. */
  interface Machines {
    /**
     * Makes the machine, shows what it answers, and closes it.
     *
     * @param rows the rows that it has in place of the kernel's
     */
    void ask(String kernel, Set<KernelRow> rows, Consumer<ExplainView> look);
  }

  /** What one kernel answers, which outlives its machine. */
  private record Side(
      String kernel,
      boolean granted,
      Map<String, String> parts,
      List<String> lines,
      List<String> assumptions,
      ObjectNode json) {
    static Side of(String kernel, ExplainView view) {
      ObjectNode json = JsonMapper.shared().createObjectNode();
      json.put("kernel", kernel);
      json.put("hole", Listed.isHole(view.machine(), view.spot()));
      view.fill(json);
      return new Side(
          kernel, view.isGranted(), view.parts(), view.lines(), view.assumptions(), json);
    }
  }

  /** Two kernels that were named one after the other, which answer differently. */
  private record Parting(String from, String to, TurningRows turning) {}

  private final List<Side> sides = new ArrayList<>();
  private final List<Parting> partings = new ArrayList<>();
  private final ObjectNode request = JsonDocument.of("explain");
  private String judged = "";

  /**
   * Asks all kernels, and finds the rows.
   *
   * @param kernels releases, at least two
   */
  ExplainSides(List<String> kernels, Machines machines) {
    Map<Set<KernelRow>, Map<String, String>> known = new HashMap<>();
    for (String kernel : kernels) {
      Set<KernelRow> rows = KernelRow.of(kernel);
      machines.ask(
          kernel,
          rows,
          view -> {
            if (sides.isEmpty()) {
              ask(view);
            }
            sides.add(Side.of(kernel, view));
            known.put(rows, view.parts());
          });
    }
    for (int i = 0; i + 1 < kernels.size(); i++) {
      String from = kernels.get(i);
      if (!sides.get(i).parts.equals(sides.get(i + 1).parts)) {
        TurningRows turning =
            TurningRows.between(
                KernelRow.of(from),
                KernelRow.of(kernels.get(i + 1)),
                rows -> parts(known, machines, from, rows));
        partings.add(new Parting(from, kernels.get(i + 1), turning));
      }
    }
  }

  private void ask(ExplainView view) {
    judged = "%s %s".formatted(view.judged(), view.asked());
    RangeJson.fill(request.putObject("range"), view.spot().start(), view.spot().size());
    view.asked(request);
  }

  private static Map<String, String> parts(
      Map<Set<KernelRow>, Map<String, String>> known,
      Machines machines,
      String kernel,
      Set<KernelRow> rows) {
    if (!known.containsKey(rows)) {
      machines.ask(kernel, rows, view -> known.put(rows, view.parts()));
    }
    return known.getOrDefault(rows, Map.of());
  }

  /** Whether all kernels would grant it, and alike. */
  boolean isGrantedAlike() {
    return partings.isEmpty() && sides.stream().allMatch(Side::granted);
  }

  /**
   * The answer that all give; or each part of it that they answer differently, a line for each
   * kernel, and the rows.
   *
   * @param width how many characters a line of an answer may have: it is cut, and a row is not
   */
  List<String> lines(int width, Letters letters) {
    Collection<String> lines = new LinkedHashSet<>();
    if (partings.isEmpty()) {
      lines.addAll(sides.getFirst().lines);
      sides.forEach(side -> lines.addAll(side.assumptions));
      lines.add(kernels() + " agree");
      return List.copyOf(lines);
    }
    List<String> all = new ArrayList<>();
    all.add("%s part for %s:".formatted(kernels(), judged));
    for (String name : differing()) {
      String shown = name;
      for (Side side : sides) {
        all.add(
            letters.cut(
                "  %s  %s  %s"
                    .formatted(
                        letters.padded(shown, longest(differing())),
                        letters.padded(
                            side.kernel, longest(sides.stream().map(Side::kernel).toList())),
                        side.parts.getOrDefault(name, NOTHING)),
                width));
        shown = "";
      }
    }
    for (Parting parting : partings) {
      all.add(
          "%s and %s part by %s".formatted(parting.from, parting.to, parting.turning.sentence()));
    }
    sides.forEach(side -> lines.addAll(side.assumptions));
    all.addAll(lines);
    return all;
  }

  private static int longest(Collection<String> texts) {
    return texts.stream().mapToInt(String::length).max().orElse(0);
  }

  /** The parts that not all kernels answer alike. */
  private List<String> differing() {
    Set<String> names = new LinkedHashSet<>();
    sides.forEach(side -> names.addAll(side.parts.keySet()));
    return names.stream()
        .filter(
            name ->
                sides.stream()
                        .map(side -> side.parts.getOrDefault(name, NOTHING))
                        .distinct()
                        .count()
                    > 1)
        .toList();
  }

  /** {@code 5.10, 6.1 and 7.3}. */
  private String kernels() {
    List<String> kernels = sides.stream().map(Side::kernel).toList();
    return String.join(", ", kernels.subList(0, kernels.size() - 1)) + " and " + kernels.getLast();
  }

  /**
   * As JSON.
   *
   * @param remarks adds what there is to say of the machine's files
   */
  String toJson(Consumer<ObjectNode> remarks) {
    ObjectNode node = request.deepCopy();
    node.put("agree", partings.isEmpty());
    ArrayNode kernels = node.putArray("kernels");
    sides.forEach(side -> kernels.add(side.json));
    ArrayNode parted = node.putArray("partings");
    for (Parting parting : partings) {
      ObjectNode one = parted.addObject();
      one.put("from", parting.from).put("to", parting.to);
      ArrayNode rows = one.putArray("rows");
      for (KernelRow row : parting.turning.rows()) {
        rows.addObject()
            .put("row", row.number())
            .put("what", row.what())
            .put("without", row.without())
            .put("with", row.with());
      }
      one.put("together", parting.turning.together());
    }
    remarks.accept(node);
    return JsonDocument.text(node);
  }
}
