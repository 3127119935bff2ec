// SPDX-License-Identifier: Apache-2.0
package dev.memremap.windows;

/**
 * Two operations on the same things. {@link Windows} runs the first one step at a time and has
 * another thread do the second before one of the steps, in each run before another one.
 *
 * <p>An implementation is loaded again by {@link SteppedClasses}. It has a constructor without
 * parameters or with one string, and each run makes a new one.
 */
public interface Race extends AutoCloseable {

  /** The operation that is interrupted. */
  void operation() throws Exception;

  /** What another thread does meanwhile; it may have to wait for the operation. */
  void meanwhile() throws Exception;

  /** What holds once both have ended, whichever began first. */
  void check() throws Exception;

  @Override
  default void close() throws Exception {}
}
