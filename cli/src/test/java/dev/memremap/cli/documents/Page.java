// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli.documents;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A page of the documents: README.md, what lies in docs, and the manual pages.
 *
 * @param name the page, from the project's folder on
 * @param blocks its blocks of code, in order
 */
record Page(String name, List<Block> blocks) {
  /** The project's folder. */
  static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

  /** Every page, README first. */
  static List<Page> all() throws IOException {
    List<Page> pages = new ArrayList<>();
    pages.add(of(ROOT.resolve("README.md")));
    try (Stream<Path> files = Files.walk(ROOT.resolve("docs"))) {
      for (Path file : files.filter(Page::isPage).sorted().toList()) {
        pages.add(of(file));
      }
    }
    return pages;
  }

  private static boolean isPage(Path file) {
    String name = file.getFileName().toString();
    return name.endsWith(".md") || name.matches(".*\\.[1-8]");
  }

  private static Page of(Path file) throws IOException {
    String name = ROOT.relativize(file).toString();
    List<String> lines = Files.readAllLines(file);
    return name.endsWith(".md") ? markdown(name, lines) : manual(name, lines);
  }

  /** Whether its blocks are carried out in a folder of their own, which is empty at first. */
  boolean hasOwnFolder() {
    return name.startsWith("docs/howto/") || name.equals("docs/tutorial.md");
  }

  boolean isManual() {
    return !name.endsWith(".md");
  }

  /** A block begins with a fence, or with a line indented by four behind an empty one. */
  static Page markdown(String name, List<String> lines) {
    List<Block> blocks = new ArrayList<>();
    Mark mark = null;
    boolean isList = false;
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i);
      boolean isAfterEmpty =
          i == 0 || lines.get(i - 1).isBlank() || lines.get(i - 1).endsWith("-->");
      if (line.startsWith("<!--")) {
        StringBuilder comment = new StringBuilder(line);
        while (!line.endsWith("-->")) {
          line = lines.get(++i);
          comment.append('\n').append(line);
        }
        mark = Mark.of(comment.substring(4, comment.length() - 3)).orElse(null);
      } else if (line.startsWith("```")) {
        int from = i + 1;
        i = next(lines, from, "```");
        blocks.add(block(name, from, line.substring(3).strip(), mark, lines.subList(from, i)));
        mark = null;
      } else if (line.startsWith("    ") && isAfterEmpty && !isList) {
        int from = i;
        while (i < lines.size() && (lines.get(i).startsWith("    ") || lines.get(i).isBlank())) {
          i++;
        }
        List<String> text = lines.subList(from, i).stream().map(Page::unindented).toList();
        blocks.add(block(name, from, "", mark, text));
        mark = null;
        i--;
      } else if (!line.isBlank()) {
        mark = null;
        isList = line.matches("([-*]|[0-9]+\\.) .*") || isList && line.startsWith("  ");
      }
    }
    return new Page(name, blocks);
  }

  private static String unindented(String line) {
    return line.isBlank() ? "" : line.substring(4);
  }

  private static Block block(
      String page, int from, String language, @Nullable Mark mark, List<String> lines) {
    return new Block(page, from + 1, language, mark, String.join("\n", lines).stripTrailing());
  }

  private static int next(List<String> lines, int from, String what) {
    for (int i = from; i < lines.size(); i++) {
      if (lines.get(i).equals(what)) {
        return i;
      }
    }
    throw new IllegalArgumentException("line %d begins a block without an end".formatted(from));
  }

  /** A block of a manual page lies between the requests {@code .fam C} and {@code .fam}. */
  static Page manual(String name, List<String> lines) {
    List<Block> blocks = new ArrayList<>();
    Mark mark = null;
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i);
      if (line.startsWith(".\\\" ")) {
        mark = Mark.of(line.substring(4)).orElse(null);
      } else if (line.equals(".fam C")) {
        int from = i + 1;
        i = next(lines, from, ".fam");
        List<String> text = lines.subList(from, i).stream().map(Page::typed).toList();
        blocks.add(block(name, from, "", mark, text));
        mark = null;
      }
    }
    return new Page(name, blocks);
  }

  /** What a reader of a manual page sees. */
  private static String typed(String roff) {
    return roff.replaceAll("\\\\f[BIPR]", "")
        .replace("\\-", "-")
        .replace("\\(cq", "'")
        .replace("\\*(Aq", "'")
        .replace("\\(aq", "'")
        .replace("\\&", "")
        .replace("\\(lq", "\"")
        .replace("\\e", "\\")
        .replace("\\[u2026]", "…");
  }

  @Override
  public String toString() {
    return name;
  }
}
