// SPDX-License-Identifier: Apache-2.0
package dev.memremap.machine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UnreadTest {
  @Test
  @DisplayName("a reason is words, and never the path alone")
  void words(@TempDir Path folder) {
    assertThat(Unread.reason(new AccessDeniedException("/m"))).isEqualTo("permission denied");
    assertThat(Unread.reason(new NoSuchFileException("/m"))).isEqualTo("there is no such file");
    assertThat(Unread.reason(new FileSystemException("/m", null, "Too many links")))
        .isEqualTo("Too many links");
    assertThat(Unread.reason(new IOException("Input/output error")))
        .isEqualTo("Input/output error");
    assertThat(Unread.reason(new IOException())).isEqualTo("java.io.IOException");
    assertThatThrownBy(() -> MachineDescription.read(folder))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessage(folder + ": cannot be read (Is a directory)");
  }
}
