// SPDX-License-Identifier: Apache-2.0
package dev.memremap.internal.sim;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;

/**
 * A file system of 1 MiB that a test can fill to the last byte. Mounting one takes root on Linux;
 * elsewhere the test that wants one is skipped, and says so.
 */
final class SmallTmpfs implements AutoCloseable {
  private final Path directory;

  private SmallTmpfs(Path directory) {
    this.directory = directory;
  }

  /**
   * Mounts one below a directory.
   *
   * @param options beside the size, {@code nr_inodes=3} for one; or empty
   */
  static SmallTmpfs mount(Path parent, String options) throws IOException {
    OpenFiles.assumeProc();
    Path directory = Files.createDirectories(parent.resolve("small-tmpfs"));
    String all = "size=1m" + (options.isEmpty() ? "" : "," + options);
    String failure = run("mount", "-t", "tmpfs", "-o", all, "tmpfs", directory.toString());
    Assumptions.assumeTrue(
        failure.isEmpty(), "skipped: a tmpfs of 1 MiB cannot be mounted here: " + failure);
    return new SmallTmpfs(directory);
  }

  Path directory() {
    return directory;
  }

  /** Takes all the room there is; deleting the file returned gives it back. */
  Path fill() throws IOException {
    Path filler = directory.resolve("filler");
    byte[] page = new byte[4096];
    try (var out = Files.newOutputStream(filler)) {
      while (true) {
        out.write(page);
      }
    } catch (IOException full) {
      if (Files.size(filler) == 0) {
        throw full;
      }
    }
    return filler;
  }

  @Override
  public void close() throws IOException {
    String failure = run("umount", directory.toString());
    if (!failure.isEmpty()) {
      // What still uses it failed its test; the mount shall not outlive the test run for that.
      String detached = run("umount", "-l", directory.toString());
      throw new IOException(detached.isEmpty() ? failure : failure + "; " + detached);
    }
  }

  /** Runs a program; returns what is wrong, or nothing. */
  private static String run(String... command) {
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      String output = new String(process.getInputStream().readAllBytes(), UTF_8);
      int status = process.waitFor();
      return status == 0 ? "" : output.strip() + " (exit " + status + ")";
    } catch (IOException e) {
      return String.valueOf(e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return command[0] + " was not waited for";
    }
  }
}
