// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli.documents;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The words of a command line, where that is all it is. */
final class ShellWords {
  private ShellWords() {}

  /**
   * The words, with quotes and comments taken off; empty where the line has more than words: a
   * pipe, a redirection, a variable, a pattern.
   */
  static Optional<List<String>> of(String line) {
    List<String> words = new ArrayList<>();
    StringBuilder word = null;
    char quote = 0;
    for (int i = 0; i < line.length(); i++) {
      char c = line.charAt(i);
      if (quote != 0) {
        if (c == quote) {
          quote = 0;
        } else if (quote == '"' && "\\$`".indexOf(c) >= 0) {
          return Optional.empty();
        } else {
          word.append(c);
        }
      } else if (c == '\\' && i + 1 < line.length() && line.charAt(i + 1) == '\n') {
        i++;
      } else if (c == ' ') {
        if (word != null) {
          words.add(word.toString());
          word = null;
        }
      } else if (c == '#' && word == null) {
        break;
      } else if ("|<>;&$`*?[(){}\\~\n".indexOf(c) >= 0) {
        return Optional.empty();
      } else {
        word = word == null ? new StringBuilder() : word;
        if (c == '\'' || c == '"') {
          quote = c;
        } else {
          word.append(c);
        }
      }
    }
    if (word != null) {
      words.add(word.toString());
    }
    return words.isEmpty() || quote != 0 ? Optional.empty() : Optional.of(words);
  }
}
