// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Documents that were looked at and are kept: a test compares all of what it got with one. With
 * {@code -Dgolden.update=true} it writes what it got instead, to be looked at again.
 */
final class Golden {
  /** Where they are, and what they are made from. */
  static final Path FOLDER = Path.of("src", "test", "resources", "golden");

  private static final boolean UPDATE = Boolean.getBoolean("golden.update");

  private Golden() {}

  /** Fails unless the kept document of this name is exactly this text. */
  static void check(String name, String text) {
    Path file = FOLDER.resolve(name);
    try {
      if (UPDATE) {
        Files.writeString(file, text);
      }
      assertThat(text)
          .as("%s; -Dgolden.update=true writes it anew", file)
          .isEqualTo(Files.readString(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The path of an input, as a command's argument. */
  static String input(String name) {
    return FOLDER.resolve(name).toString();
  }
}
