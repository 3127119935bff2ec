// SPDX-License-Identifier: Apache-2.0
package dev.memremap.windows;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * The library's compiled classes.
 *
 * @param names the binary names of all of them
 */
record CompiledLibrary(List<String> names) {

  /** What lies where a class of the library lies. */
  static CompiledLibrary of(Class<?> one) {
    try {
      Path root = Path.of(one.getProtectionDomain().getCodeSource().getLocation().toURI());
      try (Stream<Path> files = Files.walk(root)) {
        return new CompiledLibrary(
            files
                .map(file -> root.relativize(file).toString())
                .filter(file -> file.endsWith(".class"))
                .map(file -> file.substring(0, file.length() - ".class".length()))
                .map(file -> file.replace('/', '.'))
                .toList());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The binary name of the one class with this simple name. */
  String named(String simple) {
    List<String> found = names.stream().filter(name -> name.endsWith("." + simple)).toList();
    if (found.size() != 1) {
      throw new IllegalArgumentException(
          "the library has %d classes named %s: %s".formatted(found.size(), simple, found));
    }
    return found.getFirst();
  }
}
