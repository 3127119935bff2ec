// SPDX-License-Identifier: Apache-2.0
package dev.memremap.internal.watch;

/**
 * What another process asks. Answers are lines of words that are separated by tabs; the first word
 * says what a line is about. Addresses and numbers are decimal, addresses as signed numbers.
 */
public interface WatchMBean {
  /**
   * Returns what there is: {@code machine NUMBER RESOURCES MAPPINGS PAGEMAPS REFERENCES}, where
   * RESOURCES is another number when the resources changed; {@code count NAME TOTAL} since the
   * watch began; and {@code event NUMBER MILLIS WORDS} for the latest events, the newest first.
   *
   * @param since events with this number, or a lower one, are left out
   */
  String look(long since);

  /** Returns a machine as the text of a machine file; empty if it is gone. */
  String map(long machine);

  /**
   * Returns what lives on a machine: {@code mapping START END MODE FLAGS DIRECT ENCRYPTED}, and
   * {@code pagemap START END STATE REFERENCES TYPE MODE NAME} for each range of each page map;
   * {@code more COUNT} if there are too many for one answer.
   */
  String state(long machine);

  /**
   * Returns what changed of the {@linkplain #state state} since an answer: {@code version NUMBER},
   * by which the next question names this answer; {@code now KEY} and a line of the state for what
   * is new or different, and {@code gone KEY}. {@code all} says that nothing of an earlier answer
   * holds. Empty if the machine is gone.
   *
   * @param since the version of the answer that came last; 0 for none
   */
  String changes(long machine, long since);

  /** Ends the watch. */
  void stop();
}
