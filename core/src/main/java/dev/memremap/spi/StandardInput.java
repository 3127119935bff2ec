// SPDX-License-Identifier: Apache-2.0
package dev.memremap.spi;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Standard input. A JVM that was started without one, as {@code <&-} does, has a file of its own
 * under that number, and reads that.
 *
 * <p>Thread safety: stateless.
 */
public final class StandardInput {
  private static final Path DESCRIPTOR = Path.of("/proc/self/fd/0");

  private StandardInput() {}

  /**
   * Returns the stream.
   *
   * @throws IOException if it was closed when this JVM started; the message is a phrase
   */
  public static InputStream open() throws IOException {
    if (isOfThisJvm(DESCRIPTOR)) {
      throw new IOException("it was closed when the command started");
    }
    return System.in;
  }

  private static boolean isOfThisJvm(Path descriptor) {
    try {
      return Files.readSymbolicLink(descriptor)
          .startsWith(Path.of(System.getProperty("java.home")).toRealPath());
    } catch (IOException | UnsupportedOperationException unknown) {
      // another system, without /proc
      return false;
    }
  }
}
