// SPDX-License-Identifier: Apache-2.0
package dev.memremap.house;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** What we wrote for people: documents, manual pages, and the comments and strings of code. */
final class OurText {
  private static final Set<String> BUILT = Set.of("target", ".git");

  /** Documents, Java wherever it lies, the kernel module, manual pages, scenarios to learn from. */
  private static final Pattern OURS =
      Pattern.compile(
          ".*\\.(md|java)|.*/docs/man/.*\\.[15]|.*/kernel-module/.*\\.[ch]|.*/examples/.*\\.scenario");

  /** A text block, a string, a character, a comment of either kind; alternatives in this order. */
  private static final Pattern PASSAGE =
      Pattern.compile(
          "\"\"\"(?<block>(?:\\\\.|(?!\"\"\").)*+)\"\"\"|(?<strings>\"(?:\\\\.|[^\"\\\\\\n"
              + "])*+\"(?:\\s*\\+\\s*\"(?:\\\\.|[^\"\\\\\\n"
              + "])*+\")*+)|'(?:\\\\.|[^'\\\\])'|(?<lines>//[^\\n"
              + "]*+(?:\\n"
              + "\\s*//[^\\n"
              + "]*+)*+)|(?<comment>/\\*(?:(?!\\*/).)*+\\*/)",
          Pattern.DOTALL);

  private OurText() {}

  /** All files of a working tree that hold text of ours, in a fixed order. */
  static List<Path> files(Path root) throws IOException {
    List<Path> found = new ArrayList<>();
    try (Stream<Path> children = Files.list(root)) {
      for (Path child : children.sorted().toList()) {
        if (Files.isDirectory(child)) {
          if (!BUILT.contains(child.getFileName().toString())) {
            found.addAll(files(child));
          }
        } else if (OURS.matcher(child.toString().replace('\\', '/')).matches()) {
          found.add(child);
        }
      }
    }
    return found;
  }

  /**
   * The sentences of a file: a document is one passage; of code, each comment and each string is
   * one. Line breaks, and what marks a line as a comment, are one space.
   */
  static List<String> passages(Path file) throws IOException {
    String text = Files.readString(file);
    String name = file.getFileName().toString();
    if (name.endsWith(".java") || name.endsWith(".c") || name.endsWith(".h")) {
      return ofCode(text);
    }
    return List.of(text.replaceAll("\\s*\\n[#\\s]*", " "));
  }

  private static List<String> ofCode(String text) {
    List<String> passages = new ArrayList<>();
    Matcher passage = PASSAGE.matcher(text);
    while (passage.find()) {
      if (passage.group("strings") != null) {
        passages.add(passage.group("strings").replaceAll("\"\\s*\\+\\s*\"", ""));
      } else if (passage.group("lines") != null) {
        passages.add(passage.group("lines").replaceAll("\\s*\\n\\s*//\\s*", " "));
      } else if (passage.group("comment") != null) {
        passages.add(passage.group("comment").replaceAll("\\s*\\n\\s*(?:\\*(?!/))?\\s*", " "));
      } else if (passage.group("block") != null) {
        passages.add(passage.group("block").replaceAll("\\s+", " "));
      }
    }
    return passages;
  }
}
