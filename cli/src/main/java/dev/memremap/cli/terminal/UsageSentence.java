// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli.terminal;

import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import picocli.CommandLine.MutuallyExclusiveArgsException;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** What is wrong with words that picocli cannot read, in our words where its own are a dialect. */
final class UsageSentence {
  /** Its names for numbers are those of Java's types. */
  private static final Pattern NUMBER = Pattern.compile("is not an? (int|long)$");

  private static final Pattern EXCLUSIVE =
      Pattern.compile("^error: (.+), (.+) are mutually exclusive \\(specify only one\\)$");

  /** How many letters a word may differ in from the one that was meant. */
  private static final int NEAR = 2;

  private UsageSentence() {}

  static String of(ParameterException failure) {
    String said = String.valueOf(failure.getMessage()).replaceAll("\\R", " ").strip();
    String sentence = said.isEmpty() ? "the words cannot be used" : Failure.lowered(said);
    return switch (failure) {
      case UnmatchedArgumentException unmatched -> unmatched(unmatched, sentence);
      case MutuallyExclusiveArgsException both ->
          EXCLUSIVE
              .matcher(sentence)
              .replaceFirst("$1 and $2 exclude each other; give one of them");
      default -> NUMBER.matcher(sentence).replaceFirst("is not a whole number");
    };
  }

  private static String unmatched(UnmatchedArgumentException failure, String sentence) {
    List<String> words = failure.getUnmatched();
    List<String> near = failure.getSuggestions();
    String said = sentence;
    if (!failure.isUnknownOption() && failure.getCommandLine().getParent() == null) {
      String named = words.getFirst();
      near = near.stream().filter(name -> distance(named, name) <= NEAR).toList();
      said = "no subcommand '%s'".formatted(named);
    } else if (!failure.isUnknownOption()) {
      said =
          words.stream().map("'%s'"::formatted).collect(Collectors.joining(", "))
              + (words.size() == 1 ? " is one word too many" : " are words too many");
    }
    return near.isEmpty() ? said : said + "; did you mean " + String.join(" or ", near) + "?";
  }

  /** How many letters have to be put in, left out or changed to make one word of the other. */
  private static int distance(String one, String other) {
    int[] row = new int[other.length() + 1];
    for (int j = 0; j <= other.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= one.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= other.length(); j++) {
        int changed = diagonal + (one.charAt(i - 1) == other.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(changed, 1 + Math.min(row[j], row[j - 1]));
      }
    }
    return row[other.length()];
  }
}
