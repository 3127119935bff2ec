// SPDX-License-Identifier: Apache-2.0
package dev.memremap.thorough;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A piece that ran to its end.
 *
 * @param piece what ran
 * @param exitStatus of its JVM
 * @param output all it wrote
 * @param took on this machine's clock
 */
record PieceRun(Piece piece, int exitStatus, String output, Duration took) {
  private static final Pattern SUCCESSFUL = Pattern.compile("\\[ *([0-9]+) tests successful *]");
  private static final Pattern FAILED = Pattern.compile("\\[ *([0-9]+) tests failed *]");
  private static final Pattern NOT_RUN =
      Pattern.compile("\\[ *([0-9]+) tests (skipped|aborted) *]");

  /** What -Xcheck:jni prints when native code breaks JNI's rules, and goes on. */
  private static final Pattern JNI =
      Pattern.compile("(?m)^(WARNING|FATAL ERROR) in native method.*");

  /**
   * Runs a piece, and keeps all it writes in a file.
   *
   * @param java the program that starts a JVM, and the options that every piece gets
   * @throws IOException if it cannot be started, or its output not be kept
   * @throws InterruptedException if this thread was interrupted; the piece was killed
   */
  static PieceRun of(Piece piece, Path root, List<String> java, Path log)
      throws IOException, InterruptedException {
    BuiltModule module = new BuiltModule(root.resolve(piece.module()));
    List<String> line = new ArrayList<>(java);
    line.addAll(piece.command().arguments(module));
    long begun = System.nanoTime();
    Process process =
        new ProcessBuilder(line)
            .directory(module.folder().toFile())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    try {
      process.getOutputStream().close();
      int status = process.waitFor();
      // a crash can leave bytes that are not text
      String output = new String(Files.readAllBytes(log), StandardCharsets.UTF_8);
      return new PieceRun(piece, status, output, Duration.ofNanos(System.nanoTime() - begun));
    } finally {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
  }

  /** How many tests passed; 0 for a piece that counts none. */
  int passed() {
    return sum(SUCCESSFUL);
  }

  /** How many tests failed. */
  int failed() {
    return sum(FAILED);
  }

  /** How many tests were skipped, or gave up because something they need is missing here. */
  int notRun() {
    return sum(NOT_RUN);
  }

  /** Whether it ended well, and JNI had nothing to complain of. */
  boolean holds() {
    return exitStatus == 0 && failed() == 0 && !JNI.matcher(output).find();
  }

  private int sum(Pattern line) {
    Matcher counts = line.matcher(output);
    int sum = 0;
    while (counts.find()) {
      sum += Integer.parseInt(counts.group(1));
    }
    return sum;
  }

  @Override
  public String toString() {
    String tests =
        passed() + failed() == 0
            ? ""
            : ", %d tests passed, %d failed%s"
                .formatted(passed(), failed(), notRun() == 0 ? "" : ", " + notRun() + " not run");
    return "%s: %s in %d:%02d%s"
        .formatted(
            piece.name(),
            holds() ? "held" : "FAILED with exit status " + exitStatus,
            took.toMinutes(),
            took.toSecondsPart(),
            tests);
  }
}
