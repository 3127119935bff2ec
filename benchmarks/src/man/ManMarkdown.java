// SPDX-License-Identifier: Apache-2.0

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A page of docs as a manual page of section 5, in AsciiDoc: paragraphs, headings, lists, blocks
 * and their marks, and tables, whose rows become terms with what is said of them.
 *
 * @param name of the manual page
 * @param says what its first line says
 * @param markdown the page of docs
 */
record ManMarkdown(String name, String says, Path markdown) {
  private static final Pattern CODE = Pattern.compile("`([^`]+)`");
  private static final Pattern LINK = Pattern.compile("\\[([^]]+)]\\([^)]+\\)");

  /** The page, without the sections that all pages have at their end. */
  String text() throws IOException {
    List<String> out = new ArrayList<>();
    out.add("= %s(5)".formatted(name));
    out.add(":doctype: manpage");
    out.add(":manmanual: Memremap Manual");
    out.add("");
    out.add("== Name");
    out.add("");
    out.add(name + " - " + says);
    out.add("");
    out.add("== Description");
    List<String> heads = List.of();
    boolean isBlock = false;
    for (String line : Files.readAllLines(markdown)) {
      if (line.startsWith("```")) {
        isBlock = !isBlock;
        out.add("....");
      } else if (isBlock) {
        out.add(line);
      } else if (line.startsWith("<!-- ")) {
        String mark = line.substring("<!-- ".length(), line.length() - " -->".length());
        out.addAll(List.of("++++", ".\\\" " + mark, "++++", ""));
      } else if (line.startsWith("| ")) {
        List<String> cells = cells(line);
        if (heads.isEmpty()) {
          heads = cells;
        } else {
          row(out, heads, cells);
        }
      } else if (line.startsWith("## ") || line.startsWith("### ")) {
        out.add(
            line.replaceFirst("^##", "==")
                .replaceFirst("^==#", "===")
                .transform(ManMarkdown::inline));
      } else if (line.startsWith("- ")) {
        out.addAll(List.of("", "* " + inline(line.substring(2))));
      } else if (!line.startsWith("|--") && !line.startsWith("# ")) {
        heads = line.isBlank() ? List.of() : heads;
        out.add(inline(line.strip()));
      }
    }
    out.add("");
    return String.join("\n", out);
  }

  private static List<String> cells(String row) {
    return Stream.of(row.substring(1, row.length() - 1).split("\\|")).map(String::strip).toList();
  }

  private static void row(List<String> out, List<String> heads, List<String> cells) {
    out.add("");
    out.add(inline(cells.getFirst()) + "::");
    for (int i = 1; i < cells.size(); i++) {
      String head = heads.get(i).substring(0, 1).toUpperCase() + heads.get(i).substring(1);
      out.add(
          "  "
              + (i == 1 ? "" : head + ": ")
              + inline(cells.get(i))
              + (i < cells.size() - 1 ? "." : ""));
    }
  }

  /** Code as it is, and of links their text. */
  private static String inline(String text) {
    return CODE.matcher(LINK.matcher(text).replaceAll("$1")).replaceAll("`+$1+`");
  }
}
