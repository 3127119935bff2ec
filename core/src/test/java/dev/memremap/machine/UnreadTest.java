// SPDX-License-Identifier: Apache-2.0
package dev.memremap.machine;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.memremap.Machine;
import dev.memremap.resource.IomemFormatException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class UnreadTest {
  @Test
  @DisplayName("a reason is words, and never the path alone")
  void words(@TempDir Path folder) {
    assertThatThrownBy(() -> MachineDescription.read(folder))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessage(folder + ": cannot be read (Is a directory)");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "> 00001000-0009ffff : System RAM\n",
        "00001000-0009ffff : System RAM\r\n",
        "00001000-0009ffff : System RAM\n\n",
        "00100000-7fffffff : System RAM\n01000000-01ffffff : Kernel code\n",
        "[    0.000000] BIOS-e820: [mem 0x0000000000001000-0x000000000009ffff] usable\n",
      })
  @DisplayName("a file that is not in the strict form is refused with the command that makes it so")
  void remedy(String text, @TempDir Path folder) throws IOException {
    Path file = Files.writeString(folder.resolve("pasted.txt"), text);
    assertThatThrownBy(() -> Machine.simulated(file))
        .isInstanceOf(IomemFormatException.class)
        .hasMessageMatching("(?s)" + Pattern.quote(file + ":") + "[12]: .*")
        .hasMessageContaining("; 'memremap record FILE -m " + file + "' writes a strict file");
    assertThatThrownBy(() -> MachineDescription.parse(text, "-m"))
        .as("a text that a command gives has been tried as a pasted one")
        .hasMessageNotContaining("memremap record");
  }

  @Test
  @DisplayName("PRC-3 a file without addresses is refused without that command, which needs them")
  void noAddresses(@TempDir Path folder) throws IOException {
    Path file = Files.writeString(folder.resolve("zeros"), "00000000-00000000 : System RAM\n");
    assertThatThrownBy(() -> Machine.simulated(file))
        .hasMessageContaining("as root")
        .hasMessageNotContaining("memremap record");
  }
}
