// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager.internal.link;

import dev.memremap.pager.internal.sys.Native;
import dev.memremap.pager.internal.sys.UnixSocket;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Asks the worker, whichever it is: when one ends, the next one is connected to, and is asked again
 * what the last one has not answered. Each worker is asked once.
 *
 * <p>Thread safety: all methods may be called from any thread. {@code this} guards the connection.
 * A request is in {@code open} before it is written; so the thread that made it writes it, or the
 * next connection does.
 */
public final class WorkerLink implements AutoCloseable {
  private static final long PAUSE_MILLIS = 20;

  private final Path socket;
  private final Runnable onConnect;
  private final Map<Long, Asked> open = new ConcurrentHashMap<>();
  private final AtomicLong ids = new AtomicLong();
  private @Nullable Wire wire;
  private @Nullable UnixSocket channel;
  private volatile boolean closed;

  /** A request without an answer; {@code this} guards through which connection it was written. */
  private static final class Asked {
    private final Request request;
    private final CompletableFuture<Reply> reply = new CompletableFuture<>();
    private @Nullable Wire writtenTo;

    Asked(Request request) {
      this.request = request;
    }

    /** Writes it, unless this worker has been asked already: a pin that is made twice lasts. */
    synchronized void write(Wire wire) throws IOException {
      if (wire != writtenTo) {
        writtenTo = wire;
        wire.write(request);
      }
    }
  }

  /**
   * @param socket the worker's
   * @param onConnect called by the link's own thread with each new worker, before what is open is
   *     asked again; it may {@link #tell}
   */
  public WorkerLink(Path socket, Runnable onConnect) {
    this.socket = socket;
    this.onConnect = onConnect;
  }

  /** Begins to connect. */
  public void start() {
    Thread.ofPlatform().name("memremap: worker's answers").daemon().start(this::run);
  }

  /**
   * Asks for something.
   *
   * @return completed when the worker has answered; never if all workers have ended
   */
  public CompletableFuture<Reply> ask(
      Request.Operation operation, int first, int count, String text) {
    return ask(operation, first, count, text, reply -> {});
  }

  /**
   * Asks for something.
   *
   * @param onReply called with the answer before another worker is connected to
   * @return completed when the worker has answered; never if all workers have ended
   */
  public CompletableFuture<Reply> ask(
      Request.Operation operation, int first, int count, String text, Consumer<Reply> onReply) {
    Request request = new Request(ids.incrementAndGet(), operation, first, count, text);
    Asked asked = new Asked(request);
    CompletableFuture<Reply> answered =
        asked.reply.thenApply(
            reply -> {
              onReply.accept(reply);
              return reply;
            });
    open.put(request.id(), asked);
    Wire current = current();
    if (current != null) {
      try {
        asked.write(current);
      } catch (IOException e) {
        // the worker has ended, and the next one is asked
      }
    }
    if (closed) {
      fail(asked);
    }
    return answered;
  }

  /** Says something that is not answered. */
  public void tell(Request.Operation operation, int first, int count) {
    send(new Request(Request.UNANSWERED, operation, first, count, ""));
  }

  private synchronized @Nullable Wire current() {
    return wire;
  }

  private void send(Request request) {
    Wire current = current();
    if (current != null) {
      try {
        current.write(request);
      } catch (IOException e) {
        // the worker has ended, and the next one is asked
      }
    }
  }

  private void run() {
    while (!closed) {
      try (UnixSocket connected = UnixSocket.connect(Native.calls(), socket)) {
        Wire current = new Wire(connected);
        synchronized (this) {
          wire = current;
          channel = connected;
        }
        onConnect.run();
        for (Asked asked : open.values()) {
          asked.write(current);
        }
        while (true) {
          Reply reply = current.readReply();
          Asked asked = open.remove(reply.id());
          if (asked != null) {
            asked.reply.complete(reply);
          }
        }
      } catch (IOException e) {
        pause();
      } finally {
        synchronized (this) {
          wire = null;
          channel = null;
        }
      }
    }
  }

  private static void pause() {
    try {
      Thread.sleep(PAUSE_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void fail(Asked asked) {
    asked.reply.completeExceptionally(new IllegalStateException("the remote memory is closed"));
  }

  /** Connects no more; what is open fails. */
  @Override
  public void close() {
    closed = true;
    synchronized (this) {
      if (channel != null) {
        channel.end();
      }
    }
    open.values().forEach(WorkerLink::fail);
  }
}
