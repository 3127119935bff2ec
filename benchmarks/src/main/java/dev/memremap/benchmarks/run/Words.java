// SPDX-License-Identifier: Apache-2.0
package dev.memremap.benchmarks.run;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Texts of the tables. */
final class Words {
  private Words() {}

  /** Two decimals, or three digits that count where that would say nothing. */
  static String ratio(double ratio) {
    int decimals = ratio < 0.0095 ? 4 : ratio < 0.095 ? 3 : ratio < 9.995 ? 2 : 1;
    return String.format(Locale.ROOT, "%,." + decimals + "f", ratio);
  }

  /** Without the marks of Markdown. */
  static String plain(String markdown) {
    return markdown.replace("`", "");
  }

  /** Lines of at most so many characters, broken between words. */
  static List<String> wrap(String text, int width) {
    List<String> lines = new ArrayList<>();
    StringBuilder line = new StringBuilder();
    for (String word : text.split(" ", -1)) {
      if (!line.isEmpty() && line.length() + 1 + word.length() > width) {
        lines.add(line.toString());
        line.setLength(0);
      }
      line.append(line.isEmpty() ? "" : " ").append(word);
    }
    lines.add(line.toString());
    return lines;
  }
}
