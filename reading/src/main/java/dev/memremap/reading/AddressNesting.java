// SPDX-License-Identifier: Apache-2.0
package dev.memremap.reading;

import dev.memremap.resource.PhysRange;
import dev.memremap.resource.ResourceKind;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * How listed resources nest, from their addresses.
 *
 * <p>The kernel lists a resource before what lies in it, and siblings never overlap (RES-1). So a
 * resource lies in the last one before it that contains it, and of equal ranges the first is the
 * outer one. The indentation says this once more; it is only compared.
 *
 * <p>Thread safety: for one thread.
 */
final class AddressNesting {
  private static final int DEEPEST = 64;
  private static final int DEEPEST_COLUMN_LEVEL = 5;
  private static final int SPACES_PER_LEVEL = 2;
  private static final int MAX_NAME = 4000;
  private static final int MAX_NAMED = 3;
  private static final Pattern PCI_NAME =
      Pattern.compile("(PCI Bus )?[0-9A-F]{4,}:[0-9A-F]{2}(:[0-9A-F]{2}\\.[0-7])?");

  /**
   * A resource in its place.
   *
   * @param line the line's number in the file
   */
  private record Placed(int line, int column, int depth, PhysRange range, String name) {
    @Override
    public String toString() {
      return "%08x-%08x : %s".formatted(range.start(), range.endInclusive(), Excerpt.of(name));
    }
  }

  private final FileText file;
  private final List<Placed> all = new ArrayList<>();
  private final List<Placed> open = new ArrayList<>();
  private boolean respelledNames;

  AddressNesting(FileText file) {
    this.file = file;
  }

  boolean isEmpty() {
    return all.isEmpty();
  }

  /** Puts the next line's resource where its addresses belong. */
  void add(int line, PastedLine.Resource resource) {
    if (Long.compareUnsigned(resource.end(), resource.start()) < 0) {
      throw file.error(
          line,
          "the range %08x-%08x ends before it starts; the end is its last byte"
              .formatted(resource.start(), resource.end()));
    }
    PhysRange range = new PhysRange(resource.start(), resource.end());
    Placed left = null;
    while (!open.isEmpty() && !open.getLast().range().contains(range)) {
      left = open.removeLast();
    }
    if (left != null && left.range().overlaps(range)) {
      throw file.error(
          line,
          "%08x-%08x overlaps '%s' of line %d, and neither lies in the other; correct the addresses"
              .formatted(range.start(), range.endInclusive(), left, left.line()));
    }
    if (left != null && range.compareTo(left.range()) < 0) {
      throw file.error(
          line,
          "%08x-%08x comes after '%s' of line %d; the lines must be in the order of /proc/iomem"
              .formatted(range.start(), range.endInclusive(), left, left.line()));
    }
    if (open.size() >= DEEPEST) {
      throw file.error(
          line,
          "the line lies more than %d levels deep; no machine nests so, the addresses must be wrong"
              .formatted(DEEPEST));
    }
    Placed placed = new Placed(line, resource.column(), open.size(), range, name(line, resource));
    open.add(placed);
    all.add(placed);
  }

  private String name(int line, PastedLine.Resource resource) {
    String name = resource.name();
    if (name.length() > MAX_NAME || name.chars().anyMatch(Character::isISOControl)) {
      throw file.error(
          line, "the name '%s' cannot be one of /proc/iomem".formatted(Excerpt.of(name)));
    }
    if (name.indexOf('\uFFFD') >= 0) {
      throw file.error(line, "the name '%s' is not UTF-8".formatted(Excerpt.of(name)));
    }
    if (resource.respelled() && PCI_NAME.matcher(name).matches()) {
      respelledNames = true;
      int digits = name.startsWith("PCI Bus ") ? "PCI Bus ".length() : 0;
      return name.substring(0, digits) + name.substring(digits).toLowerCase(Locale.ROOT);
    }
    return name;
  }

  /** The strict text of what was listed. */
  String text() {
    StringBuilder text = new StringBuilder();
    for (Placed placed : all) {
      text.repeat(' ', SPACES_PER_LEVEL * Math.min(placed.depth(), DEEPEST_COLUMN_LEVEL))
          .append(
              "%08x-%08x : %s\n"
                  .formatted(placed.range().start(), placed.range().endInclusive(), placed.name()));
    }
    return text.toString();
  }

  /** How the indentation differs from Linux's. */
  List<String> ways() {
    List<String> ways = new ArrayList<>();
    if (respelledNames) {
      ways.add("upper-case names of PCI devices");
    }
    int shift = all.stream().mapToInt(Placed::column).min().orElse(0);
    int step = step(shift);
    if (step < 0) {
      ways.add("nesting taken from the addresses");
      return ways;
    }
    if (shift > 0) {
      ways.add("indented by " + shift + " as a whole");
    }
    if (step != SPACES_PER_LEVEL) {
      ways.add("levels of " + step);
    }
    return ways;
  }

  /** The columns of one level, if each line is indented so; else a negative number. */
  private int step(int shift) {
    int step = 0;
    for (Placed placed : all) {
      int level = Math.min(placed.depth(), DEEPEST_COLUMN_LEVEL);
      int column = placed.column() - shift;
      if (step == 0 && level > 0 && column % level == 0) {
        step = column / level;
      }
      if (column != level * step || (level > 0 && step == 0)) {
        return -1;
      }
    }
    return step == 0 ? SPACES_PER_LEVEL : step;
  }

  private static boolean isCut(Placed placed) {
    return placed.name().isEmpty() || ResourceKind.isBeginning(placed.name());
  }

  /** Whether {@link #cutNames} names the last line. */
  boolean namesLast(int line) {
    return !all.isEmpty() && all.getLast().line() == line && isCut(all.getLast());
  }

  /** The lines whose names are beginnings of known ones. */
  List<String> cutNames() {
    List<Placed> cut = all.stream().filter(AddressNesting::isCut).toList();
    List<String> doubts = new ArrayList<>();
    for (Placed placed : cut.subList(0, Math.min(cut.size(), MAX_NAMED))) {
      doubts.add("the name '%s' of line %d may be cut".formatted(placed.name(), placed.line()));
    }
    if (cut.size() > MAX_NAMED) {
      doubts.add((cut.size() - MAX_NAMED) + " more names may be cut");
    }
    return doubts;
  }
}
