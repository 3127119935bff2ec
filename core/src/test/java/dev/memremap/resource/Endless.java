// SPDX-License-Identifier: Apache-2.0
package dev.memremap.resource;

import java.io.InputStream;
import java.util.function.IntSupplier;

/** A long stream that is made while it is read, and knows how much of it was. */
final class Endless extends InputStream {
  private final int length;
  private final IntSupplier bytes;
  int read;

  Endless(int length, IntSupplier bytes) {
    this.length = length;
    this.bytes = bytes;
  }

  @Override
  public int read() {
    if (read == length) {
      return -1;
    }
    read++;
    return bytes.getAsInt() & 0xff;
  }

  @Override
  public int read(byte[] into, int offset, int wanted) {
    int count = Math.min(wanted, length - read);
    for (int i = 0; i < count; i++) {
      into[offset + i] = (byte) bytes.getAsInt();
    }
    read += count;
    return count == 0 ? -1 : count;
  }
}
