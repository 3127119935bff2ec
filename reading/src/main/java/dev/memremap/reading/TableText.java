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
        .filter(line -> line.length() <= FileText.LONGEST_LINE)
        .map(line -> LinePrefix.stripMarks(line).strip())
        .filter(line -> isOf(kind, line))
        .collect(Collectors.joining("\n", "", "\n"));
  }

  /** A prompt would be taken for a line of the table that is not understood, and be shown. */
  private static boolean isOf(FactFile kind, String line) {
    return kind == FactFile.PAT
        ? MEMTYPE.matcher(line).matches()
        : !(PastedLine.of(line) instanceof PastedLine.Prompt);
  }
}
