// SPDX-License-Identifier: Apache-2.0
package dev.memremap.serve;

import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Tells readers what changes, by server-sent events. A reader has no queue: whenever one can be
 * written to, it gets what is known then. So a slow reader gets fewer messages, all figures in each
 * of them are right, and none takes memory.
 *
 * <p>Thread safety: all methods may be called from any thread.
 */
final class EventFeed {
  /** So many readers are served at once. */
  static final int READERS = 32;

  /** So long is waited for a change until it is looked whether the server ends. */
  private static final Duration TICK = Duration.ofMillis(250);

  /** So long a reader rests between two messages. */
  private static final Duration PAUSE = Duration.ofMillis(100);

  /** A reader that has not read for so long loses its place, if another one wants it. */
  static final Duration PATIENCE = Duration.ofSeconds(30);

  /** After so long without a change a reader is written to, so that one that went is noticed. */
  private static final Duration QUIET = Duration.ofSeconds(15);

  /** So long is waited for a reader to leave its place. */
  private static final int LEAVING_MILLIS = 500;

  private final Subject subject;
  private final Duration patience;
  private final Semaphore places = new Semaphore(READERS);
  private final Set<Reader> readers = ConcurrentHashMap.newKeySet();
  private final AtomicBoolean closed = new AtomicBoolean();

  EventFeed(Subject subject, Duration patience) {
    this.subject = subject;
    this.patience = patience;
  }

  /** A reader, and since when one message has been on its way; 0 between messages. */
  private static final class Reader {
    private final Thread thread = Thread.currentThread();
    private volatile long since;

    private void write(OutputStream out, String message) throws IOException {
      since = System.nanoTime() | 1;
      out.write(message.getBytes(StandardCharsets.UTF_8));
      out.flush();
      since = 0;
    }

    private boolean isDeaf(Duration patience) {
      long began = since;
      return began != 0 && System.nanoTime() - began > patience.toNanos();
    }
  }

  int readers() {
    return READERS - places.availablePermits();
  }

  /** Writes to a reader until it goes or the server ends. */
  void serve(HttpExchange exchange) throws IOException {
    if (!tryEnter()) {
      Reply.problem(503, "%d pages are open already; close one.".formatted(READERS))
          .with("Retry-After", "10")
          .send(exchange);
      return;
    }
    try {
      Gate.HEADERS.forEach(exchange.getResponseHeaders()::set);
      exchange.getResponseHeaders().set("Content-Type", "text/event-stream");
      boolean isHead = exchange.getRequestMethod().equals("HEAD");
      exchange.sendResponseHeaders(200, isHead ? -1 : 0);
      if (!isHead) {
        write(exchange.getResponseBody());
      }
    } catch (InterruptedException ending) {
      Thread.currentThread().interrupt();
    } finally {
      places.release();
    }
  }

  /** Whether there is a place, or one of a reader that does not read. */
  private boolean tryEnter() {
    if (places.tryAcquire()) {
      return true;
    }
    readers.stream()
        .filter(reader -> reader.isDeaf(patience))
        .forEach(reader -> reader.thread.interrupt());
    try {
      return places.tryAcquire(LEAVING_MILLIS, TimeUnit.MILLISECONDS);
    } catch (InterruptedException ending) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private void write(OutputStream out) throws IOException, InterruptedException {
    Reader reader = new Reader();
    readers.add(reader);
    try {
      write(out, reader);
    } finally {
      readers.remove(reader);
    }
  }

  private void write(OutputStream out, Reader reader) throws IOException, InterruptedException {
    Pulse told = subject.pulse();
    reader.write(out, "data: " + json(told, null) + "\n\n");
    long wrote = System.nanoTime();
    while (!closed.get()) {
      Pulse pulse = subject.next(told, TICK);
      if (!pulse.equals(told)) {
        reader.write(out, "data: " + json(pulse, told) + "\n\n");
        told = pulse;
        wrote = System.nanoTime();
        Thread.sleep(PAUSE);
      } else if (System.nanoTime() - wrote > QUIET.toNanos()) {
        reader.write(out, ": still here\n\n");
        wrote = System.nanoTime();
      }
    }
  }

  /** What is known, with the events that the reader was not told of. */
  private static String json(Pulse pulse, @Nullable Pulse told) {
    long last = told == null || told.events().isEmpty() ? 0 : told.events().getFirst().number();
    ObjectNode node = JsonMapper.shared().createObjectNode();
    node.put("version", pulse.version());
    node.put("live", pulse.isLive());
    pulse.ended().ifPresent(why -> node.put("ended", why));
    pulse.trouble().ifPresent(why -> node.put("trouble", why));
    ObjectNode totals = node.putObject("totals");
    pulse.totals().forEach(total -> totals.put(total.id(), total.value()));
    ArrayNode events = node.putArray("events");
    for (Pulse.Event event : pulse.events()) {
      if (event.number() > last) {
        ObjectNode one = events.addObject();
        one.put("number", event.number());
        one.put("millis", event.millis());
        one.put("time", Panels.time(event.millis()));
        one.put("words", event.words());
      }
    }
    return JsonMapper.shared().writeValueAsString(node);
  }

  void close() {
    closed.set(true);
  }
}
