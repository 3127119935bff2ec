// SPDX-License-Identifier: Apache-2.0
package dev.memremap.benchmarks.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.memremap.benchmarks.Comparison;
import dev.memremap.benchmarks.Goal;
import dev.memremap.benchmarks.Point;
import dev.memremap.benchmarks.Program;
import dev.memremap.benchmarks.Unit;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.core.JsonPointer;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

class EarlierRunTest {
  @TempDir private Path folder;

  /** Each field that a bench.json can have is in one of these rows. */
  private static Report report() {
    Report sample = Sample.report();
    List<Outcome> outcomes = new ArrayList<>(sample.outcomes());
    outcomes.add(
        new Outcome(
            Sample.row("scale-as-fast", Goal.asFast(0.98)),
            Sample.cost(10, 11, 12),
            Sample.cost(40, 44, 48),
            "",
            false));
    return new Report(sample.surroundings(), false, outcomes);
  }

  private static List<Comparison> rows() {
    return report().outcomes().stream().map(Outcome::row).toList();
  }

  private Path file(String text) throws IOException {
    return Files.writeString(folder.resolve("bench.json"), text);
  }

  private static Report read(Path file) {
    return EarlierRun.read(rows(), rows(), List.of(file));
  }

  /** Every field of the file, in the first row, fork or list that has it, as a JSON pointer. */
  private static Stream<String> pointers() {
    List<String> pointers = new ArrayList<>();
    collect("", JsonFile.tree(report()), pointers);
    Map<String, String> firsts = new LinkedHashMap<>();
    pointers.forEach(pointer -> firsts.putIfAbsent(pointer.replaceAll("/\\d+", "/0"), pointer));
    return firsts.values().stream();
  }

  private static void collect(String pointer, JsonNode node, List<String> pointers) {
    pointers.add(pointer);
    if (node.isObject()) {
      node.propertyNames()
          .forEach(name -> collect(pointer + "/" + name, node.path(name), pointers));
    }
    for (int i = 0; node.isArray() && i < node.size(); i++) {
      collect(pointer + "/" + i, node.path(i), pointers);
    }
  }

