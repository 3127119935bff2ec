// SPDX-License-Identifier: Apache-2.0
package dev.memremap.testing;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A program that ran in a JVM of its own, on the class path of this one.
 *
 * @param exitStatus its exit status; 128 and the signal's number if one ended it
 * @param output all that it wrote
 */
public record ChildJvm(int exitStatus, String output) {

  /**
   * Runs a program.
   *
   * @param directory where it runs, and where a JVM that crashes leaves its report
   * @param options of the JVM
   */
  public static ChildJvm run(
      Path directory, List<String> options, Class<?> program, String... arguments)
      throws IOException, InterruptedException {
    List<String> line = new ArrayList<>();
    line.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    line.addAll(List.of("-XX:-CreateCoredumpOnCrash", "--enable-native-access=ALL-UNNAMED"));
    line.addAll(options);
    line.addAll(List.of("-cp", System.getProperty("java.class.path"), program.getName()));
    line.addAll(List.of(arguments));
    Process process =
        new ProcessBuilder(line).directory(directory.toFile()).redirectErrorStream(true).start();
    try {
      process.getOutputStream().close();
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      return new ChildJvm(process.waitFor(), output);
    } finally {
      process.destroyForcibly();
    }
  }

  /** The lines that begin with a word. */
  public List<String> lines(String word) {
    return output.lines().filter(line -> line.startsWith(word)).toList();
  }
}
