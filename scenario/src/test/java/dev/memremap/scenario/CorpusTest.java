// SPDX-License-Identifier: Apache-2.0
package dev.memremap.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class CorpusTest {
  @Test
  @DisplayName("the copies are the files whose answers were recorded, byte for byte")
  void checksums() throws Exception {
    List<String> rows = Files.readAllLines(Corpus.folder().resolve("SHA256SUMS"));
    assertThat(rows).hasSize(745);
    for (String row : rows) {
      Path file = Corpus.folder().resolve(row.substring(66));
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file));
      assertThat(HexFormat.of().formatHex(digest)).as(row).isEqualTo(row.substring(0, 64));
    }
  }

  @Test
  @DisplayName("all recorded scenarios parse, with an answer to each operation")
  void parse() {
    List<Path> files = Corpus.followed();
    assertThat(files).hasSize(293);
    for (Path file : files) {
      Scenario scenario = Scenario.read(file);
      Answers answers = Answers.read(Kernel.FOLLOWED.answersOf(file));
      assertThat(answers.byLine().keySet())
          .as(Corpus.nameOf(file))
          .containsExactlyElementsOf(scenario.operations().stream().map(Operation::line).toList());
    }
  }

  @Test
  @DisplayName("the scenarios for another kernel parse, with its answers")
  void otherKernel() {
    List<Path> files = Corpus.below("linux-5.10");
    assertThat(files).hasSize(78);
    for (Path file : files) {
      Scenario scenario = Scenario.read(file);
      Answers answers = Answers.read(new Kernel("5.10").answersOf(file));
      assertThat(answers.byLine()).hasSameSizeAs(scenario.operations());
    }
  }

  @Test
  @DisplayName("every line of the list of departures points at the operation it quotes")
  void departures() {
    Path first = Corpus.followed().getFirst();
    DepartureList list = DepartureList.nearest(first).orElseThrow();
    int listed = 0;
    for (Path file : Corpus.followed()) {
      Scenario scenario = Scenario.read(file);
      for (DepartureList.Entry entry : list.of(file)) {
        listed++;
        assertThat(scenario.operations())
            .filteredOn(operation -> operation.line() == entry.line())
            .singleElement()
            .extracting(scenario::textOf)
            .isEqualTo(entry.operation());
      }
    }
    assertThat(listed).isEqualTo(84);
  }
}
