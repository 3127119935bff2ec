// SPDX-License-Identifier: Apache-2.0
package dev.memremap.benchmarks.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memremap.cli.CommandRun;
import dev.memremap.cli.Golden;
import dev.memremap.cli.Schemas;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What bench prints and writes of figures that were measured, compared with what is kept. */
class BenchGoldenTest {
  @TempDir private Path folder;

  @Test
  @DisplayName("bench prints its table and writes it as JSON and Markdown, each as it is kept")
  void documents() throws IOException {
    CommandRun run =
        CommandRun.of(
            MemremapDevCommand.commandLine(),
            Golden.words("bench --from @bench-measured.json --out " + folder));
    assertThat(run.err()).isEmpty();
    assertThat(run.status()).isZero();
    Golden.check("bench.txt", run.out().replace(System.lineSeparator(), "\n"));
    Schemas.check(Files.readString(folder.resolve("bench.json")));
    Golden.check("bench.json", Files.readString(folder.resolve("bench.json")));
    Golden.check("bench.md", Files.readString(folder.resolve("bench.md")));
  }
}
