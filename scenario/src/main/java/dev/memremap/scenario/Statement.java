// SPDX-License-Identifier: Apache-2.0
package dev.memremap.scenario;

import dev.memremap.resource.Memparse;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * One operation's line as words: the operation's own and its arguments, with the lexical rules that
 * any argument can be held against.
 *
 * @param file the scenario's name
 * @param line from 1
 * @param verb that of the first word
 * @param words at least one
 * @param names what the lines before it define, and what it defines itself
 */
record Statement(String file, int line, Verb verb, List<Word> words, NameTable names) {
  /** Longest line, in characters. */
  static final int MAX_LINE = 64 << 10;

  private static final Pattern NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_-]{0,31}");

  /** The words of a line, comment and blanks left out; none for a line without an operation. */
  static List<Word> wordsOf(String file, int line, String text) {
    if (text.length() > MAX_LINE) {
      throw new ScenarioSyntaxException(
          file, line, MAX_LINE + 1, "the line is longer than 65536 characters");
    }
    List<Word> words = new ArrayList<>();
    int end = text.indexOf('#') < 0 ? text.length() : text.indexOf('#');
    int start = -1;
    for (int i = 0; i <= end; i++) {
      boolean blank = i == end || text.charAt(i) == ' ' || text.charAt(i) == '\t';
      if (blank && start >= 0) {
        words.add(new Word(text.substring(start, i), 1 + text.codePointCount(0, start)));
        start = -1;
      } else if (!blank && start < 0) {
        start = i;
      }
      if (!blank && !Word.isPrintable(text.codePointAt(i)) && !isLowHalf(text, i)) {
        throw new ScenarioSyntaxException(
            file,
            line,
            1 + text.codePointCount(0, i),
            "character U+%04X does not belong in a scenario outside comments"
                .formatted(text.codePointAt(i)));
      }
    }
    return words;
  }

  private static boolean isLowHalf(String text, int i) {
    return i > 0 && Character.isSurrogatePair(text.charAt(i - 1), text.charAt(i));
  }

  /** The words after the operation's. */
  List<Word> arguments() {
    return words.subList(1, words.size());
  }

  /** The argument with this index, 0 for the first. */
  Word argument(int index) {
    return words.get(index + 1);
  }

  /** The number of arguments is as in the usage, else the usage is shown. */
  void expectArguments(Usage usage) {
    int count = words.size() - 1;
    if (count < usage.fewest()) {
      Word last = words.getLast();
      throw error(last.from(last.text().length()), "too few words: " + usage.text());
    }
    if (count > usage.most()) {
      throw error(argument(usage.most()), "too many words: " + usage.text());
    }
  }

  /** The {@code KEY=VALUE} arguments from an index on. */
  KeyValues keyValues(int from) {
    return KeyValues.of(this, from);
  }

  /** The argument's name, defined here. */
  String define(int index, NameTable.Kind kind) {
    return names.define(this, argument(index), kind);
  }

  /** The argument's name, which an earlier line defined as this kind. */
  String use(int index, NameTable.Kind kind) {
    return use(argument(index), kind);
  }

  /** A name that an earlier line defined as this kind. */
  String use(Word word, NameTable.Kind kind) {
    return names.use(this, word, kind);
  }

  /** A word that has the form of a NAME. */
  String name(Word word) {
    if (!NAME.matcher(word.text()).matches()) {
      throw error(
          word,
          word.quoted()
              + " is not a name: a letter or '_', then up to 31 letters, digits, '_' or '-'");
    }
    return word.text();
  }

  /** The argument, an unsigned 64-bit number. */
  long number(int index) {
    return number(argument(index));
  }

  /** An unsigned 64-bit number. */
  long number(Word word) {
    try {
      return Memparse.parse(word.text());
    } catch (NumberFormatException e) {
      boolean isNoise = word.text().length() > 40;
      throw error(
          word,
          isNoise ? word.quoted() + " is not a number of 64 bits" : String.valueOf(e.getMessage()));
    }
  }

  /** A number that is at least 1. */
  long count(Word word) {
    long count = number(word);
    if (count == 0) {
      throw error(word, "the count is at least 1");
    }
    return count;
  }

  /** The argument, a width in bits. */
  int width(int index) {
    Word word = argument(index);
    long width = number(word);
    if (width != 8 && width != 16 && width != 32 && width != 64) {
      throw error(word, word.quoted() + " is not a width: 8, 16, 32 or 64 bits");
    }
    return (int) width;
  }

  ScenarioSyntaxException error(Word at, String sentence) {
    return new ScenarioSyntaxException(file, line, at.column(), sentence);
  }
}
