// SPDX-License-Identifier: Apache-2.0
package dev.memremap.reading;

import java.io.IOException;
import java.io.InputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.jspecify.annotations.Nullable;

/**
 * The entries of a tar archive, with a bound on what stands before each of them. Long names, long
 * links and the headers of POSIX are entries of their own, which the library keeps in memory; and
 * it calls itself for each that follows another.
 *
 * <p>Thread safety: for one thread.
 */
final class BoundedTar extends TarArchiveInputStream {
  /** One header of each kind, and some to spare. */
  private static final int MAX_HEADERS = 16;

  private static final int MAX_HEADER_BYTES = 1 << 20;

  private int headers;
  private int headerBytes;
  private @Nullable TarArchiveEntry passed;

  BoundedTar(InputStream in) {
    super(in);
  }

  @Override
  public TarArchiveEntry getNextEntry() throws IOException {
    if (headers == 0) {
      headerBytes = 0;
      passed = getCurrentEntry();
    } else if (headers == MAX_HEADERS) {
      throw new IOException(
          "more than %d headers of its archive follow one another".formatted(MAX_HEADERS));
    }
    headers++;
    try {
      return super.getNextEntry();
    } catch (IllegalArgumentException | IndexOutOfBoundsException | ArithmeticException e) {
      throw new IOException("a header of its archive is damaged", e);
    } finally {
      headers--;
    }
  }

  @Override
  protected byte[] readRecord() throws IOException {
    if (headers > 0) {
      countHeader(getRecordSize());
    }
    return super.readRecord();
  }

  /** Entries are equal if they have one name; what is asked here is whether it is the same one. */
  @Override
  @SuppressWarnings("ReferenceEquality")
  public int read(byte[] bytes, int offset, int length) throws IOException {
    int read = super.read(bytes, offset, length);
    // what is read while the next entry is sought is a header, or the rest of the entry before
    if (headers > 0 && getCurrentEntry() != passed) {
      countHeader(read);
    }
    return read;
  }

  private void countHeader(int bytes) throws IOException {
    headerBytes += Math.max(0, bytes);
    if (headerBytes > MAX_HEADER_BYTES) {
      throw new IOException("a header of its archive is longer than 1 MiB");
    }
  }
}
