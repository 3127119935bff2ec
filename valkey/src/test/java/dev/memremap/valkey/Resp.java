// SPDX-License-Identifier: Apache-2.0
package dev.memremap.valkey;

import java.io.ByteArrayOutputStream;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Answers as nodes write them. */
final class Resp {
  private Resp() {}

  static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  static byte[] joined(byte[]... parts) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (byte[] each : parts) {
      all.writeBytes(each);
    }
    return all.toByteArray();
  }

  /** The values of a fence and of pages; null is a key that is not there. */
  static byte[] values(byte @Nullable []... values) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    all.writeBytes(bytes("*" + values.length + "\r\n"));
    for (byte[] each : values) {
      if (each == null) {
        all.writeBytes(bytes("_\r\n"));
      } else {
        all.writeBytes(bytes("$" + each.length + "\r\n"));
        all.writeBytes(each);
        all.writeBytes(bytes("\r\n"));
      }
    }
    return all.toByteArray();
  }

  /** What a page's key has. */
  static byte[] value(long page, MemorySegment bytes) {
    return PageValue.of(page, 1, 1, bytes);
  }
}
