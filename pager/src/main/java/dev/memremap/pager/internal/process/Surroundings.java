// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager.internal.process;

import java.io.File;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a process of the pager is started in.
 *
 * @param java the program that runs it
 * @param prefix words before it on the command line: a program that changes the user
 * @param meeting the folder in which it meets the process that starts it
 * @param owner the user that it runs as, if that is another one
 * @param folder the folder that it works in; null for that of this process
 * @param environment its variables
 * @param errors where its words go
 */
record Surroundings(
    Path java,
    List<String> prefix,
    Path meeting,
    @Nullable Integer owner,
    @Nullable File folder,
    Map<String, String> environment,
    Redirect errors) {

  /**
   * Those of this process, of which it is a child.
   *
   * @param meeting the folder of the memory
   */
  static Surroundings own(Path meeting) {
    return new Surroundings(
        program(), List.of(), meeting, null, null, System.getenv(), Redirect.INHERIT);
  }

  /** That of this JVM; an application that was packed with its JVM may have none, and names one. */
  private static Path program() {
    String given = System.getProperty("dev.memremap.pager.java");
    return given == null
        ? Path.of(System.getProperty("java.home"), "bin", "java")
        : Path.of(given).toAbsolutePath();
  }
}
