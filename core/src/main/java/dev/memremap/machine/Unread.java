// SPDX-License-Identifier: Apache-2.0
package dev.memremap.machine;

import dev.memremap.resource.IomemFormatException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Objects;

/** Why a file could not be read, in words. The message of several causes is its path alone. */
final class Unread {
  /** Of a file that was read without privilege, which is in the strict form. */
  private static final String UNPRIVILEGED = "CAP_SYS_ADMIN";

  private Unread() {}

  /**
   * The same refusal, which also names the command that makes a strict file of one that was pasted.
   *
   * @param file the file that was read
   */
  static IomemFormatException withRemedy(IomemFormatException refused, Path file) {
    String message = Objects.requireNonNull(refused.getMessage());
    if (message.contains(UNPRIVILEGED)) {
      return refused;
    }
    String place = "%s:%d: ".formatted(file, refused.line());
    String sentence =
        message.substring(place.length())
            + "; 'memremap record FILE -m %s' writes a strict file, if this is a map as it was pasted, or a kernel's log"
                .formatted(file);
    IomemFormatException more = new IomemFormatException(file.toString(), refused.line(), sentence);
    more.initCause(refused);
    return more;
  }

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
