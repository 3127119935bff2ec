// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager.internal.sys;

import dev.memremap.pager.internal.libc.CFunction;

/**
 * The C library's functions. A call allocates nothing: a fault is served by a few of them, a
 * hundred thousand times a second.
 *
 * <p>Thread safety: the functions are constants.
 */
final class NativeSyscalls implements Syscalls {
  private static final CFunction OPEN = CFunction.of("open");
  private static final CFunction CLOSE = CFunction.of("close");
  private static final CFunction MEMFD_CREATE = CFunction.of("memfd_create");
  private static final CFunction FTRUNCATE = CFunction.of("ftruncate");
  private static final CFunction FALLOCATE = CFunction.of("fallocate");
  private static final CFunction LSEEK = CFunction.of("lseek");
  private static final CFunction MMAP = CFunction.of("mmap");
  private static final CFunction MUNMAP = CFunction.of("munmap");
  private static final CFunction MADVISE = CFunction.of("madvise");
  private static final CFunction READ = CFunction.of("read");
  private static final CFunction WRITE = CFunction.of("write");
  private static final CFunction PREAD = CFunction.of("pread");
  private static final CFunction IOCTL = CFunction.of("ioctl");
  private static final CFunction FCNTL = CFunction.of("fcntl");
  private static final CFunction POLL = CFunction.of("poll");
  private static final CFunction SYSCALL = CFunction.of("syscall");
  private static final CFunction SOCKET = CFunction.of("socket");
  private static final CFunction BIND = CFunction.of("bind");
  private static final CFunction LISTEN = CFunction.of("listen");
  private static final CFunction ACCEPT4 = CFunction.of("accept4");
  private static final CFunction CONNECT = CFunction.of("connect");
  private static final CFunction SHUTDOWN = CFunction.of("shutdown");
  private static final CFunction SENDMSG = CFunction.of("sendmsg");
  private static final CFunction RECVMSG = CFunction.of("recvmsg");
  private static final CFunction GETSOCKOPT = CFunction.of("getsockopt");
  private static final CFunction SETSID = CFunction.of("setsid");
  private static final CFunction SIGNAL = CFunction.of("signal");
  private static final CFunction KILL = CFunction.of("kill");
  private static final CFunction GETPAGESIZE = CFunction.of("getpagesize");

  private static final long OWNER = 0600;
  private static final long SIG_IGN = 1;
  private static final long SHUT_RDWR = 2;

  @Override
  public int open(String path, int flags) {
    return OPEN.toInt(path, flags, OWNER);
  }

  @Override
  public int close(int fd) {
    return CLOSE.toInt(fd);
  }

  @Override
  public int memfdCreate(String name, int flags) {
    return MEMFD_CREATE.toInt(name, flags, 0);
  }

  @Override
  public int ftruncate(int fd, long length) {
    return FTRUNCATE.toInt(fd, length);
  }

  @Override
  public int fallocate(int fd, int mode, long offset, long length) {
    return FALLOCATE.toInt(fd, mode, offset, length);
  }

  @Override
  public long lseek(int fd, long offset, int whence) {
    return LSEEK.toLong(fd, offset, whence);
  }

  @Override
  public long mmap(long length, int prot, int flags, int fd) {
    return MMAP.toLong(0, length, prot, flags, fd, 0);
  }

  @Override
  public int munmap(long address, long length) {
    return MUNMAP.toInt(address, length);
  }

  @Override
  public int madvise(long address, long length, int advice) {
    return MADVISE.toInt(address, length, advice);
  }

  @Override
  public long read(int fd, long address, long length) {
    return READ.toLong(fd, address, length);
  }

  @Override
  public long write(int fd, long address, long length) {
    return WRITE.toLong(fd, address, length);
  }

  @Override
  public long pread(int fd, long address, long length, long offset) {
    return PREAD.toLong(fd, address, length, offset);
  }

  @Override
  public int ioctl(int fd, long request, long address) {
    return IOCTL.toInt(fd, request, address);
  }

  @Override
  public int fcntl(int fd, int command, long address) {
    return FCNTL.toInt(fd, command, address);
  }

  @Override
  public int poll(long address, long count, int milliseconds) {
    return POLL.toInt(address, count, milliseconds);
  }

  @Override
  public long syscall(long number, long a, long b, long c) {
    return SYSCALL.toLong(number, a, b, c);
  }

  @Override
  public int socket(int domain, int type) {
    return SOCKET.toInt(domain, type, 0);
  }

  @Override
  public int bind(int fd, long address, int length) {
    return BIND.toInt(fd, address, length);
  }

  @Override
  public int listen(int fd, int backlog) {
    return LISTEN.toInt(fd, backlog);
  }

  @Override
  public int accept(int fd, int flags) {
    return ACCEPT4.toInt(fd, 0, 0, flags);
  }

  @Override
  public int connect(int fd, long address, int length) {
    return CONNECT.toInt(fd, address, length);
  }

  @Override
  public int shutdown(int fd) {
    return SHUTDOWN.toInt(fd, SHUT_RDWR);
  }

  @Override
  public long sendmsg(int fd, long address, int flags) {
    return SENDMSG.toLong(fd, address, flags);
  }

  @Override
  public long recvmsg(int fd, long address, int flags) {
    return RECVMSG.toLong(fd, address, flags);
  }

  @Override
  public int getsockopt(int fd, int level, int option, long address, long lengthAddress) {
    return GETSOCKOPT.toInt(fd, level, option, address, lengthAddress);
  }

  @Override
  public int setsid() {
    return SETSID.toInt(0);
  }

  @Override
  public long ignoreSignal(int number) {
    return SIGNAL.toLong(number, SIG_IGN);
  }

  @Override
  public int kill(int pid, int signal) {
    return KILL.toInt(pid, signal);
  }

  @Override
  public int pageSize() {
    return GETPAGESIZE.toInt(0);
  }
}
