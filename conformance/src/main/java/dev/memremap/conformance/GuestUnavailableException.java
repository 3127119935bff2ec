// SPDX-License-Identifier: Apache-2.0
package dev.memremap.conformance;

/**
 * Something that a guest needs is missing here; the message says what, and what to run.
 *
 * <p>Thread safety: immutable but for what {@link Throwable} lets anyone change.
 */
public final class GuestUnavailableException extends GuestException {
  private static final long serialVersionUID = 1L;

  private final String what;
  private final String remedy;

  GuestUnavailableException(String sentence) {
    super(sentence, "", "");
    what = sentence;
    remedy = "";
  }

  /**
   * Something that a command brings.
   *
   * @param what what is missing
   * @param remedy the command
   */
  GuestUnavailableException(String what, String remedy) {
    super(what + ": run " + remedy, "", "");
    this.what = what;
    this.remedy = remedy;
  }

  /** What is missing, without the remedy if that is apart. */
  String what() {
    return what;
  }

  /** The command that installs it; empty if none does, or the sentence says it. */
  String remedy() {
    return remedy;
  }
}
