// SPDX-License-Identifier: Apache-2.0
package dev.memremap.reading;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The inputs that are kept for Jazzer, each of them read once in every build. */
class FuzzCorpusTest {
  private static final Path FOLDER = Path.of("src", "test", "resources", "fuzz");

  /** A target, and where its inputs are. */
  enum Target {
    MAP {
      @Override
      void read(byte[] input) {
        MapFuzz.fuzzerTestOneInput(input);
      }
    },
    FACTS {
      @Override
      void read(byte[] input) {
        FactsFuzz.fuzzerTestOneInput(input);
      }
    },
    ARCHIVE {
      @Override
      void read(byte[] input) throws IOException {
        ArchiveFuzz.fuzzerTestOneInput(input);
      }
    };

    abstract void read(byte[] input) throws IOException;
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("each kept input gets an answer or a sentence")
  void corpus(Target target) throws IOException {
    List<Path> inputs;
    try (Stream<Path> files =
        Files.list(FOLDER.resolve(target.name().toLowerCase(java.util.Locale.ROOT)))) {
      inputs = files.sorted().toList();
    }
    assertThat(inputs).isNotEmpty();
    for (Path input : inputs) {
      byte[] bytes = Files.readAllBytes(input);
      assertThatCode(() -> target.read(bytes)).as(input.toString()).doesNotThrowAnyException();
    }
  }
}
