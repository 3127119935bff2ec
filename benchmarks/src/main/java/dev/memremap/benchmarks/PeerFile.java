// SPDX-License-Identifier: Apache-2.0
package dev.memremap.benchmarks;

import static java.nio.file.StandardOpenOption.CREATE_NEW;
import static java.nio.file.StandardOpenOption.DELETE_ON_CLOSE;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;

/**
 * A file where a machine's own memory lies, for peers that map it without a machine. It has no
 * name: it is gone when the last mapping and the channel are, whatever ends the process.
 */
final class PeerFile {
  private PeerFile() {}

  /** An empty one. */
  static FileChannel open() throws IOException {
    Path shared = Path.of("/dev/shm");
    return open(Files.isDirectory(shared) ? shared : Path.of(System.getProperty("java.io.tmpdir")));
  }

  /** An empty one on the file system of a directory. */
  static FileChannel open(Path directory) throws IOException {
    // on Linux and macOS the JDK takes the name away as soon as the file is open
    return FileChannel.open(
        directory.resolve("peer-" + UUID.randomUUID()), CREATE_NEW, READ, WRITE, DELETE_ON_CLOSE);
  }
}
