// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli.documents;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memremap.cli.rules.KernelFunction;
import dev.memremap.cli.rules.RuleGroup;
import dev.memremap.machine.MachineDescription;
import dev.memremap.rule.Rule;
import dev.memremap.scenario.Verb;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import jdk.jfr.DataAmount;
import jdk.jfr.Event;
import jdk.jfr.EventType;
import jdk.jfr.MemoryAddress;
import jdk.jfr.Timespan;
import jdk.jfr.ValueDescriptor;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The parts of reference pages that say again what the code says, between two comments. {@code
 * -Dgolden.update=true} writes them anew.
 */
class ReferenceTest {
  /** What JFR adds to each event. */
  private static final Set<String> JFR_FIELDS =
      Set.of("startTime", "duration", "eventThread", "stackTrace");

  private static final String BEGIN = "<!-- from the code -->\n";
  private static final String END = "<!-- end of what is from the code -->\n";

  /** Compares the part of a page, or writes it. */
  private static void check(String page, String part) throws IOException {
    Path file = Page.ROOT.resolve(page);
    String text = Files.readString(file);
    int from = text.indexOf(BEGIN) + BEGIN.length();
    int to = text.indexOf(END);
    assertThat(to).as(page + " has the two comments").isGreaterThanOrEqualTo(from);
    if (Boolean.getBoolean("golden.update")) {
      Files.writeString(file, text.substring(0, from) + "\n" + part + "\n" + text.substring(to));
    } else {
      assertThat(text.substring(from, to)).as(page).isEqualTo("\n" + part + "\n");
    }
  }

  private static String ids(KernelFunction function) {
    return function.rules().stream()
        .map(rule -> "[%s](rules.md#%s)".formatted(rule.id(), anchor(rule)))
        .collect(Collectors.joining(", "));
  }

  private static String anchor(Rule rule) {
    return rule.id().toLowerCase(Locale.ROOT);
  }

  private static String section(RuleGroup group) {
    return "## %s: %s\n\n| rule | says | functions |\n|---|---|---|\n"
            .formatted(group, group.title())
        + group.rules().stream()
            .map(
                rule ->
                    "| <a id=\"%s\"></a>%s | %s | %s |\n"
                        .formatted(anchor(rule), rule.id(), rule.sentence(), functions(rule)))
            .collect(Collectors.joining());
  }

  private static String functions(Rule rule) {
    return KernelFunction.citing(rule).stream()
        .map(function -> "`" + function.name() + "`")
        .collect(Collectors.joining(", "));
  }

  @Test
  @DisplayName("docs/rules.md has every rule that an answer can cite")
  void rules() throws IOException {
    StringBuilder part = new StringBuilder();
    for (RuleGroup group : RuleGroup.values()) {
      part.append(part.isEmpty() ? "" : "\n").append(section(group));
    }
    check("docs/rules.md", part.toString());
  }

  @Test
  @DisplayName("docs/kernel-functions.md has every function, its method and its rules")
  void functions() throws IOException {
    StringBuilder part = new StringBuilder("| kernel | here | rules |\n|---|---|---|\n");
    for (KernelFunction function : KernelFunction.all()) {
      part.append(
          "| `%s` | `%s` | %s |\n".formatted(function.name(), function.method(), ids(function)));
    }
    check("docs/kernel-functions.md", part.toString());
  }

  @Test
  @DisplayName(
      "docs/scenario-language.md has a heading for each verb, as the table of verbs has it")
  void verbs() throws IOException {
    assertThat(Files.readAllLines(Page.ROOT.resolve("docs/scenario-language.md")))
        .filteredOn(line -> line.startsWith("### "))
        .containsExactlyElementsOf(
            Arrays.stream(Verb.values()).map(verb -> "### `" + verb.usage() + "`").toList());
  }

  @Test
  @DisplayName("docs/machine-file.md has a row for each key that a machine file can have")
  void keys() throws IOException {
    assertThat(Files.readAllLines(Page.ROOT.resolve("docs/machine-file.md")))
        .filteredOn(line -> line.startsWith("| `"))
        .extracting(line -> line.substring(3, line.indexOf('`', 3)))
        .containsExactlyElementsOf(MachineDescription.keys());
  }

  @Test
  @DisplayName("docs/flight-recording.md has every event with its fields")
  void events() throws IOException {
    List<String> names = new ArrayList<>(events("core", "dev.memremap.internal.event"));
    names.addAll(events("pager", "dev.memremap.pager.internal.event"));
    StringBuilder part = new StringBuilder();
    for (String name : names) {
      part.append(part.isEmpty() ? "" : "\n").append(event(EventType.getEventType(type(name))));
    }
    check("docs/flight-recording.md", part.toString());
  }

  /** The classes of a module's events, by name. */
  private static List<String> events(String module, String inPackage) throws IOException {
    Path folder = Page.ROOT.resolve(module + "/src/main/java/" + inPackage.replace('.', '/'));
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.endsWith("Event.java"))
          .sorted()
          .map(name -> inPackage + "." + name.replace(".java", ""))
          .toList();
    }
  }

  private static Class<? extends Event> type(String name) {
    try {
      return Class.forName(name).asSubclass(Event.class);
    } catch (ClassNotFoundException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String event(EventType type) {
    return "## `%s`\n\n%s\n\n| field | type | says |\n|---|---|---|\n"
            .formatted(type.getName(), type.getDescription())
        + type.getFields().stream()
            .filter(field -> !JFR_FIELDS.contains(field.getName()))
            .map(
                field ->
                    "| `%s` | %s | %s |\n"
                        .formatted(field.getName(), kind(field), field.getLabel()))
            .collect(Collectors.joining());
  }

  private static String kind(ValueDescriptor field) {
    return field.getAnnotation(MemoryAddress.class) != null
        ? "address"
        : field.getAnnotation(DataAmount.class) != null
            ? "bytes"
            : field.getAnnotation(Timespan.class) != null
                ? "time"
                : field.getTypeName().equals("java.lang.String") ? "text" : "number";
  }

  @ParameterizedTest
  @CsvSource({"scenario-language.md, memremap-scenario.5", "machine-file.md, memremap-machine.5"})
  @DisplayName("the manual pages of section 5 say all that their pages say")
  void manual(String page, String manual) throws IOException {
    String said =
        Files.readString(Page.ROOT.resolve("docs/man").resolve(manual))
            .replaceAll("(?m)^\\.(RS 4|RE|sp|if n.*|nf|fi|fam.*|ie n.*|el.*)$", "")
            // a font, a letter by its number or by its name
            .replaceAll("\\\\f(\\(..|.)|\\\\\\[u[0-9A-F]*\\]|\\\\\\*?\\(..", "");
    String docs = Files.readString(Page.ROOT.resolve("docs").resolve(page));
    // the heads of a table are said in the rows, or not at all
    for (String line : docs.replaceAll("(?m)^\\|.*\n\\|-", "").lines().toList()) {
      String text = line.replaceAll("\\]\\([^)]*\\)", "]").replaceAll("^<!--.*", "");
      for (String part : line.startsWith("#") ? new String[0] : text.split("\\|")) {
        assertThat(letters(said).contains(letters(part))).as(part).isTrue();
      }
    }
  }

  private static String letters(String text) {
    return text.replaceAll("[^A-Za-z0-9]", "");
  }
}
