// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager.internal.sys;

/**
 * The door to native code of all packages of this module but {@code store}: each method is one
 * function of the C library and does nothing else. A test puts another door in its place and lets
 * any call fail.
 *
 * <p>Each returns what the function returns, and the negative error number where it fails.
 * Addresses are numbers: what lies there is the caller's.
 *
 * <p>Thread safety: implementations are safe for use by many threads.
 */
public interface Syscalls {
  /** {@code open(path, flags)}: a descriptor. */
  int open(String path, int flags);

  /** {@code close(fd)}. */
  int close(int fd);

  /** {@code memfd_create(name, flags)}: a descriptor. */
  int memfdCreate(String name, int flags);

  /** {@code ftruncate(fd, length)}. */
  int ftruncate(int fd, long length);

  /** {@code fallocate(fd, mode, offset, length)}. */
  int fallocate(int fd, int mode, long offset, long length);

  /** {@code lseek(fd, offset, whence)}: a position. */
  long lseek(int fd, long offset, int whence);

  /** {@code mmap(NULL, length, prot, flags, fd, 0)}: an address. */
  long mmap(long length, int prot, int flags, int fd);

  /** {@code munmap(address, length)}. */
  int munmap(long address, long length);

  /** {@code madvise(address, length, advice)}. */
  int madvise(long address, long length, int advice);

  /** {@code read(fd, address, length)}: how many bytes. */
  long read(int fd, long address, long length);

  /** {@code write(fd, address, length)}: how many bytes; SIGPIPE is not sent, as in each JVM. */
  long write(int fd, long address, long length);

  /** {@code pread(fd, address, length, offset)}: how many bytes. */
  long pread(int fd, long address, long length, long offset);

  /** {@code ioctl(fd, request, address)}. */
  int ioctl(int fd, long request, long address);

  /** {@code fcntl(fd, command, address)}. */
  int fcntl(int fd, int command, long address);

  /** {@code poll(address, count, milliseconds)}: how many are ready. */
  int poll(long address, long count, int milliseconds);

  /** {@code syscall(number, a, b, c)}, for what the C library has no function for. */
  long syscall(long number, long a, long b, long c);

  /** {@code socket(domain, type, 0)}: a descriptor. */
  int socket(int domain, int type);

  /** {@code bind(fd, address, length)}. */
  int bind(int fd, long address, int length);

  /** {@code listen(fd, backlog)}. */
  int listen(int fd, int backlog);

  /** {@code accept4(fd, NULL, NULL, flags)}: a descriptor. */
  int accept(int fd, int flags);

  /** {@code connect(fd, address, length)}. */
  int connect(int fd, long address, int length);

  /** {@code shutdown(fd, SHUT_RDWR)}. */
  int shutdown(int fd);

  /** {@code sendmsg(fd, address, flags)}: how many bytes. */
  long sendmsg(int fd, long address, int flags);

  /** {@code recvmsg(fd, address, flags)}: how many bytes. */
  long recvmsg(int fd, long address, int flags);

  /** {@code getsockopt(fd, level, option, address, lengthAddress)}. */
  int getsockopt(int fd, int level, int option, long address, long lengthAddress);

  /** {@code setsid()}: the number of the new session. */
  int setsid();

  /** {@code signal(number, SIG_IGN)}. */
  long ignoreSignal(int number);

  /** {@code kill(pid, signal)}. */
  int kill(int pid, int signal);

  /** {@code getpagesize()}: the size of a page in bytes. */
  int pageSize();
}
