// SPDX-License-Identifier: Apache-2.0
package dev.memremap.house;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The condition on our English: few words and turns that an engineer has to translate.
 *
 * <p>It reads comments and strings of Java, and all text of documents, manual pages and examples.
 * Scenarios that were recorded, and what they are compared with, are not read: kernels answered
 * them.
 */
class PlainEnglishTest {
  private static final int MAX_HITS = 25;

  /** A word or turn, and what to look for in text whose line breaks are spaces. */
  private enum Turn {
    NOBODY("(?i)\\b[n]obody\\b"),
    BESIDES("(?i)\\b[b]esides\\b"),
    /** Everywhere but at the start of a question, which has no other end of a sentence in it. */
    RELATIVE_WHO("(?i)\\b[w]ho\\b(?!(?<=(?:^|[.?!:*(] |[.?!:*(\"])who)[^.!?]*\\?)"),
    IS_NO("(?i)\\b(?:is|are) (?:no|none)\\b"),
    /** The first words of a Javadoc comment; its start is kept as a slash and two stars. */
    THE_SAME("/\\*\\* The same\\b");

    private final Pattern pattern;

    Turn(String regex) {
      this.pattern = Pattern.compile(regex);
    }
  }

  @TempDir private Path folder;

  private static List<String> found(Path root) throws IOException {
    List<String> hits = new ArrayList<>();
    for (Path file : OurText.files(root)) {
      if (file.endsWith("PlainEnglishTest.java")) { // it plants what it looks for
        continue;
      }
      for (String passage : OurText.passages(file)) {
        for (Turn turn : Turn.values()) {
          turn.pattern
              .matcher(passage)
              .results()
              .forEach(
                  hit ->
                      hits.add(root.relativize(file) + ": " + turn + ": " + around(hit, passage)));
        }
      }
    }
    return hits;
  }

  private static String around(MatchResult hit, String passage) {
    int from = Math.max(0, hit.start() - 40);
    return passage.substring(from, Math.min(passage.length(), hit.end() + 30));
  }

  @Test
  @DisplayName("at most 25 words and turns that an engineer has to translate, in all together")
  void few() throws IOException {
    List<String> hits = found(Path.of(".."));
    assertThat(hits.size()).as("%s", String.join("\n", hits)).isLessThanOrEqualTo(MAX_HITS);
  }

  @Test
  @DisplayName(
      "each word and turn is noticed: in a comment, over a line break, in a string, on a page")
  void plantedViolationsAreNoticed() throws IOException {
    Path sources = Files.createDirectories(folder.resolve("core/src/main/java"));
    Files.writeString(
        sources.resolve("Odd.java"),
        """
        /** The same with a nobody. */
        class Odd {
          // there is
          // none of it, and Besides
          Object who = "x is"
              + " no number";
          char quote = '"'; // those who hold it
        }
        """);
    Files.writeString(
        folder.resolve("README.md"), "**Who holds it?** Those who ask.\nThere are\nno");
    assertThat(found(folder))
        .extracting(hit -> hit.replaceAll(": (\\w+): .*", " $1"))
        .containsExactlyInAnyOrder(
            "README.md RELATIVE_WHO",
            "README.md IS_NO",
            "core/src/main/java/Odd.java THE_SAME",
            "core/src/main/java/Odd.java NOBODY",
            "core/src/main/java/Odd.java IS_NO",
            "core/src/main/java/Odd.java IS_NO",
            "core/src/main/java/Odd.java BESIDES",
            "core/src/main/java/Odd.java RELATIVE_WHO");
  }

  @Test
  @DisplayName("names in code, built files, and a question are let be")
  void whatIsNoSentence() throws IOException {
    Path sources = Files.createDirectories(folder.resolve("core/src/test/java"));
    Path built = Files.createDirectories(folder.resolve("core/target/src/main/java"));
    Files.writeString(
        sources.resolve("Good.java"), "class Good { Object who; /** Who asks? */ int nobody; }");
    Files.writeString(built.resolve("Built.java"), "// nobody");
    Files.writeString(folder.resolve("notes.md"), "Who holds it, and since when?");
    assertThat(found(folder)).isEmpty();
  }
}
