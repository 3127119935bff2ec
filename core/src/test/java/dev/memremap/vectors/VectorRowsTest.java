// SPDX-License-Identifier: Apache-2.0
package dev.memremap.vectors;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class VectorRowsTest {
  private static final Map<String, VectorRow> BY_ID =
      VectorRows.all().stream().collect(Collectors.toMap(VectorRow::id, row -> row));

  @Test
  @DisplayName("every row is read, and none twice")
  void everyRow() {
    assertThat(BY_ID).hasSize(317).hasSameSizeAs(VectorRows.all());
    assertThat(VectorRows.withPrefix("RI")).hasSize(49);
    assertThat(BY_ID.get("RI-01").value("size")).contains("0x1000");
    assertThat(BY_ID.get("RI-01").value("ize")).isEmpty();
  }

  @Test
  @DisplayName("an exception is for a row that exists, differs from it, and says why")
  void exceptions() {
    assertThat(VectorExceptions.all())
        .isNotEmpty()
        .allSatisfy(
            exception -> {
              assertThat(BY_ID).containsKey(exception.id());
              assertThat(exception.answer())
                  .as(exception.id())
                  .isNotEqualTo(BY_ID.get(exception.id()).expected());
              assertThat(exception.why()).isNotBlank().doesNotEndWith(".");
            });
  }
}
