// SPDX-License-Identifier: Apache-2.0
package dev.memremap.machine;

import dev.memremap.resource.IomemFormatException;
import java.nio.file.Path;
import java.util.Objects;

/** A refusal of a machine file that was read, with what to do about it. */
final class Unread {
  /** For a file that was read without privileges, which is in the strict form. */
  private static final String UNPRIVILEGED = "CAP_SYS_ADMIN";

  private Unread() {}

  /**
   * The refusal, plus the command that makes a strict file of a pasted one.
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
}
