// SPDX-License-Identifier: Apache-2.0
package dev.memremap.reading;

import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The lines of a table of Linux in a text that was pasted: without quotes and prompts. */
final class TableText {
  /** A line of a memory type list, in either of its forms. */
  private static final Pattern MEMTYPE = Pattern.compile("PAT: \\[.*|PAT memtype.*|\\S+ @ 0x.*");

  private TableText() {}

  static String of(FactFile kind, String text) {
    return text.lines()
        .map(line -> LinePrefix.stripMarks(line).strip())
        .filter(line -> kind != FactFile.PAT || MEMTYPE.matcher(line).matches())
        .collect(Collectors.joining("\n", "", "\n"));
  }
}
