// SPDX-License-Identifier: Apache-2.0
package dev.memremap.reading;

import dev.memremap.machine.MachineDescription;
import dev.memremap.machine.MachineDescription.Bar;
import dev.memremap.machine.MachineDescription.Origin;
import dev.memremap.rule.Fact;
import dev.memremap.rule.PlainText;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A {@code /proc/iomem} or a machine file as it arrives in a ticket. Quotes, log prefixes, prompts
 * and blank lines are taken off; how resources nest is taken from their addresses ({@link
 * AddressNesting}), of which the indentation is at best a copy.
 *
 * <p>Thread safety: for one thread.
 */
final class PastedMap {
  private static final Pattern FACT = Pattern.compile("#[ \\t]*([a-z][a-z0-9-]*)=(\\S*)");
  private static final String NO_ADDRESSES =
      "every address is zero because the file was read without CAP_SYS_ADMIN; read /proc/iomem as"
          + " root";

  private static final String BAR = "bar";
  private static final Origin STATED = new Origin(Fact.Source.STATED, "");

  /** Each fact is checked against the machine and the facts before it. */
  private static final int MAX_FACTS = 4096;

  private static final int MAX_GAPS = 3;

  /**
   * A fact that a line of the head states.
   *
   * @param line the line's number
   */
  private record HeadFact(int line, String key, String value) {}

  private final FileText file;
  private final AddressNesting nesting;
  private final PasteRepairs repairs = new PasteRepairs();
  private final List<HeadFact> facts = new ArrayList<>();
  private final List<String> doubts = new ArrayList<>();
  private boolean onlyZeros = true;
  private int zeros;
  private int gaps;

  /** The number of the last line if it has no newline and may go on; else 0. */
  private int unended;

  private PastedMap(FileText file) {
    this.file = file;
    this.nesting = new AddressNesting(file);
  }

  /**
   * Reads a map, if the text holds one.
   *
   * @throws IllegalArgumentException if it holds one that cannot be understood; the sentence names
   *     file and line
   */
  static Optional<PastedMap> in(FileText file) {
    PastedMap map = new PastedMap(file);
    String[] lines = file.text().split("\n", -1);
    int last = lastResource(lines);
    if (last < 0) {
      return Optional.empty();
    }
    for (int i = 0; i < lines.length; i++) {
      boolean isEnd = i == lines.length - 1;
      if (!(isEnd && lines[i].isEmpty())) {
        PastedLine line = map.read(i + 1, lines[i], i > last);
        if (isEnd && mayBeCut(line)) {
          map.unended = i + 1;
        }
      }
    }
    map.finish();
    return Optional.of(map);
  }

  private static int lastResource(String[] lines) {
    for (int i = lines.length - 1; i >= 0; i--) {
      if (PastedLine.of(lines[i]) instanceof PastedLine.Resource) {
        return i;
      }
    }
    return -1;
  }

  /**
   * Whether a last line without a newline may go on, and nothing else says so: that it is cut where
   * it looks like the beginning of a resource, or that lines are missing.
   */
  private static boolean mayBeCut(PastedLine line) {
    return switch (line) {
      case PastedLine.Resource resource -> !resource.barred();
      case PastedLine.Other other -> !other.mayBeginResource();
      case PastedLine.Fence fence -> false;
      case PastedLine.Prompt prompt -> false;
      case PastedLine.Gap gap -> false;
      default -> true;
    };
  }

  private PastedLine read(int number, String line, boolean isBehind) {
    if (line.endsWith("\r")) {
      repairs.carriageReturn();
    }
    PastedLine read = PastedLine.of(line);
    switch (read) {
      case PastedLine.Resource resource -> add(number, resource);
      case PastedLine.Blank blank -> repairs.blank();
      case PastedLine.Fence fence -> repairs.fence();
      case PastedLine.Prompt prompt -> repairs.leftOut();
      case PastedLine.Comment comment -> comment(number, comment);
      case PastedLine.Gap gap -> gap(number, gap);
      case PastedLine.TooLong tooLong ->
          throw file.error(
              number,
              "the line has more than %d characters; a line of a map has fewer, so delete it"
                  .formatted(FileText.LONGEST_LINE));
      case PastedLine.Other other -> other(number, other, isBehind);
    }
    return read;
  }

