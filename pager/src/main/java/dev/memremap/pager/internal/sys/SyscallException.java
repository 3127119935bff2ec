// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager.internal.sys;

import dev.memremap.rule.Errno;
import java.io.IOException;

/**
 * A function of the C library failed.
 *
 * <p>Thread safety: immutable.
 */
public final class SyscallException extends IOException {
  private static final long serialVersionUID = 1L;

  private final int number;

  /**
   * An exception of a call.
   *
   * @param on what it was called on
   * @param number the error number, positive
   */
  public SyscallException(String function, String on, int number) {
    super("%s of %s: %s".formatted(function, on, name(number)));
    this.number = number;
  }

  private static String name(int number) {
    return Errno.of(number).map(Errno::name).orElse("errno " + number);
  }

  /** Returns whether it failed in this way. */
  public boolean is(Errno errno) {
    return errno.number() == number;
  }

  /**
   * Returns a result unless it is a failure.
   *
   * @param on what the function was called on, for the sentence
   */
  static long check(String function, String on, long result) throws SyscallException {
    // the kernel's own convention: the last page of addresses holds error numbers
    if (result < 0 && result >= -4095) {
      throw new SyscallException(function, on, (int) -result);
    }
    return result;
  }
}
