// SPDX-License-Identifier: Apache-2.0
package dev.memremap.benchmarks.command;

import dev.memremap.Machine;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;

/** The library's classes in a jar of another name: another version to measure against. */
final class CoreJar {
  private CoreJar() {}

  /** Writes it into a folder. */
  static Path in(Path folder) throws IOException {
    Path core;
    try {
      core = Path.of(Machine.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    } catch (URISyntaxException e) {
      throw new IOException(e);
    }
    Path jar = folder.resolve("other-core.jar");
    if (Files.isRegularFile(core)) {
      return Files.copy(core, jar);
    }
    try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar));
        Stream<Path> files = Files.walk(core)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        out.putNextEntry(new JarEntry(core.relativize(file).toString()));
        Files.copy(file, out);
      }
    }
    return jar;
  }
}
