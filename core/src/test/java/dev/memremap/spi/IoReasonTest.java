// SPDX-License-Identifier: Apache-2.0
package dev.memremap.spi;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.EOFException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class IoReasonTest {
  private static final String PATH = "/some/where";

  private static List<Arguments> causes() {
    return List.of(
        Arguments.of(new NoSuchFileException(PATH), "no such file or folder"),
        Arguments.of(new AccessDeniedException(PATH), "permission denied"),
        Arguments.of(new FileAlreadyExistsException(PATH), "it exists already"),
        Arguments.of(new NotDirectoryException(PATH), "it is not a folder"),
        Arguments.of(new DirectoryNotEmptyException(PATH), "the folder is not empty"),
        Arguments.of(new FileSystemLoopException(PATH), "its links lead back to themselves"),
        Arguments.of(
            new FileSystemException(PATH, null, "No space left on device"),
            "No space left on device"),
        Arguments.of(new FileSystemException(PATH), "the system gives no reason"),
        Arguments.of(new EOFException(), "it ends too early, and may be cut"),
        Arguments.of(new IOException("Is a directory"), "Is a directory"),
        Arguments.of(new IOException(), "the system gives no reason"),
        Arguments.of(new IOException("a\u001b[31m\nb\u202e"), "a?[31m?b?"),
        Arguments.of(new IOException("x".repeat(501)), "x".repeat(500) + "…"),
        Arguments.of(new IOException(" "), "the system gives no reason"),
        Arguments.of(new IOException(new AccessDeniedException(PATH)), "permission denied"));
  }

  @ParameterizedTest
  @MethodSource("causes")
  @DisplayName("each cause is said in words, and never by a path or a class")
  void words(IOException cause, String said) {
    assertThat(IoReason.of(cause)).isEqualTo(said);
  }
}
