// SPDX-License-Identifier: Apache-2.0
package dev.memremap.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A file stays open for all threads, whichever is interrupted while it maps a part of it. */
class DaxFileInterruptTest {
  private static final int SIZE = 1 << 16;

  @TempDir Path directory;
  private Path path;

  @BeforeEach
  void write() throws IOException {
    path = Files.write(directory.resolve("log"), new byte[SIZE]);
  }

  @Test
  @DisplayName("an interrupt that came before neither fails the mapping nor is lost")
  void before() {
    DaxFile file = DaxFile.orCached(path);
    try (Arena arena = Arena.ofShared()) {
      Thread.currentThread().interrupt();
      MemorySegment first = file.map(0, 4096, arena).segment();
      assertThat(Thread.interrupted()).isTrue();
      first.set(ValueLayout.JAVA_LONG, 0, 7);
      assertThat(file.map(0, SIZE, arena).segment().get(ValueLayout.JAVA_LONG, 0)).isEqualTo(7);
    } finally {
      file.close();
    }
  }

  @Test
  @DisplayName("interrupts that arrive while a thread maps fail no mapping, and stop no thread")
  void meanwhile() throws InterruptedException {
    DaxFile file = DaxFile.orCached(path);
    AtomicBoolean done = new AtomicBoolean();
    AtomicReference<Throwable> failure = new AtomicReference<>();
    Thread mapper =
        Thread.ofPlatform()
            .start(
                () -> {
                  try {
                    for (int i = 0; i < 500; i++) {
                      try (Arena arena = Arena.ofShared()) {
                        file.map(0, 4096, arena);
                      }
                    }
                  } catch (Throwable e) {
                    failure.set(e);
                  } finally {
                    done.set(true);
                  }
                });
    while (!done.get()) {
      mapper.interrupt();
      try (Arena arena = Arena.ofShared()) {
        file.map(4096, 4096, arena);
      }
    }
    mapper.join();
    assertThat(failure.get()).isNull();
    file.close();
    try (Arena arena = Arena.ofShared()) {
      assertThatIllegalStateException()
          .isThrownBy(() -> file.map(0, 4096, arena))
          .withMessage(path + " is closed");
    }
  }

  @Test
  @DisplayName("LIB-6 the file that was opened is mapped, wherever its name leads since")
  void moved() throws IOException {
    try (DaxFile file = DaxFile.orCached(path);
        Arena arena = Arena.ofShared()) {
      Path moved = Files.move(path, directory.resolve("moved"));
      Files.write(path, new byte[SIZE]);
      file.map(8192, 4096, arena).segment().set(ValueLayout.JAVA_BYTE, 1, (byte) 5);
      assertThat(Files.readAllBytes(moved)[8193]).isEqualTo((byte) 5);
      assertThat(Files.readAllBytes(path)[8193]).isZero();
      file.populate();
      assertThat(file.map(0, SIZE, arena).segment().get(ValueLayout.JAVA_BYTE, 8193))
          .isEqualTo((byte) 5);
    }
  }
}
