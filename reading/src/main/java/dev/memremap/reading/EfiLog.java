// SPDX-License-Identifier: Apache-2.0
package dev.memremap.reading;

import dev.memremap.resource.PhysRange;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The memory map of EFI in a kernel's log, which {@code efi=debug} prints: {@code efi: mem00: …} on
 * x86, {@code efi: 0x…-0x… […]} elsewhere. What Linux makes of each type is what it puts into its
 * own map for it. A kernel that changes the map prints it anew, and a log may hold several boots;
 * the last map counts.
 *
 * <p>Thread safety: for one thread.
 */
final class EfiLog {
  private static final String DESCRIPTION = "\\[([A-Za-z/ ]{1,30})(\\|[^\\]]{0,200})?\\]";

  private static final Pattern X86 =
      Pattern.compile(
          "efi: mem([0-9]{1,5}): "
              + DESCRIPTION
              + " range=\\[0x([0-9a-fA-F]{1,16})-0x([0-9a-fA-F]{1,16})([\\])])");

  private static final Pattern OLD_X86 =
      Pattern.compile(
          "efi: mem([0-9]{1,5}): type=([0-9]{1,5}), attr=0x([0-9a-fA-F]{1,16}),"
              + " range=\\[0x([0-9a-fA-F]{1,16})-0x([0-9a-fA-F]{1,16})([\\])])");

  private static final Pattern OTHER =
      Pattern.compile("efi: {1,3}0x([0-9a-fA-F]{1,16})-0x([0-9a-fA-F]{1,16}) " + DESCRIPTION);

  private static final String[] TYPES = {
    "Reserved",
    "Loader Code",
    "Loader Data",
    "Boot Code",
    "Boot Data",
    "Runtime Code",
    "Runtime Data",
    "Conventional",
    "Unusable",
    "ACPI Reclaim",
    "ACPI Mem NVS",
    "MMIO",
    "MMIO Port",
    "PAL Code",
    "Persistent"
  };
  private static final long WRITE_BACK = 8;
  private static final long SPECIFIC_PURPOSE = 0x40000;

  private final FileText file;
  private final List<ListedMemory.Listed> ranges = new ArrayList<>();
  private int lastNumber = -1;
  private int maps = 1;

  private EfiLog(FileText file) {
    this.file = file;
  }

  /**
   * The map in a log, if it has one.
   *
   * @throws IllegalArgumentException if a range is wrong; the sentence names file and line
   */
  static Optional<EfiLog> in(FileText file) {
    EfiLog log = new EfiLog(file);
    String[] lines = file.lines();
    for (int i = 0; i < lines.length; i++) {
      if (lines[i].contains("efi: ")) {
        log.read(i + 1, lines[i]);
      }
    }
    return log.ranges.isEmpty() ? Optional.empty() : Optional.of(log);
  }

  private void read(int line, String text) {
    Matcher x86 = X86.matcher(text);
    if (x86.find()) {
      PhysRange range = range(line, x86.group(4), x86.group(5), x86.group(6).equals(")"));
      addNumbered(x86.group(1), line, range, resource(x86.group(2), x86.group(3)));
      return;
    }
    Matcher old = OLD_X86.matcher(text);
    if (old.find()) {
      int type = Integer.parseInt(old.group(2));
      long attributes = Long.parseUnsignedLong(old.group(3), 16);
      String flags =
          ((attributes & WRITE_BACK) == 0 ? "" : "|WB")
              + ((attributes & SPECIFIC_PURPOSE) == 0 ? "" : "|SP");
      PhysRange range = range(line, old.group(4), old.group(5), old.group(6).equals(")"));
      String name = resource(type < TYPES.length ? TYPES[type] : "Reserved", flags);
      addNumbered(old.group(1), line, range, name);
      return;
    }
    Matcher other = OTHER.matcher(text);
    if (other.find()) {
      PhysRange range = range(line, other.group(1), other.group(2), false);
      boolean isNext = ranges.isEmpty() || ranges.getLast().range().compareTo(range) < 0;
      add(isNext, line, range, resource(other.group(3), other.group(4)));
    }
  }

  private void addNumbered(String digits, int line, PhysRange range, String name) {
    int number = Integer.parseInt(digits);
    add(number > lastNumber, line, range, name);
    lastNumber = number;
  }

  /** Adds a range to the map, or begins the next map with it. */
  private void add(boolean isNext, int line, PhysRange range, String name) {
    if (!isNext) {
      ranges.clear();
      maps++;
    }
    ranges.add(new ListedMemory.Listed(line, range, name));
  }

  /**
   * The map that the log ends with.
   *
   * @throws IllegalArgumentException if its ranges overlap; the sentence names file and line
   */
  ListedMemory memory() {
    return ListedMemory.of(file, "EFI memory map", ranges).merged();
  }

  void remark(Remarks remarks) {
    remarks.list(
        file.name(),
        "read as a machine: its EFI memory map, %d ranges; devices are not listed there"
            .formatted(memory().ranges().size()));
    if (maps > 1) {
      remarks.doubt(
          file.name(), "it holds %d EFI maps, of which the last was taken".formatted(maps));
    }
  }

  private PhysRange range(int line, String start, String end, boolean isBehind) {
    long first = Long.parseUnsignedLong(start, 16);
    long last = Long.parseUnsignedLong(end, 16) - (isBehind ? 1 : 0);
    if (Long.compareUnsigned(last, first) < 0) {
      throw file.error(line, "the range 0x%s-0x%s holds nothing".formatted(start, end));
    }
    return new PhysRange(first, last);
  }

  /** What Linux calls memory of an EFI type. */
  private static String resource(String type, @Nullable String flags) {
    String attributes = flags == null ? "" : flags;
    String word = type.strip().toLowerCase(Locale.ROOT);
    if (word.startsWith("conventional") && attributes.contains("|SP")) {
      return E820Type.SOFT_RESERVED.resource();
    }
    if (word.startsWith("loader") || word.startsWith("boot") || word.startsWith("conventional")) {
      boolean isWriteBack = flags == null || attributes.contains("WB");
      return (isWriteBack ? E820Type.USABLE : E820Type.RESERVED).resource();
    }
    if (word.startsWith("acpi reclaim")) {
      return E820Type.ACPI_DATA.resource();
    }
    if (word.startsWith("acpi mem")) {
      return E820Type.ACPI_NVS.resource();
    }
    if (word.startsWith("unusable")) {
      return E820Type.UNUSABLE.resource();
    }
    if (word.startsWith("persistent")) {
      return E820Type.PERSISTENT.resource();
    }
    return E820Type.RESERVED.resource();
  }
}
