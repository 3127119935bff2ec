// SPDX-License-Identifier: Apache-2.0
package dev.memremap.house;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** The conditions on ARCHITECTURE.md. */
class ArchitectureDocumentTest {
  private static final Path ROOT = Path.of("..");
  private static final int MAX_LINES = 150;
  private static final Pattern EDGES = Pattern.compile("^    (\\w+) ──► (.*)$", Pattern.MULTILINE);
  private static final Pattern DEPENDENCY =
      Pattern.compile(
          "<dependency>(?:(?!</dependency>).)*?<artifactId>memremap-(\\w+)</artifactId>",
          Pattern.DOTALL);

  private static String document() throws IOException {
    return Files.readString(ROOT.resolve("ARCHITECTURE.md"));
  }

  private static Map<String, Set<String>> drawn(String document) {
    Map<String, Set<String>> edges = new TreeMap<>();
    EDGES
        .matcher(document)
        .results()
        .forEach(
            line ->
                edges.put(line.group(1), new TreeSet<>(Arrays.asList(line.group(2).split(", ")))));
    return edges;
  }

  private static Map<String, Set<String>> ofPoms() throws IOException {
    Map<String, Set<String>> edges = new TreeMap<>();
    try (Stream<Path> modules = Files.list(ROOT)) {
      for (Path module : modules.toList()) {
        Path pom = module.resolve("pom.xml");
        if (!Files.exists(pom)) {
          continue;
        }
        Set<String> needs = new TreeSet<>();
        DEPENDENCY
            .matcher(Files.readString(pom))
            .results()
            .map((MatchResult found) -> found.group(1))
            .forEach(needs::add);
        if (!needs.isEmpty()) {
          edges.put(module.getFileName().toString(), needs);
        }
      }
    }
    return edges;
  }

  @Test
  @DisplayName("the picture of modules in ARCHITECTURE.md has every edge of the poms")
  void everyEdge() throws IOException {
    assertThat(drawn(document())).isEqualTo(ofPoms());
  }

  @Test
  @DisplayName("ARCHITECTURE.md has at most 150 lines")
  void isShort() throws IOException {
    assertThat(document().lines().count()).isLessThanOrEqualTo(MAX_LINES);
  }

  @Test
  @DisplayName("an edge that is not drawn is noticed")
  void aPlantedViolationIsNoticed() throws IOException {
    String without = document().replace("    scenario ──► core\n", "");
    assertThat(drawn(without)).isNotEqualTo(ofPoms());
  }
}
