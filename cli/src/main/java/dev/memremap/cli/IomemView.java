// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli;

import dev.memremap.machine.MachineDescription;
import dev.memremap.reading.FileFact;
import dev.memremap.reading.Reading;
import dev.memremap.reading.Remark;
import dev.memremap.resource.Resource;
import dev.memremap.resource.ResourceSnapshot;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Help.Ansi.Style;
import picocli.CommandLine.Help.Ansi.Text;
import picocli.CommandLine.Help.ColorScheme;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A machine's resource tree for people and for programs.
 *
 * @param machine the machine
 */
record IomemView(MachineDescription machine) {

  /** What is known of the machine and how, one line a resource, then the totals. */
  List<String> lines(ColorScheme colours) {
    List<String> lines = new ArrayList<>();
    machine
        .facts()
        .forEach(
            known -> lines.add("%-12s %s (%s)".formatted(known.fact().id(), known.value(), known)));
    lines.add("");
    new ResourceSnapshot(machine.root())
        .walk(
            (resource, depth) -> {
              String left =
                  "  ".repeat(depth)
                      + "%08x-%08x"
                          .formatted(resource.range().start(), resource.range().endInclusive());
              Text name = colours.ansi().new Text(name(resource), colours);
              Style style = style(resource);
              String shown =
                  style == null
                      ? name.toString()
                      : colours.apply(name.plainString(), List.of(style)).toString();
              lines.add(
                  "%-36s %7s  %s  %s"
                      .formatted(
                          left,
                          Words.size(resource.range().sizeBytes()),
                          shown,
                          "— " + resource.kind().meaning()));
            });
    lines.add("");
    MemoryTotals.of(machine.root())
        .forEach(
            (what, bytes) ->
                // of 2^64 bytes the low 64 bits are 0, which stands for it
                lines.add("%-36s %7s".formatted(what + " in all", Words.size(bytes.longValue()))));
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

  /** Its name as {@code /proc/iomem} shows it. */
  static String name(Resource resource) {
    String name = resource.name();
    return name == null ? "<BAD>" : name;
  }

  String toJson(Reading reading) {
    JsonMapper mapper = JsonMapper.shared();
    ObjectNode node = mapper.createObjectNode();
    node.put("arch", machine.architecture().id());
    node.put("physBits", machine.physBits());
    node.put("memEncrypt", machine.encryption().id());
    node.put("pageSize", machine.pageSize());
    ArrayNode uncachable = node.putArray("mtrrUncachable");
    machine.uncachable().forEach(range -> uncachable.add(range.toString()));
    ArrayNode memtypes = node.putArray("memtypes");
    machine.memtypes().forEach(memtype -> memtypes.add(memtype.toString()));
    FactsJson.fill(node.putArray("facts"), machine.facts());
    addResources(node.putArray("resources"), machine.root());
    ObjectNode totals = node.putObject("totals");
    MemoryTotals.of(machine.root()).forEach((what, bytes) -> totals.put(what, bytes.toString()));
    ArrayNode stated = node.putArray("stated");
    for (FileFact fact : reading.facts()) {
      stated.addObject().put("key", fact.key()).put("value", fact.value()).put("file", fact.file());
    }
    ArrayNode remarks = node.putArray("remarks");
    reading.remarks().stream().map(Remark::toString).forEach(remarks::add);
    return mapper.writerWithDefaultPrettyPrinter().writeValueAsString(node);
  }

  private static void addResources(ArrayNode array, Resource parent) {
    for (Resource child : parent.children()) {
      ObjectNode one = array.addObject();
      one.put("start", "0x" + Long.toHexString(child.range().start()));
      one.put("end", "0x" + Long.toHexString(child.range().endInclusive()));
      one.put("size", Words.bytes(child.range()).toString());
      one.put("name", child.name());
      one.put("kind", child.kind().name());
      one.put("busy", child.isBusy());
      one.put("systemRam", child.isSystemRam());
      if (!child.children().isEmpty()) {
        addResources(one.putArray("children"), child);
      }
    }
  }
}
