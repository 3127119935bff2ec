// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager.store;

import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.URI;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.zip.CRC32C;

/**
 * Of which store a file is a copy that is not finished, behind the first header in the file. It
 * means something while the header says that the copy is not finished.
 *
 * <pre>
 *   512  how many bytes the text has, 32 bits
 *   516  CRC32C of the text
 *   520  the location of the copied store, without its password, in UTF-8
 * </pre>
 */
final class CopyNote {
  private static final long AT = 512;
  private static final int HEAD = 8;
  private static final int MOST = StoreLayout.HEADER_BYTES - (int) AT - HEAD;
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private CopyNote() {}

  static void write(StoreFile file, URI of) throws IOException {
    byte[] text = text(of);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment note = arena.allocate(HEAD + (long) text.length);
      note.set(INT, 0, text.length);
      note.set(INT, Integer.BYTES, checksum(text));
      MemorySegment.copy(text, 0, note, ValueLayout.JAVA_BYTE, HEAD, text.length);
      file.write(AT, note);
    }
    file.force();
  }

  /** The text; empty unless all of it is there. */
  static String read(StoreFile file) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment note = arena.allocate(HEAD + (long) MOST);
      file.read(AT, note);
      int length = note.get(INT, 0);
      if (length < 1 || length > MOST) {
        return "";
      }
      byte[] text = note.asSlice(HEAD, length).toArray(ValueLayout.JAVA_BYTE);
      return checksum(text) == note.get(INT, Integer.BYTES)
          ? new String(text, StandardCharsets.UTF_8)
          : "";
    } catch (EOFException e) {
      return ""; // the smallest stores end before
    }
  }

  /** Whether a text that was read is of this store. */
  static boolean isOf(String read, URI of) {
    return read.equals(new String(text(of), StandardCharsets.UTF_8));
  }

  private static byte[] text(URI of) {
    byte[] whole = of.toString().getBytes(StandardCharsets.UTF_8);
    return whole.length <= MOST ? whole : Arrays.copyOf(whole, MOST);
  }

  private static int checksum(byte[] text) {
    CRC32C crc = new CRC32C();
    crc.update(text);
    return (int) crc.getValue();
  }
}
