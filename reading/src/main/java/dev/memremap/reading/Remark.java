// SPDX-License-Identifier: Apache-2.0
package dev.memremap.reading;

/**
 * Something to say about a file that was read.
 *
 * @param file the file's name
 * @param kind why it is said
 * @param sentence what was done or found, without the file's name and a full stop
 */
public record Remark(String file, Kind kind, String sentence) {
  /** Why a remark is made. */
  public enum Kind {
    /** The text was not in the strict form, and was set right. */
    REPAIRED,
    /** What kind of list the machine was read from. */
    LIST,
    /** Something may be missing, or two files disagree. */
    DOUBT
  }

  /** {@code FILE: SENTENCE}. */
  @Override
  public String toString() {
    return file + ": " + (kind == Kind.REPAIRED ? "set right: " : "") + sentence;
  }
}
