// SPDX-License-Identifier: Apache-2.0
package dev.memremap.benchmarks.run;

import dev.memremap.benchmarks.Comparison;
import dev.memremap.cli.terminal.OutputFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where a document has a table: between two lines that are comments to Markdown. Names of rows or
 * points at the end of the first choose among the rows.
 */
public enum MarkdownPlace {
  /**
   * Of ours beside peers: {@code <!-- memremap bench -->}, {@code <!-- end of memremap bench -->}.
   */
  BENCH("memremap bench"),
  /** Of two versions: {@code <!-- memremap bench --against -->}, and an end that says the same. */
  AGAINST("memremap bench --against");

  private final String words;
  private final Pattern place;

  MarkdownPlace(String words) {
    this.words = words;
    place =
        Pattern.compile(
            "(?m)^(<!-- %1$s(?<names>( [a-z0-9][a-z0-9-]*)*) -->\n)(?s:.*?)^(<!-- end of %1$s -->)$"
                .formatted(Pattern.quote(words)));
  }

  /**
   * Fills all such places of a document. A document that is not there yet becomes one place.
   *
   * @param table makes the table of the rows or points with these names; of all without a name
   */
  void fill(Path document, Function<List<String>, String> table) throws IOException {
    String filled =
        place
            .matcher(read(document))
            .replaceAll(
                found ->
                    Matcher.quoteReplacement(
                        found.group(1)
                            + "\n"
                            + table.apply(names(found.group("names")))
                            + "\n"
                            + found.group(found.groupCount())));
    OutputFile.write(document, filled.getBytes(StandardCharsets.UTF_8));
  }

  /**
   * Refuses a document that these rows would not fill: it lacks a place, or a place names a row or
   * point that none of them is, and the table there would be lost.
   *
   * @throws IllegalArgumentException if so; the sentence names the document
   */
  public void require(Path document, List<Comparison> rows) throws IOException {
    Matcher found = place.matcher(read(document));
    while (found.find()) {
      for (String name : names(found.group("names"))) {
        if (rows.stream().noneMatch(row -> row.isNamed(name))) {
          throw new IllegalArgumentException(
              "%s has a place for '%s', which is not among the rows of this run"
                  .formatted(document, name));
        }
      }
    }
  }

  private static List<String> names(String words) {
    return words.isEmpty() ? List.of() : List.of(words.strip().split(" ", -1));
  }

  /**
   * The document, if it has such a place.
   *
   * @throws IllegalArgumentException if it has none
   */
  String read(Path document) throws IOException {
    if (!Files.exists(document)) {
      return "<!-- %1$s -->\n<!-- end of %1$s -->\n".formatted(words);
    }
    String text = Files.readString(document);
    if (!place.matcher(text).find()) {
      throw new IllegalArgumentException(
          "%1$s has no place for the table: write a line '<!-- %2$s -->' and, below it, a line '<!-- end of %2$s -->'"
              .formatted(document, words));
    }
    return text;
  }
}
