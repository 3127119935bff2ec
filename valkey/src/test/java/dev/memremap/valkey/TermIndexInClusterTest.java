// SPDX-License-Identifier: Apache-2.0
package dev.memremap.valkey;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memremap.pager.NeedsUserfaultfd;
import dev.memremap.valkey.servers.Engine;
import dev.memremap.valkey.servers.NeedsServers;
import dev.memremap.valkey.servers.RunningCluster;
import dev.memremap.valkey.servers.RunningNode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The example of a term index, in a cluster, as the README shows it. */
@NeedsServers
@NeedsUserfaultfd
@Tag("thorough")
class TermIndexInClusterTest {
  /** So many keys at one of three masters are a quarter of the index. */
  private static final int KEYS = 340;

  @TempDir private Path folder;

  @Test
  @DisplayName("A master is killed while an index is built in a cluster, and each answer is right")
  void masterKilled() throws Exception {
    Path output = folder.resolve("out");
    try (RunningCluster cluster = RunningCluster.start(Engine.VALKEY, folder)) {
      Process process = start("valkey://" + cluster.hosts(), output);
      try {
        RunningNode master = cluster.masters().getFirst();
        while (Integer.parseInt(master.ask("DBSIZE")) < KEYS && process.isAlive()) {
          Thread.sleep(10);
        }
        assertThat(process.isAlive()).as("it said %s", lines(output)).isTrue();
        assertThat(lines(output)).as("what is built already is too late to be met").isEmpty();
        master.kill();
        assertThat(process.waitFor()).as("it said %s", lines(output)).isZero();
      } finally {
        process.destroyForcibly();
      }
    }
    assertThat(lines(output))
        .containsExactly(
            "built: 5000 of 5000 terms, 4174304 of 4174304 places",
            "in memory: at most a quarter",
            "pages left and came back: true",
            "opened again: 5000 of 5000 terms, 4174304 of 4174304 places");
  }

  private static List<String> lines(Path output) throws Exception {
    return Files.readAllLines(output, StandardCharsets.UTF_8);
  }

  private Process start(String place, Path output) throws Exception {
    ProcessBuilder builder =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-Djava.io.tmpdir=" + folder,
                "../examples/java/TermIndex.java",
                place)
            .redirectErrorStream(true)
            .redirectOutput(output.toFile());
    builder.environment().put("CLASSPATH", System.getProperty("java.class.path"));
    return builder.start();
  }
}
