// SPDX-License-Identifier: Apache-2.0
package dev.memremap.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A file where a machine's own memory lies, for peers that map it without a machine. */
final class PeerFile {
  private PeerFile() {}

  /** An empty one. */
  static Path create() throws IOException {
    Path shared = Path.of("/dev/shm");
    return Files.isDirectory(shared)
        ? Files.createTempFile(shared, "peer", ".mem")
        : Files.createTempFile("peer", ".mem");
  }
}
