// SPDX-License-Identifier: Apache-2.0
package dev.memremap.valkey;

import dev.memremap.pager.internal.libc.CFunction;
import io.lettuce.core.RedisConnectionException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A connection by TCP whose waits end in time, by the C library's calls. A thread waits in recv
 * itself, as in C, so that nothing is handed from one thread to another; a SocketChannel that
 * blocks waits for ever, and one with a Selector asks the system twice for each answer. An
 * interrupt ends no wait.
 *
 * <p>Thread safety: one thread sends, receives and closes at a time. {@code this} guards {@code
 * open}, since the system gives the number of a closed socket to the next one: another thread may
 * {@link #end} what the first one waits for.
 */
final class OwnSocket implements Wire {
  private static final CFunction SOCKET = CFunction.of("socket");
  private static final CFunction CONNECT = CFunction.of("connect");
  private static final CFunction SETSOCKOPT = CFunction.of("setsockopt");
  private static final CFunction SEND = CFunction.of("send");
  private static final CFunction RECV = CFunction.of("recv");
  private static final CFunction SHUTDOWN = CFunction.of("shutdown");
  private static final CFunction CLOSE = CFunction.of("close");

  private static final int AF_INET = 2;
  private static final int AF_INET6 = 10;
  private static final int SOCK_STREAM_CLOEXEC = 0x80001;
  private static final int IPPROTO_TCP = 6;
  private static final int TCP_NODELAY = 1;
  private static final int SOL_SOCKET = 1;
  private static final int SO_KEEPALIVE = 9;
  private static final int SO_RCVTIMEO = 20;
  private static final int SO_SNDTIMEO = 21;
  private static final int MSG_NOSIGNAL = 0x4000;
  private static final int SHUT_RDWR = 2;
  private static final int TIMEVAL_BYTES = 16;

  /** sockaddr_in: family, port at 2, address at 4; sockaddr_in6: address at 8, scope at 24. */
  private static final int ADDRESS_BYTES = 28;

  private static final int ADDRESS_4_BYTES = 16;
  private static final int ADDRESS_4_AT = 4;
  private static final int ADDRESS_6_AT = 8;
  private static final int SCOPE_AT = 24;

  private static final int EINTR = 4;
  private static final int EAGAIN = 11;
  private static final int EINPROGRESS = 115;
  private static final Map<Integer, String> WORDS =
      Map.of(
          101, "the network cannot be reached",
          104, "it has reset the connection",
          110, "it does not answer",
          111, "connection refused",
          113, "it cannot be reached",
          32, "it has closed the connection");

  private final int fd;
  private final String peer;
  private final long patience;
  private final MemorySegment word = Arena.ofAuto().allocate(TIMEVAL_BYTES, Long.BYTES);

  /** What a wait lasts at most, as the system knows it. */
  private long waits;

  private boolean open = true;

  private OwnSocket(int fd, String peer, Duration patience) {
    this.fd = fd;
    this.peer = peer;
    this.patience = patience.toNanos();
  }

  /**
   * Connects.
   *
   * @param peer its name in sentences
   * @param patience how long one wait may take, unless the deadline is sooner
   * @throws RedisConnectionException if it cannot
   */
  static OwnSocket connect(
      InetAddress address, int port, String peer, Duration patience, Deadline deadline)
      throws TimeoutException {
    boolean is6 = address instanceof Inet6Address;
    int fd = SOCKET.toInt(is6 ? AF_INET6 : AF_INET, SOCK_STREAM_CLOEXEC, 0);
    OwnSocket made = new OwnSocket(fd, peer, patience);
    made.check("socket", fd);
    try {
      made.option(IPPROTO_TCP, TCP_NODELAY, 1, Integer.BYTES);
      made.option(SOL_SOCKET, SO_KEEPALIVE, 1, Integer.BYTES);
      made.limit(deadline);
      made.connect(address, port);
      return made;
    } catch (TimeoutException | RuntimeException | Error e) {
      made.close();
      throw e;
    }
  }

  private void connect(InetAddress address, int port) throws TimeoutException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment to = arena.allocate(ADDRESS_BYTES, Long.BYTES);
      byte[] bytes = address.getAddress();
      boolean is6 = address instanceof Inet6Address;
      to.set(ValueLayout.JAVA_SHORT, 0, (short) (is6 ? AF_INET6 : AF_INET));
      to.set(ValueLayout.JAVA_BYTE, 2, (byte) (port >> Byte.SIZE));
      to.set(ValueLayout.JAVA_BYTE, 3, (byte) port);
      int at = is6 ? ADDRESS_6_AT : ADDRESS_4_AT;
      MemorySegment.copy(bytes, 0, to, ValueLayout.JAVA_BYTE, at, bytes.length);
      if (address instanceof Inet6Address six) {
        to.set(ValueLayout.JAVA_INT, SCOPE_AT, six.getScopeId());
      }
      int result = CONNECT.toInt(fd, to.address(), is6 ? ADDRESS_BYTES : ADDRESS_4_BYTES);
      // so a connect ends whose time is over; after a signal it goes on by itself, and is begun
      // anew
      if (result == -EINPROGRESS || result == -EAGAIN) {
        throw new TimeoutException();
      }
      check("connect", result);
    }
  }

  /** Has each wait from now on end in time. */
  private void limit(Deadline deadline) throws TimeoutException {
    long left = deadline.left();
    if (left == 0) {
      throw new TimeoutException();
    }
    long wanted = Math.min(left, patience);
    // a wait that is shorter than it might be is made longer; that is seldom, so no call is lost
    if (left < waits || waits < wanted) {
      option(SOL_SOCKET, SO_RCVTIMEO, wanted, TIMEVAL_BYTES);
      option(SOL_SOCKET, SO_SNDTIMEO, wanted, TIMEVAL_BYTES);
      waits = wanted;
    }
  }

  private void option(int level, int name, long value, int bytes) {
    if (bytes == TIMEVAL_BYTES) {
      // none at all would be for ever
      long micros = Math.max(1, TimeUnit.NANOSECONDS.toMicros(value));
      long second = TimeUnit.SECONDS.toMicros(1);
      word.set(ValueLayout.JAVA_LONG, 0, micros / second);
      word.set(ValueLayout.JAVA_LONG, Long.BYTES, micros % second);
    } else {
      word.set(ValueLayout.JAVA_INT, 0, (int) value);
    }
    check("setsockopt", SETSOCKOPT.toInt(fd, level, name, word.address(), bytes));
  }

  @Override
  public void send(MemorySegment bytes, int count, Deadline deadline) throws TimeoutException {
    for (int sent = 0; sent < count; ) {
      limit(deadline);
      long result = SEND.toLong(fd, bytes.address() + sent, count - sent, MSG_NOSIGNAL);
      if (result == -EAGAIN) {
        throw new TimeoutException();
      }
      if (result != -EINTR) {
        check("send", result);
        sent += (int) result;
      }
    }
  }

  @Override
  public int receive(MemorySegment room, int at, Deadline deadline) throws TimeoutException {
    while (true) {
      limit(deadline);
      long result = RECV.toLong(fd, room.address() + at, room.byteSize() - at, 0);
      if (result > 0) {
        return (int) result;
      }
      if (result == 0) {
        throw new RedisConnectionException(peer + " has closed the connection");
      }
      if (result == -EAGAIN) {
        throw new TimeoutException();
      }
      if (result != -EINTR) {
        check("recv", result);
      }
    }
  }

  private void check(String call, long result) {
    if (result < 0) {
      String why = WORDS.get((int) -result);
      throw new RedisConnectionException(
          why == null
              ? "%s: %s failed with errno %d".formatted(peer, call, -result)
              : "%s: %s".formatted(peer, why));
    }
  }

  @Override
  public synchronized void end() {
    if (open) {
      SHUTDOWN.toInt(fd, SHUT_RDWR);
    }
  }

  @Override
  public synchronized void close() {
    if (open && fd >= 0) {
      CLOSE.toInt(fd);
    }
    open = false;
  }

  @Override
  public String toString() {
    return peer;
  }
}
