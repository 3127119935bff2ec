// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager.internal.fault;

import static dev.memremap.pager.internal.state.PageState.BUSY;
import static dev.memremap.pager.internal.state.PageState.GHOST;
import static dev.memremap.pager.internal.state.PageState.HOT;
import static dev.memremap.pager.internal.state.PageState.PINNED;
import static dev.memremap.pager.internal.state.PageState.PRESENT;
import static dev.memremap.pager.internal.state.PageState.REFERENCED;
import static dev.memremap.pager.internal.state.PageState.has;

import java.util.Arrays;
import java.util.function.IntConsumer;

/**
 * Which pages are in memory, and which leaves next: 2Q (Johnson and Shasha, 1994).
 *
 * <p>A pager sees misses and the first write to a page, and no other use of a page that is in
 * memory. 2Q decides by misses: a page comes in on trial; when it leaves, its number is remembered
 * for a while; if it is asked for again in that time, it comes in as hot. So a scan, whose pages
 * are asked for once, passes through the trial queue and takes no hot page's place. S3-FIFO has the
 * same three queues and needs, beyond that, how often a page was used while it was in memory, which
 * nothing tells a pager.
 *
 * <p>Thread safety: none; the lock of the pager guards it.
 */
final class Residents {
  /** The share of pages that are on trial before hot ones leave: what the paper found good. */
  private static final int TRIAL_SHARE = 4;

  private static final int REMEMBERED_SHARE = 2;

  private final PageStates states;
  private final int trialMost;
  private final int rememberedMost;
  private final PageQueue trial = new PageQueue();
  private final PageQueue hot = new PageQueue();
  private final PageQueue remembered = new PageQueue();
  private int onTrial;
  private int areHot;
  // chosen, and neither left nor kept yet: a few for each thread that takes pages out
  private int[] chosen = new int[64];
  private int chosenCount;

  /**
   * @param limit how many pages are in memory at most
   */
  Residents(PageStates states, int limit) {
    this.states = states;
    this.trialMost = Math.max(1, limit / TRIAL_SHARE);
    this.rememberedMost = Math.max(1, limit / REMEMBERED_SHARE);
  }

  /** How many pages are in memory. */
  int size() {
    return onTrial + areHot;
  }

  /** How many of them were asked for again soon after they left. */
  int hot() {
    return areHot;
  }

  /**
   * A page comes in. Sets its state to present and busy.
   *
   * @return its state
   */
  int enter(int page) {
    int before = states.page(page);
    int state = (before & (PINNED | HOT)) | PRESENT | BUSY;
    if (has(before, GHOST)) {
      state |= HOT;
    }
    states.page(page, state);
    take(page, state);
    return state;
  }

  /** A page that was in memory before this worker. */
  void adopt(int page, int state) {
    take(page, state);
  }

  private void take(int page, int state) {
    queue(page, state);
    if (has(state, HOT)) {
      areHot++;
    } else {
      onTrial++;
    }
  }

  private void queue(int page, int state) {
    PageQueue queue = has(state, HOT) ? hot : trial;
    if (queue.isFull()) {
      sift(queue, state & HOT, page);
    }
    queue.add(page);
  }

  /**
   * Drops what left from the middle, and what is in a queue twice. What was seen is marked by the
   * bit that only absent pages have.
   *
   * @param kind of its pages
   * @param next the page that comes last
   */
  private void sift(PageQueue queue, int kind, int next) {
    states.page(next, states.page(next) | GHOST);
    queue.sift(
        page -> {
          int state = states.page(page);
          boolean stays = has(state, PRESENT) && (state & (HOT | GHOST)) == kind;
          if (stays) {
            states.page(page, state | GHOST);
          }
          return stays;
        });
    states.page(next, states.page(next) & ~GHOST);
    for (int page : queue.toArray()) {
      states.page(page, states.page(page) & ~GHOST);
    }
  }

  /** How many numbers it keeps in all. */
  int queued() {
    return trial.size() + hot.size() + remembered.size();
  }

  /**
   * Chooses the page that leaves next, and takes it out of its queue. It still counts.
   *
   * @param forAhead whether the room is for pages that were not asked for yet: no hot page leaves
   * @return its number; -1 if each page is busy or pinned, or hot and may not leave
   */
  int choose(boolean forAhead) {
    int page = next(forAhead);
    if (page >= 0) {
      if (chosenCount == chosen.length) {
        chosen = Arrays.copyOf(chosen, 2 * chosenCount);
      }
      chosen[chosenCount++] = page;
    }
    return page;
  }

  private void settle(int page) {
    for (int i = 0; i < chosenCount; i++) {
      if (chosen[i] == page) {
        chosen[i] = chosen[--chosenCount];
        return;
      }
    }
  }

  private int next(boolean forAhead) {
    if (onTrial > trialMost || areHot == 0) {
      int page = oldest(trial, 0);
      return page >= 0 || forAhead ? page : oldest(hot, HOT);
    }
    if (forAhead) {
      return oldest(trial, 0);
    }
    int page = oldest(hot, HOT);
    return page >= 0 ? page : oldest(trial, 0);
  }

  private int oldest(PageQueue queue, int kind) {
    for (int left = queue.size(); left > 0; left--) {
      int page = queue.remove();
      int state = states.page(page);
      if (!has(state, PRESENT) || (state & HOT) != kind) {
        continue; // it left from the middle
      }
      if (has(state, BUSY) || has(state, PINNED)) {
        queue.add(page);
      } else if (kind == HOT && has(state, REFERENCED)) {
        states.page(page, state & ~REFERENCED);
        queue.add(page);
        left++; // once around more at most, for then none is left
      } else {
        return page;
      }
    }
    return -1;
  }

  /** A page that {@link #choose} answered stays. */
  void keep(int page) {
    settle(page);
    queue(page, states.page(page));
  }

  /**
   * A page left memory. Sets its state to what is left of it.
   *
   * @param remembers whether it comes in as hot if it is asked for again soon
   */
  void leave(int page, boolean remembers) {
    settle(page);
    int state = states.page(page);
    boolean wasHot = has(state, HOT);
    if (wasHot) {
      areHot--;
    } else {
      onTrial--;
    }
    boolean ghost = remembers && !wasHot;
    states.page(page, (state & PINNED) | (ghost ? GHOST : 0));
    if (ghost) {
      remembered.add(page);
      if (remembered.size() > rememberedMost) {
        forget(remembered.remove());
      }
    }
  }

  private void forget(int page) {
    int state = states.page(page);
    if (has(state, GHOST)) {
      states.page(page, state & ~GHOST);
    }
  }

  /** Tells of all pages in memory, in the order of their numbers; of those, too, that leave. */
  void forEach(IntConsumer action) {
    int queued = trial.size() + hot.size();
    int[] all = Arrays.copyOf(trial.toArray(), queued + chosenCount);
    System.arraycopy(hot.toArray(), 0, all, trial.size(), hot.size());
    System.arraycopy(chosen, 0, all, queued, chosenCount);
    Arrays.sort(all);
    int before = -1;
    for (int page : all) {
      if (page != before && has(states.page(page), PRESENT)) {
        action.accept(page);
      }
      before = page;
    }
  }
}
