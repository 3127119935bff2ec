// SPDX-License-Identifier: Apache-2.0
package dev.memremap.reading;

import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.NoSuchFileException;
import org.jspecify.annotations.Nullable;

/** Why a file cannot be read, in words for a person. */
final class UnreadableFile {
  private UnreadableFile() {}

  /** An exception whose message is a sentence about the file of this name. */
  static UncheckedIOException of(String name, IOException cause) {
    return new UncheckedIOException(name + ": " + sentence(cause), cause);
  }

  /** The sentence without the file's name. */
  static String sentence(IOException cause) {
    return cause instanceof NoSuchFileException
        ? "there is no such file"
        : "cannot be read (" + reason(cause) + ")";
  }

  /** The reason in a few words; the messages of Java's exceptions are a path, words, or missing. */
  static String reason(IOException cause) {
    if (cause.getCause() instanceof IOException deeper) {
      return reason(deeper);
    }
    return switch (cause) {
      case AccessDeniedException denied -> "permission denied";
      case FileSystemLoopException loop -> "its links lead back to themselves";
      case FileSystemException other -> words(other.getReason(), "the system gives no reason");
      case EOFException end -> "it ends too early, and may be cut";
      default -> words(cause.getMessage(), "its packed data is damaged");
    };
  }

  private static String words(@Nullable String message, String otherwise) {
    return message == null || message.isBlank() ? otherwise : Excerpt.name(message);
  }
}
