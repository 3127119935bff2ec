// SPDX-License-Identifier: Apache-2.0
package dev.memremap.nvdimm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memremap.testing.RecordedNamespace;
import java.io.IOException;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Plans of namespaces beside those that ndctl made in guests. */
class RecordedNamespacesTest {
  private static final Path RECORDED = Path.of("src/test/resources/nvdimm/ndctl.tsv");

  static Stream<RecordedNamespace> rows() throws IOException {
    return RecordedNamespace.read(RECORDED).stream();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("rows")
  @DisplayName("AM-8, NS-1 to NS-8 a plan says what ndctl left, to the byte, or why it refused")
  void isPlanned(RecordedNamespace row) {
    assertThat(row.planned()).isEqualTo(row.answer());
  }

  @Test
  @DisplayName("both answers, both modes, both places of the map, and labels are among the rows")
  void enoughRows() throws IOException {
    assertThat(rows())
        .hasSizeGreaterThanOrEqualTo(24)
        .anyMatch(row -> row.answer().startsWith("refused "))
        .anyMatch(row -> row.arguments().contains("-m devdax"))
        .anyMatch(row -> row.arguments().contains("-m fsdax"))
        .anyMatch(row -> row.arguments().contains("-M mem"))
        .anyMatch(row -> row.labelBytes() != 0)
        .anyMatch(row -> row.answer().contains("end_trunc=1048576"));
  }
}
