// SPDX-License-Identifier: Apache-2.0
package dev.memremap.reading;

import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What a file of a report holds, as its name says. */
enum ReportRole {
  MAP("iomem", null, 16),
  BLOCKS("lsmem", null, 4),
  CPUINFO("cpuinfo", FactFile.CPUINFO, 16),
  MTRR("mtrr", FactFile.MTRR, 1),
  PAT("memtype", FactFile.PAT, 4),
  LSPCI("lspci", FactFile.LSPCI, 8),
  /** A name that ends in "journal" is that of systemd's binary journal. */
  DMESG("dmesg|kern\\.log|^journal$|journal(?!~?$)", FactFile.DMESG, 32);

  /** How a binary journal begins, whatever its name. */
  private static final String JOURNAL = "LPKSHHRH";

  private final Pattern names;
  private final @Nullable FactFile fact;
  private final int maxMib;

  /**
   * @param maxMib what a file of the kind has at most; texts of all kinds are held at once
   */
  ReportRole(String names, @Nullable FactFile fact, int maxMib) {
    this.names = Pattern.compile(names);
    this.fact = fact;
    this.maxMib = maxMib;
  }

  static Optional<ReportRole> of(String path) {
    String name = path.substring(path.lastIndexOf('/') + 1).toLowerCase(Locale.ROOT);
    for (ReportRole role : values()) {
      if (role.names.matcher(name).find()) {
        return Optional.of(role);
      }
    }
    return Optional.empty();
  }

  /** The facts that it states; null for a map. */
  @Nullable FactFile fact() {
    return fact;
  }

  int maxBytes() {
    return maxMib << 20;
  }

  boolean holds(FileText file) {
    return fact == null
        ? !file.text().isBlank()
        : fact.isIn(file.text()) && !file.text().startsWith(JOURNAL);
  }
}
