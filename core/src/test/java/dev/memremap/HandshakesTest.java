// SPDX-License-Identifier: Apache-2.0
package dev.memremap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** How often unmapping interrupts every thread of the JVM, as HotSpot's own log has it. */
class HandshakesTest {
  private static final String UNMAPPING = "Handshake \"CloseScopedMemory\"";

  @Test
  @DisplayName("what is closed together shakes hands once: a device's mappings, a machine's slices")
  void once() throws IOException, InterruptedException {
    assumeTrue(
        System.getProperty("java.vm.name").matches("(OpenJDK|Java HotSpot).*"),
        "only HotSpot has this log");
    Map<String, Long> handshakes = handshakesOf(ClosingProgram.class);

    assertThat(handshakes)
        .as("slices of the direct map")
        .containsEntry("slices", 0L)
        .as("mappings closed one by one, each gone when memunmap returns")
        .containsEntry("mappings", (long) ClosingProgram.MAPPINGS)
        .as("a device's mappings")
        .containsEntry("release", 1L)
        .as("the devices that are left, and the direct map")
        .containsEntry("close", ClosingProgram.DEVICES + 1L);
  }

  /** How many there were after each word that the program prints. */
  private static Map<String, Long> handshakesOf(Class<?> program)
      throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xlog:handshake=info",
                "-cp",
                System.getProperty("java.class.path"),
                program.getName())
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(said).isZero();
    Map<String, Long> counts = new LinkedHashMap<>();
    String step = "";
    for (String line : said.lines().toList()) {
      if (line.matches("\\w+")) {
        step = line;
        counts.put(step, 0L);
      } else if (line.contains(UNMAPPING)) {
        counts.merge(step, 1L, Long::sum);
      }
    }
    return counts;
  }
}
