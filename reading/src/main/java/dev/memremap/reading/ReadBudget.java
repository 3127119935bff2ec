// SPDX-License-Identifier: Apache-2.0
package dev.memremap.reading;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/**
 * How many unpacked bytes may still be read of one report. A packed file of a few megabytes can
 * unpack to terabytes; so what is passed over counts, too.
 *
 * <p>Thread safety: for one thread.
 */
final class ReadBudget {
  private static final long GIB = 1L << 30;

  private long left = GIB;

  /** Whether nothing more may be read. */
  boolean isUsedUp() {
    return left < 0;
  }

  private void use(long bytes) throws IOException {
    left -= Math.max(0, bytes);
    if (isUsedUp()) {
      throw new IOException("it unpacks to more than 1 GiB");
    }
  }

  /** A stream whose bytes count. */
  InputStream counting(InputStream in) {
    return new FilterInputStream(in) {
      @Override
      public int read() throws IOException {
        use(1);
        return super.read();
      }

      @Override
      public int read(byte[] bytes, int offset, int length) throws IOException {
        use(0);
        int read = super.read(bytes, offset, length);
        use(read);
        return read;
      }

      @Override
      public long skip(long bytes) throws IOException {
        use(0);
        // not more at a time than a moment's work: an unpacking stream skips by reading
        long skipped = super.skip(Math.min(bytes, 1 << 20));
        use(skipped);
        return skipped;
      }

      @Override
      public boolean markSupported() {
        return false;
      }
    };
  }
}
