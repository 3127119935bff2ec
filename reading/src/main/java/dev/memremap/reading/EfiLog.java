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
 * own map for it.
 */
final class EfiLog {
  private static final String DESCRIPTION = "\\[([A-Za-z/ ]{1,30})(\\|[^\\]]{0,200})?\\]";

  private static final Pattern X86 =
      Pattern.compile(
          "efi: mem[0-9]{1,5}: "
              + DESCRIPTION
              + " range=\\[0x([0-9a-fA-F]{1,16})-0x([0-9a-fA-F]{1,16})([\\])])");

  private static final Pattern OLD_X86 =
      Pattern.compile(
          "efi: mem[0-9]{1,5}: type=([0-9]{1,5}), attr=0x([0-9a-fA-F]{1,16}),"
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

  private EfiLog() {}

  /**
   * The map in a log, if it has one.
   *
   * @throws IllegalArgumentException if its ranges overlap; the sentence names file and line
   */
  static Optional<ListedMemory> in(FileText file) {
    List<ListedMemory.Listed> ranges = new ArrayList<>();
    String[] lines = file.text().split("\n", -1);
    for (int i = 0; i < lines.length; i++) {
      if (lines[i].contains("efi: ")) {
        read(file, i + 1, lines[i]).ifPresent(ranges::add);
      }
    }
    return ranges.isEmpty()
        ? Optional.empty()
        : Optional.of(ListedMemory.of(file, "EFI memory map", ranges).merged());
  }

  private static Optional<ListedMemory.Listed> read(FileText file, int number, String line) {
    Matcher x86 = X86.matcher(line);
    if (x86.find()) {
      boolean isBehind = x86.group(5).equals(")");
      return Optional.of(
          new ListedMemory.Listed(
              number,
              range(file, number, x86.group(3), x86.group(4), isBehind),
              resource(x86.group(1), x86.group(2))));
    }
    Matcher old = OLD_X86.matcher(line);
    if (old.find()) {
      int type = Integer.parseInt(old.group(1));
      long attributes = Long.parseUnsignedLong(old.group(2), 16);
      String flags =
          ((attributes & WRITE_BACK) == 0 ? "" : "|WB")
              + ((attributes & SPECIFIC_PURPOSE) == 0 ? "" : "|SP");
      boolean isBehind = old.group(5).equals(")");
      return Optional.of(
          new ListedMemory.Listed(
              number,
              range(file, number, old.group(3), old.group(4), isBehind),
              resource(type < TYPES.length ? TYPES[type] : "Reserved", flags)));
    }
    Matcher other = OTHER.matcher(line);
    if (other.find()) {
      return Optional.of(
          new ListedMemory.Listed(
              number,
              range(file, number, other.group(1), other.group(2), false),
              resource(other.group(3), other.group(4))));
    }
    return Optional.empty();
  }

  private static PhysRange range(
      FileText file, int line, String start, String end, boolean isBehind) {
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
