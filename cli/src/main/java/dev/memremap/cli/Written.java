// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli;

import dev.memremap.cli.json.JsonDocument;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What a write did, for people and for programs.
 *
 * @param spot where it was written
 * @param access how
 * @param persisted whether it was written through to the media, as far as the machine has any
 * @param check what was read back; null if nothing was
 */
record Written(Where.Spot spot, AccessOptions access, boolean persisted, @Nullable Check check) {

  /** What was written, as numbers or as bytes, and what was found there afterwards. */
  static final class Check {
    private final byte[] wanted;
    private final byte[] found;
    private final boolean numbers;

    Check(byte[] wanted, byte[] found, boolean numbers) {
      this.wanted = wanted;
      this.found = found;
      this.numbers = numbers;
    }

    boolean isAsWritten() {
      return Arrays.equals(wanted, found);
    }
  }

  /** Whether what was read back, if anything was, is what was written. */
  boolean isAsWritten() {
    return check == null || check.isAsWritten();
  }

  List<String> lines(Window window) {
    List<String> lines = new ArrayList<>();
    String kept =
        access.isSimulated()
            ? "; this machine is simulated, and its memory is gone when the command ends"
            : persisted ? ", on the media" : "";
    lines.add(
        "%d bytes written at %s, %s%s"
            .formatted(spot.size(), Words.judged(spot.start(), spot.size()), window.mode(), kept));
    if (check != null) {
      addReadBack(check, lines);
    }
    return lines;
  }

  private void addReadBack(Check of, List<String> lines) {
    if (of.numbers && of.found.length == access.widthBytes()) {
      String value = access.word(word(of.found, 0));
      lines.add(
          of.isAsWritten()
              ? "read back " + value
              : "read back %s, expected %s".formatted(value, access.word(word(of.wanted, 0))));
      return;
    }
    int other = Arrays.mismatch(of.wanted, of.found);
    lines.add(
        other < 0
            ? "read back the same %d bytes".formatted(of.found.length)
            : "read back other bytes from 0x%x on".formatted(spot.start() + other));
    if (of.numbers) {
      lines.addAll(HexDump.lines(spot.start(), of.found, access.widthBytes()));
    }
  }

  private long word(byte[] bytes, int at) {
    long value = 0;
    for (int i = 0; i < access.widthBytes(); i++) {
      value |= Byte.toUnsignedLong(bytes[at + i]) << (Byte.SIZE * i);
    }
    return value;
  }

  String toJson(Window window) {
    ObjectNode node = access.document("write", spot, window);
    node.put("onMedia", persisted && !access.isSimulated());
    if (check != null) {
      node.put("asWritten", check.isAsWritten());
      if (check.numbers) {
        ArrayNode words = node.putArray("readBack");
        for (int at = 0; at < check.found.length; at += access.widthBytes()) {
          words.add(access.word(word(check.found, at)));
        }
      }
    }
    access.addRemarks(node);
    return JsonDocument.text(node);
  }
}
