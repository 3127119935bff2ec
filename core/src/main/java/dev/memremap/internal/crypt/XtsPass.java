// SPDX-License-Identifier: Apache-2.0
package dev.memremap.internal.crypt;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import javax.crypto.Cipher;
import javax.crypto.ShortBufferException;

/**
 * One direction of an {@link XtsCipher} at work, with the buffers that let AES run over 4 KiB at a
 * time: called for single blocks, the JDK spends most of its time outside AES.
 *
 * <p>Thread safety: none, one thread at a time.
 */
final class XtsPass {
  private static final int CHUNK_BYTES = 4096;
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private final Cipher data;
  private final Cipher tweak;
  private final byte[] in = new byte[CHUNK_BYTES];
  private final byte[] out = new byte[CHUNK_BYTES];
  private final byte[] tweaks = new byte[CHUNK_BYTES];

  XtsPass(Cipher data, Cipher tweak) {
    this.data = data;
    this.tweak = tweak;
  }

  /** Transforms whole blocks in place; the address is that of the first. */
  void transform(long physicalAddress, byte[] bytes, int offset, int length) {
    for (int done = 0; done < length; done += CHUNK_BYTES) {
      int chunk = Math.min(CHUNK_BYTES, length - done);
      transformChunk(physicalAddress + done, bytes, offset + done, chunk);
    }
  }

  private void transformChunk(long physicalAddress, byte[] bytes, int offset, int length) {
    for (int i = 0; i < length; i += XtsCipher.BLOCK_BYTES) {
      LONG.set(in, i, physicalAddress + i);
      LONG.set(in, i + Long.BYTES, 0L);
    }
    run(tweak, in, tweaks, length);
    for (int i = 0; i < length; i += Long.BYTES) {
      LONG.set(in, i, (long) LONG.get(bytes, offset + i) ^ (long) LONG.get(tweaks, i));
    }
    run(data, in, out, length);
    for (int i = 0; i < length; i += Long.BYTES) {
      LONG.set(bytes, offset + i, (long) LONG.get(out, i) ^ (long) LONG.get(tweaks, i));
    }
  }

  private static void run(Cipher aes, byte[] from, byte[] to, int length) {
    try {
      int done = aes.update(from, 0, length, to, 0);
      if (done != length) {
        throw new AssertionError("AES held back %d bytes".formatted(length - done));
      }
    } catch (ShortBufferException e) {
      throw new AssertionError("AES made more bytes than it was given", e);
    }
  }
}
