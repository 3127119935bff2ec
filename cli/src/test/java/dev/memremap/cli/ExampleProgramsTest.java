// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memremap.Machine;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The programs of examples/java, each started from its source as the README does it. */
class ExampleProgramsTest {
  private static final Path PROGRAMS = Path.of("../examples/java");

  @TempDir private Path folder;

  private List<String> run(String program) throws IOException, InterruptedException {
    Path output = folder.resolve(program + ".out");
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                core().toString(),
                PROGRAMS.resolve(program + ".java").toString(),
                "../examples/machines/cxl.iomem")
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    int status;
    try {
      status = process.waitFor();
    } finally {
      process.destroyForcibly();
    }
    List<String> lines = Files.readAllLines(output, StandardCharsets.UTF_8);
    assertThat(status).as("%s said %s", program, lines).isZero();
    return lines;
  }

  private static Path core() {
    try {
      return Path.of(Machine.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  @DisplayName("a buffer pool is unplugged while readers run")
  void bufferPool() throws IOException, InterruptedException {
    assertThat(run("BufferPool"))
        .containsExactly(
            "unplugged: the pool is gone", "readers used pages: yes", "page maps left: 0");
  }

  @Test
  @DisplayName("W-8, DR-7 a driver's remove kills, unmaps, waits and exits, newest first")
  void probeAndRemove() throws IOException, InterruptedException {
    assertThat(run("ProbeAndRemove"))
        .containsExactly(
            "frames are WC",
            "probed: page map memory",
            "  kill",
            "  the reader is done with 16384 KiB",
            "  drained",
            "  exit",
            "removed: a lookup finds null",
            "frames are WC",
            "  drained",
            "  exit",
            "a failed probe: ENXIO, C-3",
            "left behind: 0 mappings, 0 page maps, 0 resources");
  }

  @Test
  @DisplayName(
      "C-11, TY-4 a peer-to-peer buffer is shared by page numbers and freed by its last put")
  void peerToPeer() throws IOException, InterruptedException {
    assertThat(run("PeerToPeer"))
        .containsExactly(
            "the window is UC-",
            "sent: sector 42",
            "the page counts 1",
            "free again: 1 page, counting 1",
            "an alias asked for WB is UC-",
            "unplugged: null");
  }

  @Test
  @DisplayName("every program has a test")
  void everyProgram() throws IOException {
    try (Stream<Path> programs = Files.list(PROGRAMS)) {
      assertThat(programs.map(path -> path.getFileName().toString()))
          .containsExactlyInAnyOrder(
              "BufferPool.java",
              "ProbeAndRemove.java",
              "PeerToPeer.java",
              // is run by a test of module pager
              "TermIndex.java",
              // needs a device, which the module conformance has in its guest
              "EduDevice.java");
    }
  }
}
