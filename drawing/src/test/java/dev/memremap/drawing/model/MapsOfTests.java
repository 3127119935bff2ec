// SPDX-License-Identifier: Apache-2.0
package dev.memremap.drawing.model;

import dev.memremap.drawing.source.MachineScene;
import dev.memremap.machine.MachineDescription;
import dev.memremap.reading.MachineReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** The memory maps among the test resources and examples of all modules. */
final class MapsOfTests {
  private static final Path ROOT = Path.of("..");

  private MapsOfTests() {}

  static List<Path> files() throws IOException {
    try (Stream<Path> modules = Files.list(ROOT)) {
      return modules
          .flatMap(
              module ->
                  Stream.of("src/test/resources", "src/main/resources", "machines")
                      .map(module::resolve))
          .filter(Files::isDirectory)
          .flatMap(MapsOfTests::below)
          .filter(file -> file.toString().endsWith(".iomem"))
          .filter(MapsOfTests::isReadable)
          .sorted()
          .toList();
    }
  }

  private static Stream<Path> below(Path folder) {
    try (Stream<Path> files = Files.walk(folder)) {
      return files.toList().stream();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Some are there to be refused. */
  private static boolean isReadable(Path file) {
    try {
      read(file);
      return true;
    } catch (IllegalArgumentException | UncheckedIOException e) {
      return false;
    }
  }

  static MachineDescription read(Path file) {
    return MachineReader.of(file).read().machine();
  }

  static Scene scene(Path file) {
    return MachineScene.of(file.getFileName().toString(), read(file));
  }
}
