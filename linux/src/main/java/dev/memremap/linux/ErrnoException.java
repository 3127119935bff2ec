// SPDX-License-Identifier: Apache-2.0
package dev.memremap.linux;

import dev.memremap.rule.Errno;

/**
 * A function of the C library failed.
 *
 * <p>Thread safety: immutable.
 */
final class ErrnoException extends Exception {
  private static final long serialVersionUID = 1L;

  private final String function;
  private final String path;
  private final int number;

  ErrnoException(String function, String path, int number) {
    super(sentence(function, path, number));
    this.function = function;
    this.path = path;
    this.number = number;
  }

  private static String sentence(String function, String path, int number) {
    return "%s of %s: %s".formatted(function, path, name(number));
  }

  /** The name of an error number. */
  static String name(int number) {
    return Errno.of(number).map(Errno::name).orElse("errno " + number);
  }

  /** What failed, on what, and how. */
  String sentence() {
    return sentence(function, path, number);
  }

  /** Which function. */
  String function() {
    return function;
  }

  /** The error; EIO stands for one that this library has no name for. */
  Errno errno() {
    return Errno.of(number).orElse(Errno.EIO);
  }
}
