// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli;

import static org.assertj.core.api.Assertions.assertThatCode;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The inputs that are kept for Jazzer, each of them read once in every build. */
class ArgumentsFuzzCorpusTest {
  static Stream<Path> inputs() throws IOException {
    try (Stream<Path> files =
        Files.list(Path.of("src", "test", "resources", "fuzz", "arguments"))) {
      return files.sorted().toList().stream();
    }
  }

  @ParameterizedTest
  @MethodSource("inputs")
  @DisplayName("each kept input gets an answer or a sentence")
  void corpus(Path input) throws IOException {
    byte[] bytes = Files.readAllBytes(input);
    assertThatCode(() -> ArgumentsFuzz.fuzzerTestOneInput(bytes)).doesNotThrowAnyException();
  }
}
