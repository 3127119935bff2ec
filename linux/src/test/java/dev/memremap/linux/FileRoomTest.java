// SPDX-License-Identifier: Apache-2.0
package dev.memremap.linux;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileRoomTest {
  @TempDir private Path folder;

  @Test
  @DisplayName("LIB-8 a file whose path is gone is not said to have no room")
  void gone() {
    assertThat(FileRoom.bytesLeft(folder.resolve("gone")))
        .isGreaterThanOrEqualTo(FileRoom.LITTLE_BYTES);
    assertThat(FileRoom.bytesLeft(folder)).isLessThan(Long.MAX_VALUE);
  }

  @Test
  @DisplayName("LIB-8 a file is warned about once, and only so many files are")
  void bounded() {
    FileRoom.Warned warned = new FileRoom.Warned(3);
    assertThat(IntStream.range(0, 10).filter(i -> warned.add(folder.resolve("" + i / 2))))
        .containsExactly(0, 2, 4);
    assertThat(warned.contains(folder.resolve("0"))).isTrue();
    assertThat(warned.contains(folder.resolve("4"))).isFalse();
  }
}
