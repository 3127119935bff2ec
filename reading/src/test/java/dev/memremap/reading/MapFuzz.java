// SPDX-License-Identifier: Apache-2.0
package dev.memremap.reading;

/** Jazzer's target for maps, strict or pasted, and for the lists that are read as maps. */
public final class MapFuzz {
  private MapFuzz() {}

  /** Reads the bytes as {@code -m} does; a refusal is an answer. */
  public static void fuzzerTestOneInput(byte[] input) {
    try {
      MapFile.read(FileText.of("fuzz", input), new Remarks()).toText();
    } catch (IllegalArgumentException refused) {
      FuzzAnswers.requireSentence(refused, "fuzz");
    }
  }
}
