// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli.terminal;

import java.io.OutputStream;
import java.io.PrintWriter;

/** Prints text in the letters that can be read there. */
class LetterWriter extends PrintWriter {
  private final Letters letters;

  LetterWriter(OutputStream bytes, Letters letters) {
    super(bytes, true, letters.charset());
    this.letters = letters;
  }

  final Letters letters() {
    return letters;
  }

  @Override
  public void write(int letter) {
    write(String.valueOf((char) letter));
  }

  @Override
  public void write(char[] text, int from, int count) {
    write(new String(text, from, count));
  }

  @Override
  public void write(String text, int from, int count) {
    String written = letters.of(text.substring(from, from + count));
    super.write(written, 0, written.length());
  }
}
