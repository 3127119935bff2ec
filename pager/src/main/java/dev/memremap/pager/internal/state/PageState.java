// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager.internal.state;

/**
 * The byte of a page in the state file.
 *
 * <pre>
 *   | - | ghost: 1 | referenced: 1 | hot: 1 | pinned: 1 | busy: 1 | poisoned: 1 | dirty: 1 | present: 1 |
 * </pre>
 *
 * <p>What a page is must be said before it becomes so, since a worker may be killed between any two
 * instructions: <em>present</em> is set before a page is put into memory, and <em>dirty</em> before
 * a write to it passes. Both are cleared only when the store has the page and memory has it no
 * more. So a page that is in memory is never taken for one that is not, nor a dirty one for a clean
 * one.
 */
public final class PageState {
  /** The page is in memory, or about to be. */
  public static final int PRESENT = 1;

  /** The store does not have what is in memory. */
  public static final int DIRTY = 2;

  /** An access to the page is an error, since the store did not answer. */
  public static final int POISONED = 4;

  /**
   * One thread of the worker brings it in, takes it out or writes it. It alone changes the page.
   */
  public static final int BUSY = 8;

  /** It stays in memory. */
  public static final int PINNED = 16;

  /** It was asked for again soon after it was taken out: it is among those that stay longest. */
  public static final int HOT = 32;

  /** It was used again since it came in. */
  public static final int REFERENCED = 64;

  /** It was taken out a short while ago. */
  public static final int GHOST = 128;

  /** What a new worker does not take over: what the old one was doing, and its short memory. */
  public static final int OF_ONE_WORKER = BUSY | GHOST;

  private PageState() {}

  /** Returns whether a state has a bit. */
  public static boolean has(int state, int bit) {
    return (state & bit) != 0;
  }
}
