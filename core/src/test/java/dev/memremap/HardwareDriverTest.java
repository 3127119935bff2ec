// SPDX-License-Identifier: Apache-2.0
package dev.memremap;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The driver of docs for real hardware, taken from there and run on a machine file. */
class HardwareDriverTest {
  private static final Pattern BLOCK = Pattern.compile("(?s)```java\n(.*?)```");
  private static final String ON_HARDWARE = "Machine.host()";
  private static final String ON_A_LAPTOP =
      "Machine.simulated(Path.of(\"examples/machines/fpga.iomem\"))";

  @TempDir private Path folder;

  private static String driver(String page) {
    List<String> drivers =
        BLOCK
            .matcher(page)
            .results()
            .map((MatchResult block) -> block.group(1))
            .filter(block -> block.contains("fpga.bar("))
            .toList();
    assertThat(drivers).hasSize(1);
    return drivers.getFirst();
  }

  private static String program(String statements) {
    return """
        import static dev.memremap.plan.MemremapFlag.*;
        import dev.memremap.*;
        import java.lang.foreign.MemorySegment;
        import java.nio.file.Path;

        class Driver {
          public static void main(String[] args) {
            MemorySegment frame = MemorySegment.ofArray(new byte[4096]);
        %s
            System.out.println("ran to its end");
          }
        }
        """
        .formatted(statements);
  }

  @Test
  @DisplayName(
      "the driver for real hardware runs on a machine file with another line to make the machine")
  void runs() throws IOException, InterruptedException, URISyntaxException {
    String page = Files.readString(Path.of("../docs/howto/map-real-memory.md"));
    String driver = driver(page);
    assertThat(page).as("what to write instead is said there").contains(ON_A_LAPTOP);
    assertThat(driver).containsOnlyOnce(ON_HARDWARE);
    Path source = folder.resolve("Driver.java");
    Files.writeString(source, program(driver.replace(ON_HARDWARE, ON_A_LAPTOP)));
    Path core = Path.of(Machine.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                core.toString(),
                source.toString())
            .directory(Path.of("..").toFile())
            .redirectErrorStream(true)
            .start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(said).isZero();
    assertThat(said.strip()).isEqualTo("ran to its end");
  }
}
