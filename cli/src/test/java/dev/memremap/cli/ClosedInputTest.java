// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A command that was started without standard input, as {@code <&-} does. */
class ClosedInputTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "iomem -m -",
        "run -",
        "serve -p 0 -m -",
        "iomem -m ../examples/machines/qemu-2g.iomem --dmesg -",
        "write 0x40000000 --input - -m ../examples/machines/qemu-2g.iomem"
      })
  @DisplayName("a command that is to read it says in one sentence that it is closed")
  void closed(String words) throws IOException, InterruptedException {
    List<String> line = new ArrayList<>(List.of("bash", "-c", "exec \"$@\" <&-", "bash"));
    line.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    line.addAll(List.of("--enable-native-access=ALL-UNNAMED", "-cp"));
    line.addAll(List.of(System.getProperty("java.class.path"), MemremapCommand.class.getName()));
    line.addAll(List.of(words.split(" ")));
    Process process = new ProcessBuilder(line).redirectErrorStream(true).start();
    try {
      String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(said).contains("it was closed when the command started");
      assertThat(said.lines()).hasSize(1);
      assertThat(process.waitFor()).isEqualTo(2);
    } finally {
      process.destroyForcibly();
    }
  }
}
