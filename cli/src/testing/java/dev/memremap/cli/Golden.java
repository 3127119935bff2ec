// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/**
 * Documents that were looked at and are kept: a test compares all of what it got with one. With
 * {@code -Dgolden.update=true} it writes what it got instead, to be looked at again.
 */
public final class Golden {
  /** Where they are, and what they are made from. */
  static final Path FOLDER = Path.of("src", "test", "resources", "golden");

  private static final boolean UPDATE = Boolean.getBoolean("golden.update");

  private Golden() {}

  /** Fails unless the kept document of this name is exactly this text. */
  public static void check(String name, String text) {
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

  /** The words of a command line, in which a word that begins with @ is the path of an input. */
  public static String[] words(String line) {
    return Stream.of(line.split(" ", -1))
        .map(word -> word.startsWith("@") ? FOLDER.resolve(word.substring(1)).toString() : word)
        .toArray(String[]::new);
  }
}
