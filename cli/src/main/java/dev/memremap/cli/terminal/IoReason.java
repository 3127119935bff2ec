// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli.terminal;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;

/**
 * Why a file could not be read or written, in words. The message of many causes is a path alone.
 */
public final class IoReason {
  private IoReason() {}

  /** The reason, as a phrase that stands in parentheses behind a sentence. */
  public static String of(IOException cause) {
    return switch (cause) {
      case NoSuchFileException e -> "there is no such file or folder";
      case AccessDeniedException e -> "permission denied";
      case FileAlreadyExistsException e -> "it exists already";
      case NotDirectoryException e -> "it is not a folder";
      case DirectoryNotEmptyException e -> "the folder is not empty";
      default -> ofOther(cause);
    };
  }

  private static String ofOther(IOException cause) {
    if (cause instanceof FileSystemException known && known.getReason() != null) {
      return known.getReason();
    }
    return cause.getMessage() == null ? cause.toString() : cause.getMessage();
  }
}
