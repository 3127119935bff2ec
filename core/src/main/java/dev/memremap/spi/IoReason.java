// SPDX-License-Identifier: Apache-2.0
package dev.memremap.spi;

import dev.memremap.rule.PlainText;
import java.io.EOFException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Says in words why a file cannot be read or written: the message of many of Java's exceptions is
 * only a path, or missing.
 *
 * <p>Thread safety: stateless.
 */
public final class IoReason {
  private static final String NOT_GIVEN = "the system gives no reason";

  /** How many characters are shown: more than any path has that people use. */
  private static final int MOST = 500;

  private IoReason() {}

  /** Returns the reason, as a phrase to put in parentheses after a sentence. */
  public static String of(IOException cause) {
    return of(cause, NOT_GIVEN);
  }

  /**
   * Returns the reason, as a phrase.
   *
   * @param otherwise the phrase for an exception without a message, unless it is a
   *     FileSystemException
   */
  public static String of(IOException cause, String otherwise) {
    Objects.requireNonNull(otherwise, "otherwise");
    if (Objects.requireNonNull(cause, "cause").getCause() instanceof IOException deeper) {
      return of(deeper, otherwise);
    }
    return switch (cause) {
      case NoSuchFileException e -> "no such file or folder";
      case AccessDeniedException e -> "permission denied";
      case FileAlreadyExistsException e -> "it exists already";
      case NotDirectoryException e -> "it is not a folder";
      case DirectoryNotEmptyException e -> "the folder is not empty";
      case FileSystemLoopException e -> "its links lead back to themselves";
      case FileSystemException e -> words(e.getReason(), NOT_GIVEN);
      case EOFException e -> "it ends too early, and may be cut";
      default -> words(cause.getMessage(), otherwise);
    };
  }

  private static String words(@Nullable String message, String otherwise) {
    if (message == null || message.isBlank()) {
      return otherwise;
    }
    return PlainText.beginning(message, MOST);
  }
}
