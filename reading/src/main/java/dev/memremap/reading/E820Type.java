// SPDX-License-Identifier: Apache-2.0
package dev.memremap.reading;

import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The types of memory in the firmware's map, and what Linux makes of them. */
enum E820Type {
  USABLE("usable|System RAM", "System RAM"),
  RESERVED("reserved|device reserved", "Reserved"),
  SOFT_RESERVED("soft reserved", "Soft Reserved"),
  ACPI_DATA("ACPI data", "ACPI Tables"),
  ACPI_NVS("ACPI NVS", "ACPI Non-volatile Storage"),
  UNUSABLE("unusable", "Unusable memory"),
  PERSISTENT("persistent \\(type 7\\)|persistent type-7|type 7", "Persistent Memory"),
  PERSISTENT_LEGACY(
      "persistent \\(type 12\\)|persistent type-12|type 12", "Persistent Memory (legacy)"),
  UNKNOWN("type [0-9]{1,10}", "Unknown E820 type");

  /** A size that newer kernels print before the type. */
  private static final Pattern SIZE = Pattern.compile("[0-9.]{1,12} *[KMGTPE]?B +");

  private final Pattern printed;
  private final String resource;

  E820Type(String printed, String resource) {
    this.printed = Pattern.compile(printed, Pattern.CASE_INSENSITIVE);
    this.resource = resource;
  }

  /** The type that a kernel prints in these words; empty if it prints none so. */
  static Optional<E820Type> of(String words) {
    String text = words.strip();
    Matcher size = SIZE.matcher(text);
    if (size.lookingAt()) {
      text = text.substring(size.end());
    }
    if (text.startsWith("(") && text.endsWith(")")) {
      text = text.substring(1, text.length() - 1);
    }
    if (text.toLowerCase(Locale.ROOT).startsWith("type 1") && text.length() == 6) {
      return Optional.of(USABLE);
    }
    for (E820Type type : values()) {
      if (type.printed.matcher(text).matches()) {
        return Optional.of(type);
      }
    }
    return Optional.empty();
  }

  /** The name that Linux gives the resource. */
  String resource() {
    return resource;
  }
}
