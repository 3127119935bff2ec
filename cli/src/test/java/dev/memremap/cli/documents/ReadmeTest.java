// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli.documents;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** The conditions on README.md, and on what pages refer to. */
class ReadmeTest {
  private static final int FIRST_SCREENS = 60;
  private static final Pattern HEADLINE =
      Pattern.compile("run at commit ([0-9a-f]{7,40}) of ([0-9]{4}-[0-9]{2}-[0-9]{2})");
  private static final Pattern LINK = Pattern.compile("]\\(([^)#:]+)(#([^)]+))?\\)");

  private static String readme() throws IOException {
    return Files.readString(Page.ROOT.resolve("README.md"));
  }

  private static String git(String... words) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("git"));
    command.addAll(List.of(words));
    Process git =
        new ProcessBuilder(command)
            .directory(Page.ROOT.toFile())
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    String said = new String(git.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    git.waitFor();
    return said.strip();
  }

  @Test
  @DisplayName("the first lines say what it is, how to install it, a command, and Java")
  void begins() throws IOException {
    String first = String.join("\n", readme().lines().limit(FIRST_SCREENS).toList());
    assertThat(first)
        .containsSubsequence(
            "# memremap for the JVM",
            "sudo apt-get install",
            "./memremap run examples/first-map.scenario",
            "```java");
    assertThat(first.lines().filter(line -> line.contains("apt-get"))).hasSize(1);
  }

  @Test
  @DisplayName("the headline of conformance says of which commit it is, and that commit's date")
  void headline() throws IOException, InterruptedException {
    Matcher headline = HEADLINE.matcher(readme().replace('\n', ' '));
    assertThat(headline.find()).isTrue();
    String date = git("show", "-s", "--format=%cs", headline.group(1));
    assumeThat(date).as("where the history is there").isNotEmpty();
    assertThat(headline.group(2)).isEqualTo(date);
  }

  @Test
  @DisplayName("each page and heading that a page refers to exists")
  void links() throws IOException {
    List<String> missing = new ArrayList<>();
    for (Path page : pages()) {
      String text = Files.readString(page).replaceAll("(?s)```.*?```", "");
      Matcher link = LINK.matcher(text);
      while (link.find()) {
        Path to = page.resolveSibling(link.group(1)).normalize();
        if (!Files.exists(to)) {
          missing.add(page + ": " + link.group(1));
        } else if (link.group(3) != null && !anchors(to).contains(link.group(3))) {
          missing.add(page + ": " + link.group());
        }
      }
    }
    assertThat(missing).isEmpty();
  }

  private static List<Path> pages() throws IOException {
    try (Stream<Path> docs = Files.walk(Page.ROOT.resolve("docs"))) {
      return Stream.concat(
              Stream.of("README.md", "CONTRIBUTING.md", "ARCHITECTURE.md", "CHANGELOG.md")
                  .map(Page.ROOT::resolve),
              docs.filter(file -> file.toString().endsWith(".md")))
          .toList();
    }
  }

  /** The names by which GitHub reaches headings, and those that a page gives itself. */
  private static List<String> anchors(Path page) throws IOException {
    List<String> anchors = new ArrayList<>();
    for (String line : Files.readAllLines(page)) {
      if (line.matches("#+ .*")) {
        anchors.add(
            line.replaceFirst("^#+ ", "")
                .toLowerCase(Locale.ROOT)
                .replaceAll("[^\\p{L}\\p{N} _-]", "")
                .replace(' ', '-'));
      }
      Matcher own = Pattern.compile("<a id=\"([^\"]+)\">").matcher(line);
      while (own.find()) {
        anchors.add(own.group(1));
      }
    }
    return anchors;
  }
}
