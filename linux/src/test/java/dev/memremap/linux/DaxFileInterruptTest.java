// SPDX-License-Identifier: Apache-2.0
package dev.memremap.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.memremap.rule.Errno;
import dev.memremap.rule.MemremapException;
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

/** A file stays open for all, whoever is interrupted while he maps it. */
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
  @DisplayName("interrupts that arrive while a thread maps fail no mapping of any thread")
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
  @DisplayName(
      "LIB-6 a name that leads to another file since is refused, once an interrupt closed it")
  void anotherFile() throws IOException {
    DaxFile file = DaxFile.orCached(path);
    // keeps the number of the first file taken
    Files.move(path, directory.resolve("moved"));
    Files.write(path, new byte[SIZE]);
    try (Arena arena = Arena.ofShared()) {
      assertThat(file.map(0, 4096, arena)).isNotNull();
      file.interruptClosesIt();
      assertThatExceptionOfType(MemremapException.class)
          .isThrownBy(() -> file.map(0, 4096, arena))
          .withMessageContaining("another one has its name now")
          .extracting(MemremapException::errno)
          .isEqualTo(Errno.EIO);
    } finally {
      file.close();
    }
  }
}
