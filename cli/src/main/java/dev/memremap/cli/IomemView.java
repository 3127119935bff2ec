// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli;

import dev.memremap.cli.json.FactsJson;
import dev.memremap.cli.json.JsonDocument;
import dev.memremap.cli.json.NumberJson;
import dev.memremap.cli.json.RemarksJson;
import dev.memremap.cli.json.ResourceJson;
import dev.memremap.cli.terminal.Letters;
import dev.memremap.machine.MachineDescription;
import dev.memremap.reading.FileFact;
import dev.memremap.reading.Reading;
import dev.memremap.resource.Resource;
import dev.memremap.rule.PlainText;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Help.Ansi.Style;
import picocli.CommandLine.Help.Ansi.Text;
import picocli.CommandLine.Help.ColorScheme;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A machine's resource tree for people and for programs.
 *
 * @param machine the machine
 * @param filter which resources are shown
 */
record IomemView(MachineDescription machine, IomemFilter filter) {
  private static final int FACT_INDENT = 13;
  private static final int SIZE_WIDTH = 7;
  private static final String BEFORE_MEANING = "  — ";

  /**
   * What is known of the machine and how, one line a resource, then the totals; of a part of the
   * machine its resources alone.
   *
   * @param shown the resources
   * @param bytes whether sizes are numbers of bytes
   * @param width how many characters a line may have: meanings are cut, facts wrapped, and names
   *     left whole
   * @param letters what a line is made of
   */
  List<String> lines(
      List<Listed.At> shown, boolean bytes, ColorScheme colours, int width, Letters letters) {
    List<String> lines = new ArrayList<>();
    if (filter.isAll()) {
      machine
          .facts()
          .forEach(
              known ->
                  lines.addAll(
                      wrapped(
                          "%-12s %s (%s)".formatted(known.fact().id(), known.value(), known),
                          width)));
      lines.add("");
    }
    int sizes = SIZE_WIDTH;
    for (Listed.At at : shown) {
      sizes = Math.max(sizes, size(at.resource(), bytes).length());
    }
    for (Listed.At at : shown) {
      lines.add(line(at, bytes, sizes, colours, width, letters));
    }
    if (filter.isAll()) {
      lines.add("");
      lines.addAll(totals(bytes));
    }
    return lines;
  }

  /** How much there is of each kind of memory. */
  List<String> totals(boolean bytes) {
    Map<String, BigInteger> totals = MemoryTotals.of(machine.root());
    Map<String, String> sizes = new LinkedHashMap<>();
    totals.forEach((what, sum) -> sizes.put(what, bytes ? sum.toString() : Words.size(sum)));
    int width = sizes.values().stream().mapToInt(String::length).max().orElse(0);
    String line = "%-36s %" + Math.max(width, SIZE_WIDTH) + "s";
    List<String> lines = new ArrayList<>();
    sizes.forEach((what, size) -> lines.add(line.formatted(what + " in all", size)));
    return lines;
  }

  /** A resource's size: a number of bytes, or as people read it. */
  static String size(Resource resource, boolean bytes) {
    return bytes
        ? Words.bytes(resource.range()).toString()
        : Words.size(resource.range().sizeBytes());
  }

  private static String line(
      Listed.At at, boolean bytes, int sizes, ColorScheme colours, int width, Letters letters) {
    Resource resource = at.resource();
    String left =
        ("%-36s %" + sizes + "s  ")
            .formatted(
                "  ".repeat(at.depth()) + Words.range(resource.range()), size(resource, bytes));
    Text name = colours.ansi().new Text(name(resource), colours);
    Style style = style(resource);
    String shown =
        style == null
            ? name.toString()
            : colours.apply(name.plainString(), List.of(style)).toString();
    // the codes of colours take no room
    int used = left.length() + letters.columns(name.plainString());
    String meaning = letters.of(BEFORE_MEANING + resource.kind().meaning());
    return left + shown + cut(meaning, width - used, letters);
  }

  /** The beginning of a meaning that has room; nothing if there is room for nothing of use. */
  private static String cut(String meaning, int room, Letters letters) {
    if (meaning.length() <= room) {
      return meaning;
    }
    return room < BEFORE_MEANING.length() + 2
        ? ""
        : meaning.substring(0, room - letters.cut().length()).stripTrailing() + letters.cut();
  }

  private static List<String> wrapped(String text, int width) {
    List<String> lines = new ArrayList<>();
    String rest = text;
    while (rest.length() > width) {
      int at = rest.lastIndexOf(' ', width);
      if (at <= FACT_INDENT) {
        break;
      }
      lines.add(rest.substring(0, at));
      rest = " ".repeat(FACT_INDENT) + rest.substring(at + 1);
    }
    lines.add(rest);
    return lines;
  }

  private static @Nullable Style style(Resource resource) {
    return switch (resource.kind()) {
      case SYSTEM_RAM -> Style.fg_green;
      case PERSISTENT_MEMORY, PERSISTENT_MEMORY_LEGACY, SOFT_RESERVED, CXL_WINDOW -> Style.fg_cyan;
      case RESERVED, UNUSABLE -> Style.faint;
      default -> null;
    };
  }

  /** Its name as {@code /proc/iomem} shows it, without what would command a terminal. */
  static String name(Resource resource) {
    String name = resource.name();
    return name == null ? "<BAD>" : PlainText.of(name);
  }

  /** As JSON. */
  String toJson(Reading reading) {
    ObjectNode node = JsonDocument.of("iomem");
    FactsJson.facts(node, machine.facts(), machine);
    addResources(node.putArray("resources"), machine.root());
    addTotals(node);
    ArrayNode stated = node.putArray("stated");
    for (FileFact fact : reading.facts()) {
      stated.addObject().put("key", fact.key()).put("value", fact.value()).put("file", fact.file());
    }
    RemarksJson.remarks(node, reading.remarks());
    return JsonDocument.text(node);
  }

  /** The totals alone. */
  String totalsToJson(Reading reading) {
    ObjectNode node = JsonDocument.of("iomem");
    addTotals(node);
    RemarksJson.remarks(node, reading.remarks());
    return JsonDocument.text(node);
  }

  private void addTotals(ObjectNode node) {
    ObjectNode totals = node.putObject("totals");
    MemoryTotals.of(machine.root()).forEach((what, bytes) -> NumberJson.put(totals, what, bytes));
  }

  /** Those that are shown; what lies in one that is not takes its place. */
  private void addResources(ArrayNode array, Resource parent) {
    for (Resource child : parent.children()) {
      if (!filter.shows(child)) {
        addResources(array, child);
        continue;
      }
      ObjectNode one = array.addObject();
      ResourceJson.fill(one, child);
      ArrayNode inside = array.arrayNode();
      addResources(inside, child);
      if (!inside.isEmpty()) {
        one.set("children", inside);
      }
    }
  }
}
