// SPDX-License-Identifier: Apache-2.0
package dev.memremap.rule;

import java.util.Optional;

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
  /** Interrupted system call. */
  EINTR(4),
  /** Input/output error. */
  EIO(5),
  /** No such device or address. */
  ENXIO(6),
  /** Argument list too long. */
  E2BIG(7),
  /** Bad file descriptor. */
  EBADF(9),
  /** Try again. */
  EAGAIN(11),
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
  /** Not a directory. */
  ENOTDIR(20),
  /** Is a directory. */
  EISDIR(21),
  /** Invalid argument. */
  EINVAL(22),
  /** File table overflow. */
  ENFILE(23),
  /** Too many open files. */
  EMFILE(24),
  /** Text file busy. */
  ETXTBSY(26),
  /** File too large. */
  EFBIG(27),
  /** No space left on device. */
  ENOSPC(28),
  /** Illegal seek. */
  ESPIPE(29),
  /** Read-only file system. */
  EROFS(30),
  /** Result not representable. */
  ERANGE(34),
  /** File name too long. */
  ENAMETOOLONG(36),
  /** Function not implemented. */
  ENOSYS(38),
  /** Too many symbolic links encountered. */
  ELOOP(40),
  /** Value too large for defined data type. */
  EOVERFLOW(75),
  /** Operation not supported. */
  EOPNOTSUPP(95),
  /** Quota exceeded. */
  EDQUOT(122);

  private final int number;

  Errno(int number) {
    this.number = number;
  }

  /** Returns the error with this positive number; empty if it is not listed here. */
  public static Optional<Errno> of(int number) {
    for (Errno errno : values()) {
      if (errno.number == number) {
        return Optional.of(errno);
      }
    }
    return Optional.empty();
  }

  /** Returns the number that Linux uses on x86-64, positive. */
  public int number() {
    return number;
  }
}
