// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager;

/** How a part of a remote memory is going to be used: {@code madvise(2)}. */
public enum Advice {
  /** It is needed soon: it is brought in as far as there is room. */
  WILL_NEED,
  /** It is not needed soon: it leaves memory, and stays in the store. */
  DONT_NEED,
  /** It is read in order, or at regular distances: pages are read ahead, as they are by default. */
  SEQUENTIAL,
  /** It is read in no order: no page is read ahead. */
  RANDOM
}
