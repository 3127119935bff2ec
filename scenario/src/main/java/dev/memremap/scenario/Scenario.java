// SPDX-License-Identifier: Apache-2.0
package dev.memremap.scenario;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A scenario that has been read whole and found right: a machine, then operations on it.
 *
 * <p>Whatever can be said about a scenario without running it has been said by then: its words,
 * numbers and names are in order, and {@code machine} is its first operation and its only one of
 * that kind.
 *
 * <p>Thread safety: immutable.
 */
public final class Scenario {
  private static final Map<String, Verb> VERBS =
      Stream.of(MachineSyntax.VERBS, MemremapSyntax.VERBS, RefSyntax.VERBS, PagemapSyntax.VERBS)
          .flatMap(List::stream)
          .collect(Collectors.toMap(Verb::name, verb -> verb, (a, b) -> a, LinkedHashMap::new));

  private record Source(int column, String text) {
    static Source of(List<Word> words) {
      return new Source(
          words.getFirst().column(),
          words.stream().map(Word::text).collect(Collectors.joining(" ")));
    }
  }

  private final Path path;
  private final List<Operation> operations;
  private final Map<Integer, Source> sources;

  private Scenario(Path path, List<Operation> operations, Map<Integer, Source> sources) {
    this.path = path;
    this.operations = List.copyOf(operations);
    this.sources = Map.copyOf(sources);
  }

  /**
   * Reads a scenario file.
   *
   * @throws ScenarioSyntaxException if it cannot be read, is not UTF-8, or breaks a rule of the
   *     language; the first mistake is reported
   */
  public static Scenario read(Path path) {
    return parse(path, ScenarioText.read(path));
  }

  /**
   * Reads a scenario from a text.
   *
   * @param path the name that mistakes are reported under, and from which the machine file is found
   * @throws ScenarioSyntaxException if it breaks a rule of the language
   */
  public static Scenario parse(Path path, String text) {
    String file = path.toString();
    List<Operation> operations = new ArrayList<>();
    Map<Integer, Source> sources = new LinkedHashMap<>();
    NameTable names = new NameTable();
    int line = 0;
    for (String row : text.split("\n", -1)) {
      line++;
      // A file saved on Windows is the same scenario.
      String content = row.endsWith("\r") ? row.substring(0, row.length() - 1) : row;
      List<Word> words = Statement.wordsOf(file, line, content);
      if (words.isEmpty()) {
        continue;
      }
      Statement statement = new Statement(file, line, words);
      operations.add(operation(statement, names, operations.isEmpty()));
      sources.put(line, Source.of(words));
    }
    if (operations.isEmpty()) {
      throw new ScenarioSyntaxException(
          file, 1, 1, "there is no operation: a scenario starts with 'machine SPEC'");
    }
    return new Scenario(path, operations, sources);
  }

  private static Operation operation(Statement statement, NameTable names, boolean first) {
    Word word = statement.verb();
    Verb verb = VERBS.get(word.text());
    if (verb == null) {
      throw statement.error(
          word,
          "unknown operation %s: one of %s"
              .formatted(word.quoted(), String.join(", ", VERBS.keySet())));
    }
    if (first != word.text().equals("machine")) {
      throw statement.error(
          word,
          first
              ? "the first operation is 'machine SPEC', not " + word.quoted()
              : "a scenario has one machine: this is a second one");
    }
    return verb.read(statement, names);
  }

  /** The words that operations begin with: the whole language. */
  public static Set<String> verbs() {
    return Collections.unmodifiableSet(VERBS.keySet());
  }

  /** The file, as it was named. */
  public Path path() {
    return path;
  }

  /** All operations in order, the machine's first. */
  public List<Operation> operations() {
    return operations;
  }

  /** The machine that all other operations work on. */
  public SelectMachine machine() {
    return (SelectMachine) operations.getFirst();
  }

  /** An operation as it was written, comment left out, words one blank apart. */
  public String textOf(Operation operation) {
    return source(operation).text();
  }

  /** The column in which an operation's own word starts. */
  int columnOf(Operation operation) {
    return source(operation).column();
  }

  private Source source(Operation operation) {
    Source source = sources.get(operation.line());
    if (source == null) {
      throw new IllegalArgumentException(operation + " is not of " + path);
    }
    return source;
  }
}
