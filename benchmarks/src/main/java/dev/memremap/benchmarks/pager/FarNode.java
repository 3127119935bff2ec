// SPDX-License-Identifier: Apache-2.0
package dev.memremap.benchmarks.pager;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Arrays;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.locks.LockSupport;

/**
 * A node as it is seen over a network: what goes to it and what comes from it arrives later, and in
 * order. How much is under way does not matter, as in a network that has room.
 *
 * <p>Thread safety: all methods may be called from any thread. A connection has a queue for each
 * way, filled by one thread and emptied by another.
 */
final class FarNode implements AutoCloseable {
  private static final int CHUNK = 1 << 16;

  private final ServerSocket listening;
  private final int port;
  private final long nanosEachWay;

  private FarNode(int port, long nanosEachWay) throws IOException {
    this.listening = new ServerSocket(0, 64, InetAddress.getLoopbackAddress());
    this.port = port;
    this.nanosEachWay = nanosEachWay;
  }

  /**
   * Lets a node of this computer be reached as if it were far away.
   *
   * @param port the node's own
   * @param nanosEachWay how long what is sent is under way
   */
  static FarNode of(int port, long nanosEachWay) throws IOException {
    FarNode far = new FarNode(port, nanosEachWay);
    start(far::accept);
    return far;
  }

  /** Where it is reached. */
  int port() {
    return listening.getLocalPort();
  }

  private static void start(Way way) {
    Thread.ofPlatform()
        .daemon()
        .start(
            () -> {
              try {
                way.go();
              } catch (IOException e) {
                // the connection has ended
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            });
  }

  /** What a thread does. */
  @FunctionalInterface
  private interface Way {
    void go() throws IOException, InterruptedException;
  }

  @SuppressWarnings("resource") // each way closes both when it ends
  private void accept() throws IOException {
    while (true) {
      Socket from = listening.accept();
      Socket to = new Socket(InetAddress.getLoopbackAddress(), port);
      from.setTcpNoDelay(true);
      to.setTcpNoDelay(true);
      carry(from, to);
      carry(to, from);
    }
  }

  /** Bytes that are under way; none of them means the end. */
  private record Sent(byte[] bytes, long arrives) {}

  private void carry(Socket from, Socket to) {
    BlockingQueue<Sent> underWay = new LinkedBlockingQueue<>();
    start(
        () -> {
          try (from) {
            InputStream in = from.getInputStream();
            byte[] chunk = new byte[CHUNK];
            for (int read = in.read(chunk); read >= 0; read = in.read(chunk)) {
              underWay.add(new Sent(Arrays.copyOf(chunk, read), System.nanoTime() + nanosEachWay));
            }
          } finally {
            underWay.add(new Sent(new byte[0], System.nanoTime()));
          }
        });
    start(
        () -> {
          try (to) {
            OutputStream out = to.getOutputStream();
            for (Sent next = underWay.take(); next.bytes.length > 0; next = underWay.take()) {
              for (long left = next.arrives - System.nanoTime();
                  left > 0;
                  left = next.arrives - System.nanoTime()) {
                LockSupport.parkNanos(left);
              }
              out.write(next.bytes);
            }
          }
        });
  }

  @Override
  public void close() throws IOException {
    listening.close();
  }
}
