// SPDX-License-Identifier: Apache-2.0
package dev.memremap.house;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memremap.Machine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** The conditions on what the library exports. */
class PublicApiTest {
  private static final PublicApi API = PublicApi.of(Machine.class);
  private static final Path WRITTEN = Path.of("src/test/resources/api/core.txt");
  private static final int MAX_TYPES = 48;

  @Test
  @DisplayName("core's public API is as it is written down; -Dapi.update=true writes it anew")
  void isAsWritten() throws IOException {
    List<String> lines = API.lines();
    if (Boolean.getBoolean("api.update")) {
      Files.createDirectories(WRITTEN.getParent());
      Files.write(WRITTEN, lines);
    }
    assertThat(lines).isEqualTo(Files.readAllLines(WRITTEN));
  }

  @Test
  @DisplayName("at most 48 exported top-level types besides spi")
  void fewTypes() {
    List<String> types =
        API.types().stream()
            .filter(type -> type.getEnclosingClass() == null)
            .filter(type -> !type.getPackageName().equals("dev.memremap.spi"))
            .map(Class::getName)
            .toList();
    assertThat(types).hasSizeLessThanOrEqualTo(MAX_TYPES);
  }

  @Test
  @DisplayName("no exported type shows one that is not exported, and none that can change a table")
  void nothingInternal() {
    assertThat(API.lines()).noneMatch(line -> line.contains("dev.memremap.internal"));
  }
}
