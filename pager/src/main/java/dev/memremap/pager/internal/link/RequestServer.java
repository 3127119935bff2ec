// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager.internal.link;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Function;

/**
 * Takes requests at a socket, and answers each when it is done, in any order. Requests of all
 * connections share a few threads.
 *
 * <p>Thread safety: what answers may be called by several threads at once.
 */
public final class RequestServer {
  private static final int THREADS = 8;

  private final ServerSocketChannel listening;
  private final Function<Request, Reply> answer;
  private final ExecutorService threads;

  private RequestServer(ServerSocketChannel listening, Function<Request, Reply> answer) {
    this.listening = listening;
    this.answer = answer;
    this.threads =
        Executors.newFixedThreadPool(
            THREADS, Thread.ofPlatform().name("memremap pager: requests ", 1).daemon().factory());
  }

  /**
   * Listens from now on, in the place of a server that may have ended.
   *
   * @param socket its file, which is made anew
   */
  public static RequestServer start(Path socket, Function<Request, Reply> answer)
      throws IOException {
    Files.deleteIfExists(socket);
    ServerSocketChannel listening = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    listening.bind(UnixDomainSocketAddress.of(socket));
    RequestServer server = new RequestServer(listening, answer);
    Thread.ofPlatform().name("memremap pager: listens").daemon().start(server::accept);
    return server;
  }

  private void accept() {
    try {
      while (true) {
        SocketChannel peer = listening.accept();
        Thread.ofPlatform().name("memremap pager: reads").daemon().start(() -> read(peer));
      }
    } catch (IOException e) {
      // the server was closed
    }
  }

  private void read(SocketChannel peer) {
    Wire wire = new Wire(peer);
    try (peer) {
      while (true) {
        Request request = wire.readRequest();
        if (request.operation().isQuick()) {
          answer(wire, request);
        } else {
          threads.execute(() -> answer(wire, request));
        }
      }
    } catch (IOException e) {
      // it has gone; what it asked for is done, and the answer is dropped
    }
  }

  private void answer(Wire wire, Request request) {
    try {
      wire.write(answer.apply(request));
    } catch (IOException e) {
      // it has gone meanwhile
    }
  }
}
