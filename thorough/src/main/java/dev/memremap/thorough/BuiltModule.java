// SPDX-License-Identifier: Apache-2.0
package dev.memremap.thorough;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * A module as the build left it: its test classes and the class path they run on.
 *
 * @param folder the module's folder
 */
record BuiltModule(Path folder) {
  private static final String CLASS_PATH = "target/test.classpath";

  /**
   * The class path of its tests, and {@code more} behind it.
   *
   * @throws IOException if the build did not write it
   */
  String testClassPath(String more) throws IOException {
    Path written = folder.resolve(CLASS_PATH);
    if (!Files.exists(written)) {
      throw new IOException(
          written + " is missing: run this as part of mvn -Pthorough verify, which writes it");
    }
    return String.join(
        File.pathSeparator,
        folder.resolve("target/test-classes").toString(),
        folder.resolve("target/classes").toString(),
        Files.readString(written).strip(),
        more);
  }

  /**
   * A part of its test classes, those that Surefire would run: every {@code parts}-th one in the
   * order of their names.
   *
   * @param part 1 to {@code parts}
   * @throws IOException if they cannot be listed
   */
  List<String> testClasses(int part, int parts) throws IOException {
    List<String> all = testClasses();
    return IntStream.range(0, all.size())
        .filter(i -> i % parts == part - 1)
        .mapToObj(all::get)
        .toList();
  }

  private List<String> testClasses() throws IOException {
    Path classes = folder.resolve("target/test-classes");
    try (Stream<Path> files = Files.walk(classes)) {
      return files
          .map(file -> classes.relativize(file).toString())
          .filter(name -> name.endsWith("Test.class") && !name.contains("$"))
          .map(name -> name.substring(0, name.length() - ".class".length()))
          .map(name -> name.replace(File.separatorChar, '.'))
          .sorted()
          .toList();
    }
  }
}
