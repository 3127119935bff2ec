// SPDX-License-Identifier: Apache-2.0
package dev.memremap.scenario;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * A scenario that was read and is valid: a machine, then operations on it.
 *
 * <p>Everything that can be checked without running it is checked: its words, numbers and names are
 * valid, and {@code machine} is its first operation and occurs once.
 *
 * <p>Thread safety: immutable.
 */
public final class Scenario {
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
      Verb verb = verb(file, line, words.getFirst(), operations.isEmpty());
      operations.add(verb.read(new Statement(file, line, verb, words, names)));
      sources.put(line, Source.of(words));
    }
    if (operations.isEmpty()) {
      throw new ScenarioSyntaxException(
          file, 1, 1, "no operation: a scenario starts with 'machine SPEC'");
    }
    return new Scenario(path, operations, sources);
  }

  private static Verb verb(String file, int line, Word word, boolean first) {
    Verb verb =
        Verb.of(word.text())
            .orElseThrow(
                () ->
                    new ScenarioSyntaxException(
                        file,
                        line,
                        word.column(),
                        "unknown operation %s: one of %s".formatted(word.quoted(), allWords())));
    if (first != (verb == Verb.MACHINE)) {
      throw new ScenarioSyntaxException(
          file,
          line,
          word.column(),
          first
              ? "the first operation is 'machine SPEC', not " + word.quoted()
              : "a scenario has one machine: this is a second one");
    }
    return verb;
  }

  private static String allWords() {
    return Arrays.stream(Verb.values()).map(Verb::word).collect(Collectors.joining(", "));
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
  public Arguments.Machine machine() {
    return (Arguments.Machine) operations.getFirst().arguments();
  }

  /** The line in which the machine is selected. */
  public int machineLine() {
    return operations.getFirst().line();
  }

  /** The page map that a {@code pgmap} of this name fills. */
  public Optional<Arguments.Pgmap> map(String name) {
    return operations.stream()
        .map(Operation::arguments)
        .filter(Arguments.Pgmap.class::isInstance)
        .map(Arguments.Pgmap.class::cast)
        .filter(map -> map.name().equals(name))
        .findFirst();
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
