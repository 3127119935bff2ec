// SPDX-License-Identifier: Apache-2.0
package dev.memremap.machine;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;

/** Why a file could not be read, in words. The message of several causes is its path alone. */
final class Unread {
  private Unread() {}

  /** The reason, as a phrase that stands in parentheses behind a sentence. */
  static String reason(IOException cause) {
    if (cause instanceof FileSystemException known && known.getReason() != null) {
      return known.getReason();
    }
    return switch (cause) {
      case NoSuchFileException gone -> "there is no such file";
      case AccessDeniedException denied -> "permission denied";
      default -> cause.getMessage() == null ? cause.toString() : cause.getMessage();
    };
  }
}
