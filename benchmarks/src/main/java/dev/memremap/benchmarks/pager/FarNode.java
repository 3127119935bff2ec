// SPDX-License-Identifier: Apache-2.0
package dev.memremap.benchmarks.pager;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;

/**
 * A node as it is seen over a network: what goes to it and what comes from it arrives later, and in
 * order. How much is under way does not matter, as in a network that has room.
 *
 * <p>It must not be in the application whose faults wait for the node: a thread that waits for a
 * page keeps a JVM from its safepoints, and so from what would bring the page.
 *
 * <p>Thread safety: all methods may be called from any thread.
 */
final class FarNode implements AutoCloseable {
  private static final int BACKLOG = 64;

  private final ServerSocketChannel listening;
  private final int node;
  private final PlayedWay way;

  private FarNode(ServerSocketChannel listening, int node, PlayedWay way) {
    this.listening = listening;
    this.node = node;
    this.way = way;
  }

  /**
   * Lets a node of this computer be reached as if it were far away.
   *
   * @param node the node's own port
   * @param way how long what is sent is under way
   */
  static FarNode of(int node, PlayedWay way) throws IOException {
    ServerSocketChannel listening = ServerSocketChannel.open();
    listening.bind(at(0), BACKLOG);
    FarNode far = new FarNode(listening, node, way);
    Thread.ofPlatform().daemon().name("far node").start(far::accept);
    return far;
  }

  /** Where it is reached. */
  int port() throws IOException {
    return ((InetSocketAddress) listening.getLocalAddress()).getPort();
  }

  private static InetSocketAddress at(int port) {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
  }

  private void accept() {
    try {
      while (true) {
        SocketChannel from = listening.accept();
        try {
          carry(from);
        } catch (IOException e) {
          from.close(); // the node is gone, as who asked sees
        }
      }
    } catch (IOException e) {
      // it was closed
    }
  }

  private void carry(SocketChannel from) throws IOException {
    SocketChannel to = SocketChannel.open(at(node));
    from.setOption(StandardSocketOptions.TCP_NODELAY, true);
    to.setOption(StandardSocketOptions.TCP_NODELAY, true);
    new FarConnection(from, to, way).carry();
  }

  /** Takes no more connections; those that there are last until one of their ends closes them. */
  @Override
  public void close() throws IOException {
    listening.close();
  }
}
