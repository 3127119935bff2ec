// SPDX-License-Identifier: Apache-2.0
package dev.memremap.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import dev.memremap.testing.LoggedLines;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.logging.Filter;
import java.util.logging.Logger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

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

  @Test
  @DisplayName("LIB-8 where no thread can be started, the warning is left out and nothing fails")
  void noThread() {
    try (LoggedLines log = new LoggedLines("dev.memremap")) {
      FileRoom.warnSoon(
          folder,
          1 << 20,
          warning -> {
            throw new OutOfMemoryError("unable to create native thread");
          });
      assertThat(log.lines()).isEmpty();
      FileRoom.warnSoon(folder, 1 << 20, Runnable::run);
      assertThat(log.lines()).singleElement().asString().contains("has holes", "1,024 KiB left");
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  @DisplayName("LIB-8 a logger that throws is called, and its failure goes no further")
  void throwingLogger(boolean error) {
    AtomicInteger asked = new AtomicInteger();
    Logger logger = Logger.getLogger("dev.memremap");
    Filter before = logger.getFilter();
    logger.setFilter(
        line -> {
          asked.incrementAndGet();
          if (error) {
            throw new StackOverflowError("of a logger");
          }
          throw new IllegalStateException("of a logger");
        });
    try {
      assertThatCode(() -> FileRoom.warnSoon(folder, 1 << 20, Runnable::run))
          .doesNotThrowAnyException();
    } finally {
      logger.setFilter(before);
    }
    assertThat(asked).hasValue(1);
  }
}
