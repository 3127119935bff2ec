// SPDX-License-Identifier: Apache-2.0
package dev.memremap.reading;

import java.io.IOException;
import java.io.InputStream;
import java.util.zip.GZIPInputStream;

/**
 * The bytes that gzip packed, as one or several pieces. Java's stream calls itself for each piece
 * that holds nothing; this one allows only some of them in a row.
 *
 * <p>Thread safety: for one thread.
 */
final class BoundedGzip extends GZIPInputStream {
  private static final int MAX_EMPTY = 64;

  private int pieces;

  BoundedGzip(InputStream in) throws IOException {
    super(in);
  }

  @Override
  public int read(byte[] bytes, int offset, int length) throws IOException {
    if (pieces == MAX_EMPTY) {
      throw new IOException("its gzip data has %d empty pieces in a row".formatted(MAX_EMPTY));
    }
    pieces++;
    try {
      return super.read(bytes, offset, length);
    } finally {
      pieces--;
    }
  }
}
