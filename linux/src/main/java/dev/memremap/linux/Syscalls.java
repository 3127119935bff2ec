// SPDX-License-Identifier: Apache-2.0
package dev.memremap.linux;

/**
 * The one door to native code: each method is one function of the C library and does nothing else.
 *
 * <p>Each returns what the function returns, and the negative error number where it fails, as the
 * kernel itself does; so a test can put another door in its place and let any call fail.
 *
 * <p>Thread safety: implementations are safe for use by many threads.
 */
interface Syscalls {
  /** {@code open(path, flags)}: a descriptor. */
  int open(String path, int flags);

  /** {@code close(fd)}. */
  int close(int fd);

  /** {@code mmap(NULL, length, prot, flags, fd, offset)}: an address. */
  long mmap(long length, int prot, int flags, int fd, long offset);

  /** {@code munmap(address, length)}. */
  int munmap(long address, long length);

  /** {@code msync(address, length, flags)}. */
  int msync(long address, long length, int flags);

  /** {@code memfd_create(name, flags)}: a descriptor. */
  int memfdCreate(String name, int flags);

  /** {@code ftruncate(fd, length)}. */
  int ftruncate(int fd, long length);

  /** {@code fallocate(fd, mode, offset, length)}. */
  int fallocate(int fd, int mode, long offset, long length);

  /** {@code lseek(fd, offset, whence)}: a position. */
  long lseek(int fd, long offset, int whence);

  /** {@code membarrier(command, 0, 0)}: what the command returns. */
  int membarrier(int command);

  /** {@code getpagesize()}: the size of a page in bytes. */
  default int pageSize() {
    return (int) Posix.PAGE;
  }
}
