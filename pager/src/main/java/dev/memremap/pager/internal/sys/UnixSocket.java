// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager.internal.sys;

import dev.memremap.rule.Errno;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.channels.ClosedChannelException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A socket of this computer: {@code unix(7)}. It hands descriptors to another process, which the
 * JDK's own sockets cannot, and no program that the process starts inherits it, which a program
 * that native code starts does with those of the JDK.
 *
 * <p>Thread safety: {@code this} guards {@code open} and all uses of the descriptor but reads,
 * since the system gives the number of one that is closed to the next one. One thread reads, and
 * closes; others may write, and {@link #end} what the first one waits for.
 */
public final class UnixSocket implements ByteChannel {
  /** How many bytes the whole name of a socket has at most. */
  public static final int MOST_NAME_BYTES = 107;

  private static final int AF_UNIX = 1;
  private static final int SOCK_STREAM_CLOEXEC = 0x80001;
  private static final int SOCK_CLOEXEC = 0x80000;
  private static final int SOL_SOCKET = 1;
  private static final int SO_PEERCRED = 17;
  private static final int SCM_RIGHTS = 1;
  private static final int MSG_NOSIGNAL = 0x4000;
  private static final int MSG_CMSG_CLOEXEC = 0x40000000;
  private static final int ADDRESS_BYTES = 110;
  private static final int PATH_AT = 2;
  private static final long CONTROL_HEADER = 16;

  private final Descriptor socket;
  private boolean open = true;

  private UnixSocket(Descriptor socket) {
    this.socket = socket;
  }

  private static UnixSocket make(Syscalls calls, Path path) throws SyscallException {
    int fd = calls.socket(AF_UNIX, SOCK_STREAM_CLOEXEC);
    SyscallException.check("socket", path.toString(), fd);
    return new UnixSocket(new Descriptor(calls, fd, path.toString()));
  }

  /** Listens where no file is yet. */
  public static UnixSocket listen(Syscalls calls, Path path) throws SyscallException {
    UnixSocket made = make(calls, path);
    try (Arena arena = Arena.ofConfined()) {
      int fd = made.socket.number();
      long address = address(path, arena).address();
      SyscallException.check("bind", path.toString(), calls.bind(fd, address, ADDRESS_BYTES));
      SyscallException.check("listen", path.toString(), calls.listen(fd, 1));
      return made;
    } catch (SyscallException | RuntimeException e) {
      made.close();
      throw e;
    }
  }

  /** Connects to the socket that listens there. */
  public static UnixSocket connect(Syscalls calls, Path path) throws SyscallException {
    UnixSocket made = make(calls, path);
    try (Arena arena = Arena.ofConfined()) {
      long address = address(path, arena).address();
      int result;
      do {
        result = calls.connect(made.socket.number(), address, ADDRESS_BYTES);
      } while (result == -Errno.EINTR.number());
      SyscallException.check("connect", path.toString(), result);
      return made;
    } catch (SyscallException | RuntimeException e) {
      made.close();
      throw e;
    }
  }

  private static MemorySegment address(Path path, Arena arena) {
    byte[] bytes = path.toString().getBytes(StandardCharsets.UTF_8);
    if (bytes.length > MOST_NAME_BYTES) {
      throw new IllegalArgumentException(
          "%s: the name of a socket has at most %d bytes; set java.io.tmpdir to a folder with a shorter name"
              .formatted(path, MOST_NAME_BYTES));
    }
    MemorySegment address = arena.allocate(ADDRESS_BYTES, 8);
    address.set(ValueLayout.JAVA_SHORT, 0, (short) AF_UNIX);
    MemorySegment.copy(bytes, 0, address, ValueLayout.JAVA_BYTE, PATH_AT, bytes.length);
    return address;
  }

  /** Returns whether somebody connects within as long. */
  public boolean await(int milliseconds) throws SyscallException {
    return socket.await(milliseconds);
  }

  /** Takes the next one that connects. */
  public UnixSocket accept() throws SyscallException {
    int fd;
    do {
      fd = socket.calls().accept(socket.number(), SOCK_CLOEXEC);
    } while (fd == -Errno.EINTR.number());
    SyscallException.check("accept4", socket.what(), fd);
    return new UnixSocket(new Descriptor(socket.calls(), fd, socket.what()));
  }

  /** Returns the process that connected. */
  public long peer() throws SyscallException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment credentials = arena.allocate(12, 8);
      MemorySegment length = arena.allocateFrom(ValueLayout.JAVA_INT, 12);
      SyscallException.check(
          "getsockopt",
          socket.what(),
          socket
              .calls()
              .getsockopt(
                  socket.number(),
                  SOL_SOCKET,
                  SO_PEERCRED,
                  credentials.address(),
                  length.address()));
      return credentials.get(ValueLayout.JAVA_INT, 0);
    }
  }

  /**
   * Hands descriptors over, with one byte.
   *
   * @param word the byte
   */
  public void send(byte word, List<Descriptor> descriptors) throws SyscallException {
    try (Arena arena = Arena.ofConfined()) {
      long bytes = CONTROL_HEADER + 4L * descriptors.size();
      MemorySegment control = arena.allocate((bytes + 7) & ~7L, 8);
      control.set(ValueLayout.JAVA_LONG, 0, bytes);
      control.set(ValueLayout.JAVA_INT, 8, SOL_SOCKET);
      control.set(ValueLayout.JAVA_INT, 12, SCM_RIGHTS);
      for (int i = 0; i < descriptors.size(); i++) {
        control.set(ValueLayout.JAVA_INT, CONTROL_HEADER + 4L * i, descriptors.get(i).number());
      }
      MemorySegment message = message(arena, word, control);
      SyscallException.check(
          "sendmsg",
          socket.what(),
          socket.calls().sendmsg(socket.number(), message.address(), MSG_NOSIGNAL));
    }
  }

  /**
   * Takes descriptors that were handed over.
   *
   * @param what names of what is behind them, in order
   */
  public List<Descriptor> receive(List<String> what) throws SyscallException {
    try (Arena arena = Arena.ofConfined()) {
      long bytes = CONTROL_HEADER + 4L * what.size();
      MemorySegment control = arena.allocate((bytes + 7) & ~7L, 8);
      MemorySegment message = message(arena, (byte) 0, control);
      long read;
      do {
        read = socket.calls().recvmsg(socket.number(), message.address(), MSG_CMSG_CLOEXEC);
      } while (read == -Errno.EINTR.number());
      SyscallException.check("recvmsg", socket.what(), read);
      if (read == 0 || control.get(ValueLayout.JAVA_LONG, 0) < bytes) {
        throw new SyscallException("recvmsg", socket.what(), Errno.EBADF.number());
      }
      List<Descriptor> taken = new ArrayList<>();
      for (int i = 0; i < what.size(); i++) {
        int fd = control.get(ValueLayout.JAVA_INT, CONTROL_HEADER + 4L * i);
        taken.add(new Descriptor(socket.calls(), fd, what.get(i)));
      }
      return taken;
    }
  }

  /** A struct msghdr with one byte of contents. */
  private static MemorySegment message(Arena arena, byte word, MemorySegment control) {
    MemorySegment contents = arena.allocateFrom(ValueLayout.JAVA_BYTE, word);
    MemorySegment vector = arena.allocate(16, 8);
    vector.set(ValueLayout.JAVA_LONG, 0, contents.address());
    vector.set(ValueLayout.JAVA_LONG, 8, 1);
    MemorySegment message = arena.allocate(56, 8);
    message.set(ValueLayout.JAVA_LONG, 16, vector.address());
    message.set(ValueLayout.JAVA_LONG, 24, 1);
    message.set(ValueLayout.JAVA_LONG, 32, control.address());
    message.set(ValueLayout.JAVA_LONG, 40, control.byteSize());
    return message;
  }

  @Override
  public int read(ByteBuffer into) throws SyscallException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment bytes = arena.allocate(Math.max(1, into.remaining()));
      long read;
      do {
        read = socket.calls().read(socket.number(), bytes.address(), into.remaining());
      } while (read == -Errno.EINTR.number());
      SyscallException.check("read", socket.what(), read);
      into.put(bytes.asSlice(0, read).asByteBuffer());
      return read == 0 ? -1 : (int) read;
    }
  }

  @Override
  public synchronized int write(ByteBuffer from) throws IOException {
    if (!open) {
      throw new ClosedChannelException();
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment bytes = arena.allocate(Math.max(1, from.remaining()));
      bytes.asByteBuffer().put(from.duplicate());
      long written;
      do {
        written = socket.calls().write(socket.number(), bytes.address(), from.remaining());
      } while (written == -Errno.EINTR.number());
      SyscallException.check("write", socket.what(), written);
      from.position(from.position() + (int) written);
      return (int) written;
    }
  }

  /** Ends the connection: a thread that reads, here or at the other side, reads its end. */
  public synchronized void end() {
    if (open) {
      socket.calls().shutdown(socket.number());
    }
  }

  @Override
  public synchronized boolean isOpen() {
    return open;
  }

  @Override
  public synchronized void close() {
    if (open) {
      open = false;
      socket.close();
    }
  }
}
