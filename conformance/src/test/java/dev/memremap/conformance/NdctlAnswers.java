// SPDX-License-Identifier: Apache-2.0
package dev.memremap.conformance;

import dev.memremap.page.MemoryType;
import dev.memremap.rule.Errno;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What {@code namespaces.sh} said in a guest, case by case, in the words of the recorded rows.
 *
 * @param status the exit status of {@code ndctl create-namespace}
 * @param facts what files of sysfs say, by their keys
 * @param ndctl the lines of ndctl
 * @param block the info block, as {@code ndctl read-infoblock} prints it
 * @param kernel the kernel's log
 * @param trace calls of the kernel, with their arguments
 */
record NdctlAnswers(
    int status,
    Map<String, String> facts,
    List<String> ndctl,
    List<String> block,
    List<String> kernel,
    List<String> trace) {
  private static final Pattern MEMBER = Pattern.compile("\"([a-z_]+)\":\"?([^\",]*)\"?,?");
  private static final Pattern ARGUMENT = Pattern.compile("([a-z]+)=([0-9a-fx]+)");

  /** The types of page maps in the order in which Linux numbers them, from 1 on. */
  private static final List<MemoryType> TYPES = List.of(MemoryType.values());

  /** All cases of a guest's output, by their names. */
  static Map<String, NdctlAnswers> parse(String output) {
    Map<String, NdctlAnswers> cases = new LinkedHashMap<>();
    List<String> lines = new ArrayList<>();
    for (String line : output.lines().toList()) {
      if (line.startsWith("case ")) {
        lines.clear();
      } else if (line.startsWith("end ")) {
        cases.put(line.substring("end ".length()), of(lines));
      } else {
        lines.add(line);
      }
    }
    return cases;
  }

  private static NdctlAnswers of(List<String> lines) {
    Map<String, String> facts = new LinkedHashMap<>();
    for (String line : lines) {
      String[] words = line.split(" ", 2);
      facts.put(words[0], words.length == 1 ? "" : words[1]);
    }
    return new NdctlAnswers(
        Integer.parseInt(facts.getOrDefault("ndctl.status", "-1")),
        facts,
        those(lines, "ndctl "),
        those(lines, "block "),
        those(lines, "kernel "),
        those(lines, "trace "));
  }

  private static List<String> those(List<String> lines, String key) {
    return lines.stream()
        .filter(line -> line.startsWith(key))
        .map(line -> line.substring(key.length()).strip())
        .filter(line -> !line.isEmpty())
        .toList();
  }

  /** The first member of that name in lines of JSON. */
  private static String member(List<String> json, String name) {
    return json.stream()
        .map(MEMBER::matcher)
        .filter(Matcher::matches)
        .filter(member -> member.group(1).equals(name))
        .map(member -> member.group(2))
        .findFirst()
        .orElse("none");
  }

  /** The arguments of the first call of that name. */
  private Map<String, Long> call(String name) {
    Map<String, Long> arguments = new LinkedHashMap<>();
    trace.stream()
        .filter(line -> line.startsWith(name + ": "))
        .findFirst()
        .ifPresent(
            line -> {
              Matcher argument = ARGUMENT.matcher(line);
              while (argument.find()) {
                arguments.put(argument.group(1), Long.decode(argument.group(2)));
              }
            });
    return arguments;
  }

  private String fact(String key) {
    return facts.getOrDefault(key, "none");
  }

  /** The answer as the recorded rows write it. */
  String answer() {
    return status == 0 ? left() : "refused " + errno();
  }

  /** Where ndctl says what failed, that counts; its status is sometimes another. */
  private String errno() {
    String last = ndctl.isEmpty() ? "" : ndctl.getLast();
    if (last.endsWith(": Invalid argument")) {
      return "EINVAL";
    }
    if (last.endsWith(": No such device or address")) {
      return "ENXIO";
    }
    if (last.endsWith(": No space left on device")) {
      return "ENOSPC";
    }
    return Errno.of(256 - status).map(Errno::name).orElse("status " + status);
  }

  /** Why it was refused, by the kernel's log if that says it. */
  String said() {
    if (status == 0) {
      return "";
    }
    Optional<String> first = kernel.stream().findFirst();
    return first.orElseGet(
        () ->
            ndctl.stream()
                .findFirst()
                .orElse("")
                .replaceFirst("^Error: (create namespace: )?", "")
                .replaceFirst("(region|namespace)[0-9.]+: ", ""));
  }

  private String left() {
    Map<String, Long> mapped = call("mapped");
    Map<String, Long> unmapped = call("unmapped");
    return "namespace=%s+0x%x region_align=%s align=%s dataoff=%s npfns=%s start_pad=%s end_trunc=%s data=%s size=%s mapped=0x%x-0x%x type=%s shift=%d altmap=%s"
        .formatted(
            fact("namespace.resource"),
            Long.parseLong(fact("namespace.size")),
            fact("region.align"),
            member(block, "align"),
            member(block, "dataoff"),
            member(block, "npfns"),
            member(block, "start_pad"),
            member(block, "end_trunc"),
            fact("device.resource"),
            member(ndctl, "size"),
            mapped.get("start"),
            mapped.get("last"),
            TYPES.get(mapped.get("type").intValue() - 1),
            mapped.get("shift"),
            mapped.get("flags") == 0
                ? "none"
                : "base:0x%x,reserve:%d,free:%d,align:%d,alloc:%d"
                    .formatted(
                        mapped.get("base"),
                        mapped.get("reserve"),
                        mapped.get("free"),
                        unmapped.get("align"),
                        unmapped.get("alloc")));
  }

  /** What is said twice, and is not the same; empty if the guest agrees with itself. */
  List<String> contradictions() {
    if (status != 0) {
      return List.of();
    }
    List<String> found = new ArrayList<>();
    require(found, "size", member(ndctl, "size"), fact("device.size"));
    require(found, "align", member(ndctl, "align"), fact("device.align"));
    require(found, "align of the info block", member(block, "align"), fact("device.align"));
    require(found, "page structures", member(block, "page_struct_size"), "64");
    require(found, "pages", member(block, "page_size"), "4096");
    require(found, "map", member(ndctl, "map"), fact("device.mode").equals("ram") ? "mem" : "dev");
    Map<String, Long> mapped = call("mapped");
    Map<String, Long> added = call("added");
    require(found, "start", "" + added.get("start"), "" + mapped.get("start"));
    require(
        found,
        "bytes added",
        "" + added.get("size"),
        "" + (mapped.get("last") - mapped.get("start") + 1));
    return found;
  }

  private static void require(List<String> found, String what, String one, String other) {
    if (!one.equals(other)) {
      found.add("%s: %s and %s".formatted(what, one, other));
    }
  }
}
