// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager.internal.fault;

import static dev.memremap.pager.internal.state.PageState.DIRTY;
import static dev.memremap.pager.internal.state.PageState.PINNED;
import static dev.memremap.pager.internal.state.PageState.POISONED;
import static dev.memremap.pager.internal.state.PageState.has;

import dev.memremap.pager.internal.state.StateFile;
import dev.memremap.pager.internal.sys.Descriptor;
import dev.memremap.pager.internal.sys.SyscallException;
import java.util.Arrays;

/**
 * Goes on where another worker stopped, between any two of its instructions: what is in memory is
 * asked of memory itself, and whether the store has it of the state file.
 *
 * <p>Thread safety: one thread's, before the pager's own start.
 */
final class Takeover {
  private final Pager pager;
  private final Descriptor stateFile;
  private int dirty;
  private int poisoned;
  private int pinned;
  private int[] pins = new int[16];

  Takeover(Pager pager, Descriptor stateFile) {
    this.pager = pager;
    this.stateFile = stateFile;
  }

  /**
   * Takes all pages over.
   *
   * @return those that were pinned
   */
  int[] run() throws SyscallException {
    absent();
    present();
    pager.table().adopted(dirty, poisoned, pinned);
    return Arrays.copyOf(pins, pinned);
  }

  /** Pages that something was said of, if they are not in memory. */
  private void absent() throws SyscallException {
    int pages = pager.table().pages();
    long at = stateFile.nextData(StateFile.offset(0));
    while (at >= 0 && StateFile.pageAt(at) < pages) {
      long end = stateFile.nextHole(at);
      int last = (int) Math.min(pages, StateFile.pageAt(end));
      for (int page = (int) Math.max(0, StateFile.pageAt(at)); page < last; page++) {
        int state = pager.table().page(page);
        if (state != 0) {
          absent(page);
        }
      }
      at = stateFile.nextData(end);
    }
  }

  private void absent(int page) throws SyscallException {
    int bytes = pager.memory().pageBytes();
    long offset = (long) page * bytes;
    boolean inMemory = pager.memory().file().nextData(offset) == offset;
    if (!inMemory) {
      pager.table().adopt(page, false);
    }
    int state = pager.table().page(page);
    if (has(state, PINNED)) {
      if (pinned == pins.length) {
        pins = Arrays.copyOf(pins, 2 * pinned);
      }
      pins[pinned++] = page;
    }
    if (!inMemory && has(state, POISONED)) {
      poisoned++;
      pager.outages().adoptPoisoned(page);
    }
  }

  private void present() throws SyscallException {
    int bytes = pager.memory().pageBytes();
    Descriptor file = pager.memory().file();
    long size = (long) pager.table().pages() * bytes;
    long at = file.nextData(0);
    while (at >= 0 && at < size) {
      long end = Math.min(size, file.nextHole(at));
      for (long offset = at; offset < end; offset += bytes) {
        int page = (int) (offset / bytes);
        pager.table().adopt(page, true);
        if (has(pager.table().page(page), DIRTY)) {
          dirty++;
        }
      }
      at = end >= size ? -1 : file.nextData(end);
    }
  }
}
