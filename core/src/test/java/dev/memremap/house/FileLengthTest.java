// SPDX-License-Identifier: Apache-2.0
package dev.memremap.house;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The condition on the length of files. */
class FileLengthTest {
  private static final int MAX_LINES = 500;

  @TempDir private Path folder;

  private static List<String> tooLong(Path root) throws IOException {
    List<String> found = new ArrayList<>();
    try (Stream<Path> modules = Files.list(root)) {
      for (Path sources : modules.map(module -> module.resolve("src/main/java")).toList()) {
        if (Files.isDirectory(sources)) {
          try (Stream<Path> files = Files.walk(sources)) {
            for (Path file : files.filter(each -> each.toString().endsWith(".java")).toList()) {
              long lines = Files.readString(file).lines().count();
              if (lines > MAX_LINES) {
                found.add(file.getFileName() + ": " + lines);
              }
            }
          }
        }
      }
    }
    return found;
  }

  @Test
  @DisplayName("no Java file of main above 500 lines")
  void none() throws IOException {
    assertThat(tooLong(Path.of(".."))).isEmpty();
  }

  @Test
  @DisplayName("a file of 501 lines is noticed")
  void aPlantedViolationIsNoticed() throws IOException {
    Path sources = Files.createDirectories(folder.resolve("core/src/main/java"));
    Files.writeString(sources.resolve("Long.java"), "\n".repeat(MAX_LINES + 1));
    Files.writeString(sources.resolve("Short.java"), "\n".repeat(MAX_LINES));
    assertThat(tooLong(folder)).containsExactly("Long.java: 501");
  }
}
