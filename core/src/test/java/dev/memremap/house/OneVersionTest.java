// SPDX-License-Identifier: Apache-2.0
package dev.memremap.house;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** The condition on versions: the root pom's property {@code revision} is the only one. */
class OneVersionTest {
  private static final Path ROOT = Path.of("..");
  private static final Pattern REVISION = Pattern.compile("<revision>(.+)</revision>");

  private static String version() throws IOException {
    Matcher revision = REVISION.matcher(Files.readString(ROOT.resolve("pom.xml")));
    assertThat(revision.find()).isTrue();
    return revision.group(1);
  }

  private static List<String> repeated(List<String> texts) throws IOException {
    String version = version();
    return texts.stream()
        .map(text -> REVISION.matcher(text).replaceAll(""))
        .filter(text -> text.contains(">" + version + "<") || text.contains("memremap 0."))
        .toList();
  }

  @Test
  @DisplayName("the version is in the root pom, and in no other pom or source")
  void isWrittenOnce() throws IOException {
    List<String> texts = new ArrayList<>(List.of(Files.readString(ROOT.resolve("pom.xml"))));
    try (Stream<Path> modules = Files.list(ROOT)) {
      for (Path module : modules.filter(each -> Files.exists(each.resolve("pom.xml"))).toList()) {
        texts.add(Files.readString(module.resolve("pom.xml")));
        Path main = module.resolve("src").resolve("main");
        if (Files.exists(main)) {
          try (Stream<Path> sources = Files.walk(main)) {
            for (Path source : sources.filter(each -> each.toString().endsWith(".java")).toList()) {
              texts.add(Files.readString(source));
            }
          }
        }
      }
    }
    assertThat(texts).hasSizeGreaterThan(300);
    assertThat(repeated(texts)).isEmpty();
  }

  @Test
  @DisplayName("a version that is repeated is noticed")
  void aPlantedViolationIsNoticed() throws IOException {
    assertThat(repeated(List.of("<version>" + version() + "</version>"))).hasSize(1);
  }
}
