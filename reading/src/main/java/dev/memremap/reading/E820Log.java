// SPDX-License-Identifier: Apache-2.0
package dev.memremap.reading;

import dev.memremap.resource.PhysRange;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The firmware's map in a kernel's log: {@code BIOS-e820} lines, the {@code user} map that {@code
 * memmap=} makes of it, and how {@code e820: update} and {@code remove} change it.
 *
 * <p>Thread safety: for one thread.
 */
final class E820Log {
  private static final String LABEL = "(BIOS-e820|user|modified|Xen|e820|reserve setup_data)";

  private static final Pattern ENTRY =
      Pattern.compile(
          "(?:LABEL: {0,2})?\\[mem 0x([0-9a-fA-F]{1,16})-0x([0-9a-fA-F]{1,16})\\][ \\t]*(.*)"
              .replace("LABEL", LABEL));

  /** Before Linux 3.7, with the first address behind the range. */
  private static final Pattern OLD_ENTRY =
      Pattern.compile(
          "LABEL: {0,2}([0-9a-fA-F]{8,16}) - ([0-9a-fA-F]{8,16}) +(.*)".replace("LABEL", LABEL));

  private static final Pattern CHANGE =
      Pattern.compile(
          "e820: (update|remove) \\[mem 0x([0-9a-fA-F]{1,16})-0x([0-9a-fA-F]{1,16})\\][ \\t]*(.*)");

  private static final Pattern OLD_CHANGE =
      Pattern.compile(
          "e820 (update|remove) range: ([0-9a-fA-F]{8,16}) - ([0-9a-fA-F]{8,16}) *(.*)");

  /** A boot has a few dozen. */
  private static final int MAX_CHANGES = 65_536;

  private final FileText file;
  private int changes;
  private E820Table table = new E820Table();
  private String label = "";
  private int boots = 1;

  private E820Log(FileText file) {
    this.file = file;
  }

  /**
   * The map that a log ends with, if it has one.
   *
   * @throws IllegalArgumentException if a range is wrong or there are too many; the sentence names
   *     file and line
   */
  static Optional<E820Log> in(FileText file) {
    E820Log log = new E820Log(file);
    String[] lines = file.lines();
    for (int i = 0; i < lines.length; i++) {
      log.read(i + 1, lines[i], i + 1 < lines.length ? lines[i + 1] : "");
    }
    return log.table.isEmpty() ? Optional.empty() : Optional.of(log);
  }

  private void read(int number, String line, String next) {
    if (line.indexOf('[') < 0 && line.indexOf("e820") < 0 && line.indexOf("user:") < 0) {
      return;
    }
    Matcher change = CHANGE.matcher(line);
    Matcher oldChange = OLD_CHANGE.matcher(line);
    Matcher entry = ENTRY.matcher(line);
    Matcher oldEntry = OLD_ENTRY.matcher(line);
    if (change.find()) {
      change(number, change, range(number, change.group(2), change.group(3), 0));
    } else if (oldChange.find()) {
      change(number, oldChange, range(number, oldChange.group(2), oldChange.group(3), 1));
    } else if (entry.find()) {
      String words = entry.group(4).strip();
      boolean isWrapped = words.isEmpty() && entry.group(1) != null;
      E820Type.of(isWrapped ? LinePrefix.strip(next) : words)
          .ifPresent(
              type ->
                  entry(
                      number,
                      entry.group(1),
                      range(number, entry.group(2), entry.group(3), 0),
                      type));
    } else if (oldEntry.find()) {
      E820Type.of(oldEntry.group(4))
          .ifPresent(
              type ->
                  entry(
                      number,
                      oldEntry.group(1),
                      range(number, oldEntry.group(2), oldEntry.group(3), 1),
                      type));
    }
  }

  /**
   * A printed range.
   *
   * @param behind by how much the printed end lies behind the last byte
   */
  private PhysRange range(int line, String start, String end, int behind) {
    long first = Long.parseUnsignedLong(start, 16);
    long last = Long.parseUnsignedLong(end, 16);
    if (Long.compareUnsigned(last, first) < 0 || (behind > 0 && last == first)) {
      throw file.error(line, "the range %s-%s holds nothing".formatted(start, end));
    }
    return new PhysRange(first, last - behind);
  }

  private void entry(int line, @Nullable String as, PhysRange range, E820Type type) {
    String name = as == null || as.equals("e820") ? "e820" : as;
    if (!name.equals(label)) {
      // the kernel prints a map anew once it has changed it
      boots += label.equals("BIOS-e820") || !name.equals("BIOS-e820") || label.isEmpty() ? 0 : 1;
      table = new E820Table();
    } else if (!table.isBelow(range)) {
      boots++;
      table = new E820Table();
    }
    label = name;
    table.add(line, range, type);
    requireShort(line);
  }

  private void requireShort(int line) {
    if (table.isTooLong()) {
      throw file.error(
          line,
          "the firmware's map has more than %d ranges; no kernel keeps so many"
              .formatted(E820Table.MAX_ENTRIES));
    }
  }

  private void change(int line, Matcher found, PhysRange range) {
    changes++;
    if (changes > MAX_CHANGES) {
      throw file.error(
          line, "the firmware's map changes more than %d times".formatted(MAX_CHANGES));
    }
    String words = found.group(4);
    int arrow = words.indexOf("==>");
    E820Type from = E820Type.of(arrow < 0 ? words : words.substring(0, arrow)).orElse(null);
    if (found.group(1).equals("remove")) {
      table.change(line, range, from, null);
    } else if (arrow >= 0) {
      E820Type to = E820Type.of(words.substring(arrow + 3)).orElse(null);
      if (from != null && to != null) {
        table.change(line, range, from, to);
      }
    }
    requireShort(line);
  }

  ListedMemory memory() {
    return ListedMemory.of(file, label, table.entries()).merged();
  }

  void remark(Remarks remarks) {
    remarks.list(
        file.name(),
        "read as a machine: %s, %d ranges; devices are not listed there"
            .formatted(
                label.equals("BIOS-e820")
                    ? "the map of its BIOS-e820 lines"
                    : "its " + label + " map",
                table.entries().size()));
    if (boots > 1) {
      remarks.doubt(file.name(), "it holds %d boots, of which the last was taken".formatted(boots));
    }
  }
}