  private void gap(int number, PastedLine.Gap gap) {
    gaps++;
    if (gaps <= MAX_GAPS) {
      doubts.add(
          "'%s' in line %d says that lines are missing there"
              .formatted(Excerpt.of(gap.mark()), number));
    }
  }

  private void add(int number, PastedLine.Resource resource) {
    if (resource.narrow()) {
      throw file.error(
          number,
          "an address has fewer than 8 digits; /proc/iomem prints 8 or more, so this is cut, or"
              + " /proc/ioports");
    }
    onlyZeros &= resource.start() == 0 && resource.end() == 0;
    repairs.resource(resource);
    if (onlyZeros) {
      zeros++;
    } else {
      nesting.add(number, resource);
    }
  }

  private void comment(int number, PastedLine.Comment comment) {
    Matcher fact = FACT.matcher(comment.text());
    if (!fact.matches()) {
      if (!nesting.isEmpty()) {
        repairs.leftOut();
      }
      return;
    }
    if (!nesting.isEmpty()) {
      throw file.error(
          number, "a fact stands between the resources; facts come before the first of them");
    }
    repairs.fact(comment);
    if (facts.size() == MAX_FACTS) {
      throw file.error(number, "there are more than %d facts".formatted(MAX_FACTS));
    }
    facts.add(new HeadFact(number, fact.group(1), fact.group(2)));
  }

  private void other(int number, PastedLine.Other other, boolean isBehind) {
    if (isBehind && other.mayBeginResource()) {
      doubts.add(
          "line %d, '%s', is cut, and what came after it is missing"
              .formatted(number, other.text()));
      return;
    }
    boolean isAmong = !nesting.isEmpty() && !isBehind;
    if (other.looksDamaged() || isAmong) {
      throw file.error(
          number,
          "the line '%s' stands among resources and is not one; write START-END : NAME, or delete it"
              .formatted(Excerpt.of(other.text())));
    }
    repairs.leftOut();
  }

  private void finish() {
    if (onlyZeros) {
      throw file.error(1, NO_ADDRESSES);
    }
    if (zeros > 0) {
      doubts.add(
          zeros == 1
              ? "left out: the first resource, whose addresses are zero"
              : "left out: the first %d resources, whose addresses are zero".formatted(zeros));
    }
    if (gaps > MAX_GAPS) {
      doubts.add("%d more lines say that lines are missing".formatted(gaps - MAX_GAPS));
    }
    if (unended > 0 && !nesting.namesLast(unended)) {
      doubts.add("line %d ends without a newline and may be cut".formatted(unended));
    }
    doubts.addAll(nesting.cutNames());
  }

  /**
   * The machine, with the facts of its head. Its BARs are added at once, and checked one by one.
   */
  MachineDescription machine() {
    MachineDescription bare = MachineDescription.parse(nesting.text(), file.name());
    MachineDescription machine = bare;
    Set<String> seen = new HashSet<>();
    Map<String, Bar> bars = new LinkedHashMap<>();
    for (HeadFact fact : facts) {
      try {
        if (!seen.add(fact.key()) && !MachineDescription.isRepeatable(fact.key())) {
          throw new IllegalArgumentException(
              "the key '" + fact.key() + "' is given twice; keep one");
        }
        if (fact.key().equals(BAR)) {
          Bar bar = Bar.parse(fact.value());
          bare.withBars(List.of(bar), STATED);
          if (bars.put(LspciBars.register(bar), bar) != null) {
            throw new IllegalArgumentException(
                "BAR %d of %s is given twice; keep one".formatted(bar.index(), bar.device()));
          }
        } else {
          machine = machine.with(fact.key(), fact.value());
        }
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException(
            "%s:%d: %s"
                .formatted(file.name(), fact.line(), PlainText.of(String.valueOf(e.getMessage()))),
            e);
      }
    }
    return bars.isEmpty() ? machine : machine.withBars(List.copyOf(bars.values()), STATED);
  }

  void remark(Remarks remarks) {
    List<String> ways = new ArrayList<>(file.repairs());
    ways.addAll(repairs.ways());
    ways.addAll(nesting.ways());
    remarks.repaired(file.name(), ways);
    doubts.forEach(doubt -> remarks.doubt(file.name(), doubt));
  }
}
