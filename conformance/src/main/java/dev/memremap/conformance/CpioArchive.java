// SPDX-License-Identifier: Apache-2.0
package dev.memremap.conformance;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/**
 * Writes a cpio archive in the format "newc", which a kernel unpacks as its first root.
 *
 * <pre>
 * "070701" | 13 numbers of 8 hexadecimal digits | name, NUL, zeros to 4 bytes | bytes, zeros to 4
 * </pre>
 *
 * <p>Thread safety: none; one thread writes.
 */
final class CpioArchive implements AutoCloseable {
  private static final int DIRECTORY = 0040000;
  private static final int REGULAR = 0100000;

  private final OutputStream out;
  private int entries;

  CpioArchive(OutputStream out) {
    this.out = out;
  }

  /** Adds a directory; those above it come first. */
  void directory(String name) throws IOException {
    entry(name, DIRECTORY | 0755, new byte[0]);
  }

  /**
   * Adds a file.
   *
   * @param permissions the low nine mode bits
   */
  void file(String name, int permissions, byte[] bytes) throws IOException {
    entry(name, REGULAR | permissions, bytes);
  }

  /** Ends the archive. */
  @Override
  public void close() throws IOException {
    entry("TRAILER!!!", 0, new byte[0]);
    out.close();
  }

  private void entry(String name, int mode, byte[] bytes) throws IOException {
    byte[] path = name.getBytes(StandardCharsets.UTF_8);
    int links = (mode & DIRECTORY) != 0 ? 2 : 1;
    // inode, mode, owner, group, links, time, size, four device numbers, length of the name,
    // checksum
    int[] fields = {++entries, mode, 0, 0, links, 0, bytes.length, 0, 0, 0, 0, path.length + 1, 0};
    StringBuilder header = new StringBuilder("070701");
    for (int field : fields) {
      header.append("%08X".formatted(field));
    }
    out.write(header.toString().getBytes(StandardCharsets.US_ASCII));
    out.write(path);
    out.write(0);
    pad(header.length() + path.length + 1);
    out.write(bytes);
    pad(bytes.length);
  }

  private void pad(int length) throws IOException {
    out.write(new byte[-length & 3]);
  }
}
