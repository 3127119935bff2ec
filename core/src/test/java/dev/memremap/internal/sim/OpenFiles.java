// SPDX-License-Identifier: Apache-2.0
package dev.memremap.internal.sim;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** What this process holds open or mapped of a directory's files, as Linux tells it. */
final class OpenFiles {
  private OpenFiles() {}

  static boolean known() {
    return Files.isDirectory(Path.of("/proc/self/fd"));
  }

  /** The links in {@code /proc/self/fd} to files below this directory, unlinked ones included. */
  static List<Path> descriptors(Path directory) throws IOException {
    List<Path> found = new ArrayList<>();
    try (Stream<Path> links = Files.list(Path.of("/proc/self/fd"))) {
      for (Path link : links.toList()) {
        try {
          if (Files.readSymbolicLink(link).startsWith(directory.toRealPath())) {
            found.add(link);
          }
        } catch (NoSuchFileException closedSince) {
          // the descriptor that listed the directory, for one
        }
      }
    }
    return found;
  }

  /** What a file takes of its file system, holes left out. */
  static long allocatedBytes(Path descriptor) throws IOException, InterruptedException {
    Path ours =
        Path.of("/proc", String.valueOf(ProcessHandle.current().pid()), "fd")
            .resolve(descriptor.getFileName());
    Process stat = new ProcessBuilder("stat", "-L", "-c", "%b %B", ours.toString()).start();
    String[] blocks =
        new String(stat.getInputStream().readAllBytes(), StandardCharsets.US_ASCII)
            .strip()
            .split(" ");
    if (stat.waitFor() != 0) {
      throw new IOException("stat does not tell the blocks of " + descriptor);
    }
    return Long.parseLong(blocks[0]) * Long.parseLong(blocks[1]);
  }

  /** Skips a test where no {@code /proc} tells what this process has mapped and open. */
  static void assumeProc() {
    assumeTrue(Files.isReadable(Path.of("/proc/self/maps")), "skipped: no /proc on this system");
  }

  /** How many mappings in {@code /proc/self/maps} are of files below this directory. */
  static long mappings(Path directory) throws IOException {
    String prefix = directory.toRealPath() + "/";
    try (Stream<String> lines = Files.lines(Path.of("/proc/self/maps"))) {
      return lines.filter(line -> line.contains(prefix)).count();
    }
  }
}
