// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The example of a term index, started from its source. */
@NeedsUserfaultfd
class TermIndexTest {
  @TempDir private Path folder;

  @Test
  @DisplayName("An index of four times the resident size answers as one in plain memory does")
  void example() throws Exception {
    Path output = folder.resolve("out");
    ProcessBuilder builder =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-Djava.io.tmpdir=" + folder,
                "../examples/java/TermIndex.java")
            .redirectErrorStream(true)
            .redirectOutput(output.toFile());
    builder.environment().put("CLASSPATH", System.getProperty("java.class.path"));
    Process process = builder.start();
    int status;
    try {
      status = process.waitFor();
    } finally {
      process.destroyForcibly();
    }
    List<String> lines = Files.readAllLines(output, StandardCharsets.UTF_8);

    assertThat(status).as("it said %s", lines).isZero();
    assertThat(lines)
        .containsExactly(
            "built: 5000 of 5000 terms, 4174304 of 4174304 places",
            "in memory: at most a quarter",
            "pages left and came back: true",
            "opened again: 5000 of 5000 terms, 4174304 of 4174304 places");
  }
}
