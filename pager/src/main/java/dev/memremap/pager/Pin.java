// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager;

/**
 * A part of a remote memory that stays in memory until this is closed.
 *
 * <p>Thread safety: {@link #close} may be called from any thread, and any number of times.
 */
public interface Pin extends AutoCloseable {
  /** Returns where it begins: bytes from the start of the memory, the start of a page. */
  long offset();

  /** Returns how many bytes it has: whole pages. */
  long bytes();

  /** Lets its pages leave memory. */
  @Override
  void close();
}