  @Test
  @DisplayName("a file that has none of the rows that are wanted is refused")
  void noneOfTheRows() throws IOException {
    Path file = file(JsonFile.tree(report()).toString());
    List<Comparison> other = List.of(Sample.row("scale-other", Goal.none()));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> EarlierRun.read(rows(), other, List.of(file)))
        .withMessage(file + " has none of the rows that --only names");
  }

  private static Stream<Arguments> wrongTypes() {
    return pointers()
        .flatMap(
            pointer ->
                Stream.of("null", "[]", "{}", "\"x\"", "7", "-7", "1.5", "true", "1e999")
                    .filter(value -> isWrong(JsonFile.tree(report()).at(pointer), value, pointer))
                    .map(value -> Arguments.of(pointer, value)));
  }

  /** Whether the value is of another kind than the one there, or out of its range. */
  private static boolean isWrong(JsonNode good, String value, String pointer) {
    JsonNode bad = JsonMapper.shared().readTree(value);
    if (good.isNumber()) {
      boolean whole = good.isIntegralNumber();
      return !bad.isNumber()
          || value.equals("-7")
          || value.equals("1e999")
          || (whole && !bad.isIntegralNumber());
    }
    if (good.isArray()) {
      return !bad.isArray() || !pointer.endsWith("flags");
    }
    if (good.isString()) {
      // free text may be any
      return !bad.isString();
    }
    return good.getNodeType() != bad.getNodeType()
        || (good.isObject() && !pointer.endsWith("params") && !pointer.endsWith("goal"));
  }

  @ParameterizedTest(name = "{0} is {1}")
  @MethodSource("wrongTypes")
  @DisplayName("a value of the wrong type or sign is refused, with its file and its place")
  void wrong(String pointer, String value) throws IOException {
    Path file = file(changed(pointer, value));
    assertThatThrownBy(() -> read(file))
        .isInstanceOf(IllegalArgumentException.class)
        .message()
        .startsWith(file + ": ")
        .contains(" is ", " needed", pointer)
        .hasLineCount(1);
  }

  private static Stream<String> needed() {
    return pointers()
        .filter(pointer -> !pointer.isEmpty())
        // of an array, one element fewer is one fork or flag fewer
        .filter(pointer -> !pointer.matches(".*/(rows|forks|iterations|flags)/\\d+"))
        .filter(
            pointer ->
                !pointer.matches(
                    ".*/(version|benchmark|params/maps|reason|oursByPeer|intervalsOverlap|goal|goal/.*)"));
  }

  @ParameterizedTest
  @MethodSource("needed")
  @DisplayName("a value that is missing is refused, with its file and its place")
  void missing(String pointer) throws IOException {
    ObjectNode root = JsonFile.tree(report());
    JsonPointer at = JsonPointer.compile(pointer);
    ((ObjectNode) root.at(at.head())).remove(at.last().getMatchingProperty());
    Path file = file(root.toString());
    assertThatThrownBy(() -> read(file))
        .isInstanceOf(IllegalArgumentException.class)
        .message()
        .startsWith(file + ": /")
        .contains("is missing")
        .hasLineCount(1);
  }

  /** The file with another value, which is written as it stands. */
  private static String changed(String pointer, String value) {
    if (pointer.isEmpty()) {
      return value;
    }
    ObjectNode root = JsonFile.tree(report());
    JsonPointer at = JsonPointer.compile(pointer);
    String name = at.last().getMatchingProperty();
    if (root.at(at.head()) instanceof ArrayNode array) {
      array.set(Integer.parseInt(name), "@here");
    } else {
      ((ObjectNode) root.at(at.head())).put(name, "@here");
    }
    return root.toString().replace("\"@here\"", value);
  }

  private static Stream<Arguments> wrongValues() {
    return Stream.of(
        Arguments.of("/rows/0/name", "\"scale-none\"", "is 'scale-none', which is not a row"),
        Arguments.of("/rows/1/name", "\"scale-met\"", "which an earlier row is, too"),
        Arguments.of("/rows/0/point", "\"remap\"", "'scale' is needed"),
        Arguments.of("/rows/0/verdict", "\"good\"", "a verdict is needed"),
        Arguments.of("/rows/0/ours/unit", "\"ms\"", "bytes, ns, pieces is needed"),
        Arguments.of("/rows/0/ours/unit", "\"bytes\"", "this row is counted in ns"),
        Arguments.of("/rows/0/ours/forks", "[]", "an array that is not empty is needed"),
        Arguments.of("/rows/0/ours/forks/0/cost", "0", "a number above zero is needed"),
        Arguments.of("/rows/0/ours/forks/0/cost", "\"NaN\"", "is \"NaN\": a number"),
        Arguments.of("/rows/0/ours/threads", "-1", "a whole number from 0 to 2147483647"),
        Arguments.of("/machine/cores", "0", "a whole number from 1 to 2147483647 is needed"),
        Arguments.of("/machine/cores", "4294967298", "a whole number from 1 to 2147483647"),
        Arguments.of("/machine/memoryKib", "1e30", "a whole number from 0"),
        Arguments.of("/commit", "\"HEAD\"", "a hash or nothing is needed"),
        Arguments.of("/date", "\"today\"", "a time such as"),
        Arguments.of("/rows/3/absence", "\"\"", "why a side was not measured is needed"),
        Arguments.of("/rows/0/ours/subject", "\"x\"", "is 'x', and scale-met is measured by"),
        Arguments.of("/against", "\"abc\"", "comparison of two versions"));
  }

  @ParameterizedTest(name = "{0} is {1}")
  @MethodSource("wrongValues")
  @DisplayName("a value that cannot be is refused in one sentence that says what is needed")
  void wrongValue(String pointer, String value, String sentence) throws IOException {
    Path file = file(changed(pointer, value));
    assertThatThrownBy(() -> read(file))
        .isInstanceOf(IllegalArgumentException.class)
        .message()
        .startsWith(file + ": ")
        .contains(sentence)
        .hasLineCount(1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "[1", "nothing", "{\"rows\": NaN}", "{} {}", "{\"a\":1,\"a\":2}", "\u0000"})
  @DisplayName("what is not one JSON value is refused with its line and column")
  void notJson(String text) throws IOException {
    Path file = file(text);
    assertThatThrownBy(() -> read(file))
        .isInstanceOf(IllegalArgumentException.class)
        .message()
        .startsWith(file.toString())
        .hasLineCount(1);
  }

  @ParameterizedTest
  @ValueSource(doubles = {0.01, 0.3, 0.5, 0.9, 0.999})
  @DisplayName("a truncated file is refused, wherever it ends")
  void truncated(double share) throws IOException {
    String text = JsonFile.tree(report()).toPrettyString();
    Path file = file(text.substring(0, (int) (share * text.length())));
    assertThatThrownBy(() -> read(file))
        .isInstanceOf(IllegalArgumentException.class)
        .message()
        .startsWith(file + " is not JSON: line ")
        .hasLineCount(1);
  }

  @Test
  @DisplayName("bytes that are not UTF-8, a folder, and no file at all get one sentence each")
  void unreadable() throws IOException {
    Path binary = Files.write(folder.resolve("binary"), new byte[] {'"', (byte) 0xff, '"'});
    for (Path file : List.of(binary, folder, folder.resolve("none"))) {
      assertThatThrownBy(() -> read(file))
          .isInstanceOf(IllegalArgumentException.class)
          .message()
          .startsWith(file + " ")
          .hasLineCount(1);
    }
  }

  @Test
  @DisplayName("sizes and counts may be zero, and are read as they were; of time there is some")
  void zero() throws IOException {
    Comparison size =
        Comparison.alone(
            Point.SCALE,
            "scale-size",
            "it",
            Program.of(EarlierRunTest.class).figure("size"),
            Goal.atMost(1, Unit.MIB));
    Cost nothing = Sample.cost(Unit.Dimension.SIZE, 0, 0);
    Report report =
        new Report(
            Sample.report().surroundings(),
            true,
            List.of(new Outcome(size, nothing, null, "", false)));
    Path file = folder.resolve("zero.json");
    JsonFile.write(report, file);
    assertThat(EarlierRun.read(List.of(size), List.of(size), List.of(file))).isEqualTo(report);
    Files.writeString(file, Files.readString(file).replace("\"bytes\"", "\"ns\""));
    assertThatThrownBy(() -> EarlierRun.read(List.of(size), List.of(size), List.of(file)))
        .hasMessageContaining("is 0.0: a number above zero is needed");
  }

  @Test
  @DisplayName("a row that is not chosen is looked at, but may be measured otherwise today")
  void notChosen() throws IOException {
    Path file = file(changed("/rows/0/ours/subject", "\"another\""));
    assertThat(EarlierRun.read(rows(), rows().subList(1, 2), List.of(file)).outcomes())
        .containsExactly(report().outcomes().get(1));
  }
}
