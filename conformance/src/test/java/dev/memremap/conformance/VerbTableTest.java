// SPDX-License-Identifier: Apache-2.0
package dev.memremap.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The table of verbs beside the kernel module. Our own side cannot differ: each row names its
 * method, and does not compile without it.
 */
class VerbTableTest {
  private static final Path SOURCES = Path.of("kernel-module");

  private static final Pattern METHOD =
      Pattern.compile(
          "^void (answer_\\w+)\\(const struct words \\*words, char \\*answer\\)\\n\\{",
          Pattern.MULTILINE);

  @Test
  @DisplayName("each verb has one method in the kernel module, and each method there a verb")
  void sameVerbs() throws Exception {
    List<String> methods = new ArrayList<>();
    for (Path source : sources(".c")) {
      METHOD
          .matcher(Files.readString(source))
          .results()
          .map(MatchResult::group)
          .map(text -> text.substring("void ".length(), text.indexOf('(')))
          .forEach(methods::add);
    }
    assertThat(methods)
        .containsExactlyInAnyOrderElementsOf(
            VerbHeader.rows().stream().map(VerbHeader.Row::method).toList());
  }

  @Test
  @DisplayName("the module is built from all its sources and the header, which is not among them")
  void sources() throws Exception {
    assertThat(KernelModule.SOURCES)
        .containsAll(sources("").stream().map(path -> path.getFileName().toString()).toList())
        .doesNotContain(VerbHeader.FILE);
  }

  private static List<Path> sources(String extension) throws IOException {
    try (Stream<Path> files = Files.list(SOURCES)) {
      return files
          .filter(file -> file.toString().endsWith(extension) && !file.endsWith("COPYING"))
          .toList();
    }
  }

  @Test
  @DisplayName("the header has a row and a prototype for each verb, with its numbers of words")
  void header() {
    assertThat(
            VerbHeader.of(
                List.of(new VerbHeader.Row("put", 1, 1), new VerbHeader.Row("ref-get", 1, 2))))
        .contains(
            """
            #define FOR_EACH_VERB(row) \\
            \trow("put", answer_put, 1, 1) \\
            \trow("ref-get", answer_ref_get, 1, 2)

            void answer_put(const struct words *words, char *answer);
            void answer_ref_get(const struct words *words, char *answer);
            """);
  }

  @Test
  @Tag("thorough")
  @DisplayName("the module does not build where a verb has no method, or a method no verb")
  void doesNotBuild(@TempDir Path cache) {
    Guests.assumeNothingMissing(KernelExecutor.whatIsMissing());
    GuestKernel kernel = GuestKernel.find();
    List<VerbHeader.Row> rows = VerbHeader.rows();
    List<VerbHeader.Row> more = new ArrayList<>(rows);
    more.add(new VerbHeader.Row("ref-wonder", 1, 1));
    assertThatThrownBy(() -> new KernelModule(kernel, cache, more).file())
        .isInstanceOf(GuestUnavailableException.class)
        .hasMessageContaining("answer_ref_wonder");

    List<VerbHeader.Row> fewer = rows.subList(0, rows.size() - 1);
    assertThatThrownBy(() -> new KernelModule(kernel, cache, fewer).file())
        .isInstanceOf(GuestUnavailableException.class)
        .hasMessageContaining("answer_altmap");
  }
}
