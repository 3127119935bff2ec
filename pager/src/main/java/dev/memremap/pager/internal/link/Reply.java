// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager.internal.link;

/**
 * What the worker answers.
 *
 * @param id of the request
 * @param isDone whether it was done
 * @param page the page that is to blame if it was not; -1 if none is
 * @param value a number, which the operation explains
 * @param text the sentence if it was not done; else what the operation explains
 */
public record Reply(long id, boolean isDone, int page, long value, String text) {
  /** It was done, and there is nothing to say. */
  public static Reply done(Request to) {
    return new Reply(to.id(), true, -1, 0, "");
  }

  /** It was done, with a number. */
  public static Reply done(Request to, long value) {
    return new Reply(to.id(), true, -1, value, "");
  }

  /** It was done, with words. */
  public static Reply done(Request to, String text) {
    return new Reply(to.id(), true, -1, 0, text);
  }

  /**
   * It was not done.
   *
   * @param page -1 if no page is to blame
   */
  public static Reply refused(Request to, int page, String sentence) {
    return new Reply(to.id(), false, page, 0, sentence);
  }
}
