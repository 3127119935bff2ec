// SPDX-License-Identifier: Apache-2.0
package dev.memremap.scenario;

import java.nio.file.Path;
import java.util.Collections;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Recorded answers: for each operation one line {@code N: ANSWER}, N being the operation's line.
 *
 * <p>Thread safety: immutable.
 */
public final class Answers {
  private static final Pattern ROW = Pattern.compile("([1-9][0-9]{0,8}): (\\S(?:.*\\S)?)");

  private final SortedMap<Integer, String> texts;

  private Answers(SortedMap<Integer, String> texts) {
    this.texts = texts;
  }

  /**
   * Reads an answers file.
   *
   * @throws ScenarioSyntaxException if it cannot be read or a line is not {@code N: ANSWER}
   */
  public static Answers read(Path path) {
    return parse(path, ScenarioText.read(path));
  }

  /** Reads answers from a text; the path is the name that mistakes are reported under. */
  public static Answers parse(Path path, String text) {
    SortedMap<Integer, String> texts = new TreeMap<>();
    int line = 0;
    for (String row : text.split("\n", -1)) {
      line++;
      String content = row.endsWith("\r") ? row.substring(0, row.length() - 1) : row;
      if (content.isEmpty()) {
        continue;
      }
      Matcher matcher = ROW.matcher(content);
      if (!matcher.matches()) {
        throw new ScenarioSyntaxException(
            path.toString(), line, 1, Word.quoted(content) + " is not an answer, 'N: ANSWER'");
      }
      int operation = Integer.parseInt(matcher.group(1));
      if (texts.putIfAbsent(operation, matcher.group(2)) != null) {
        throw new ScenarioSyntaxException(
            path.toString(), line, 1, "line %d is answered twice".formatted(operation));
      }
    }
    return new Answers(texts);
  }

  /** The answer to the operation in a line of the scenario. */
  public Optional<String> at(int line) {
    return Optional.ofNullable(texts.get(line));
  }

  /** All answers by the operation's line, ascending. */
  public SortedMap<Integer, String> byLine() {
    return Collections.unmodifiableSortedMap(texts);
  }
}
