// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager.internal.link;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Function;

/**
 * Takes requests at a socket, and answers each when it is done, in any order. Requests of all
 * connections share a few threads. A socket whose file was deleted is made anew within a second, as
 * what cleans folders of temporary files may delete it.
 *
 * <p>Thread safety: what answers may be called by several threads at once. {@code this} guards
 * which channel listens.
 */
public final class RequestServer implements AutoCloseable {
  private static final int THREADS = 8;
  private static final long LOOK_MILLIS = 1_000;

  private final Path socket;
  private final Function<Request, Reply> answer;
  private final ExecutorService threads;
  private ServerSocketChannel listening;
  private Object file;
  private boolean closed;

  private RequestServer(Path socket, Function<Request, Reply> answer) throws IOException {
    this.socket = socket;
    this.answer = answer;
    this.threads =
        Executors.newFixedThreadPool(
            THREADS, Thread.ofPlatform().name("memremap pager: requests ", 1).daemon().factory());
    this.listening = listen(socket);
    this.file = Files.getAttribute(socket, "unix:ino", LinkOption.NOFOLLOW_LINKS);
  }

  /**
   * Listens from now on, in the place of a server that may have ended.
   *
   * @param socket its file, which is made anew
   */
  public static RequestServer start(Path socket, Function<Request, Reply> answer)
      throws IOException {
    RequestServer server = new RequestServer(socket, answer);
    server.accept(server.listening);
    Thread.ofPlatform().name("memremap pager: socket").daemon().start(server::keep);
    return server;
  }

  private static ServerSocketChannel listen(Path socket) throws IOException {
    SocketFolder.keep(Objects.requireNonNull(socket.getParent()));
    Files.deleteIfExists(socket);
    ServerSocketChannel listening = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    try {
      return listening.bind(UnixDomainSocketAddress.of(socket));
    } catch (IOException | RuntimeException e) {
      listening.close();
      throw e;
    }
  }

  private void keep() {
    try {
      do {
        Thread.sleep(LOOK_MILLIS);
      } while (kept());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private synchronized boolean kept() {
    if (!closed && !isThere()) {
      try {
        ServerSocketChannel before = listening;
        listening = listen(socket);
        file = Files.getAttribute(socket, "unix:ino", LinkOption.NOFOLLOW_LINKS);
        accept(listening);
        before.close();
      } catch (IOException e) {
        // it is tried again; those that are connected are served meanwhile
      }
    }
    return !closed;
  }

  private boolean isThere() {
    try {
      return Files.getAttribute(socket, "unix:ino", LinkOption.NOFOLLOW_LINKS).equals(file);
    } catch (IOException e) {
      return false;
    }
  }

  /** Takes no more connections, and makes no socket any more; those that there are stay. */
  @Override
  public synchronized void close() throws IOException {
    closed = true;
    listening.close();
  }

  private void accept(ServerSocketChannel at) {
    Thread.ofPlatform().name("memremap pager: listens").daemon().start(() -> acceptAll(at));
  }

  private void acceptAll(ServerSocketChannel at) {
    try {
      while (true) {
        SocketChannel peer = at.accept();
        Thread.ofPlatform().name("memremap pager: reads").daemon().start(() -> read(peer));
      }
    } catch (IOException e) {
      // it was closed: the server was, or another one has its place
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
      Reply reply = answer.apply(request);
      if (request.id() != Request.UNANSWERED) {
        wire.write(reply);
      }
    } catch (IOException e) {
      // it has gone meanwhile
    }
  }
}
