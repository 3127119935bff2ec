// SPDX-License-Identifier: Apache-2.0
package dev.memremap.rule;

/**
 * The error numbers of Linux that this library answers with.
 *
 * <p>Thread safety: immutable.
 */
public enum Errno {
  /** Operation not permitted. */
  EPERM(1),
  /** No such file or directory. */
  ENOENT(2),
  /** Input/output error. */
  EIO(5),
  /** No such device or address. */
  ENXIO(6),
  /** Argument list too long. */
  E2BIG(7),
  /** Out of memory. */
  ENOMEM(12),
  /** Permission denied. */
  EACCES(13),
  /** Bad address. */
  EFAULT(14),
  /** Device or resource busy. */
  EBUSY(16),
  /** File exists. */
  EEXIST(17),
  /** No such device. */
  ENODEV(19),
  /** Invalid argument. */
  EINVAL(22),
  /** File too large. */
  EFBIG(27),
  /** No space left on device. */
  ENOSPC(28),
  /** Result not representable. */
  ERANGE(34),
  /** Operation not supported. */
  EOPNOTSUPP(95);

  private final int number;

  Errno(int number) {
    this.number = number;
  }

  /** The number Linux uses on x86-64, positive. */
  public int number() {
    return number;
  }
}
