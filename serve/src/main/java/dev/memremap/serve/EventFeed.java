// SPDX-License-Identifier: Apache-2.0
package dev.memremap.serve;

import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Semaphore;
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

  /** How often a reader is told, in milliseconds. */
  static final int TICK = 250;

  /** After so long without a change a reader is written to, so that one that went is noticed. */
  private static final int QUIET = 15_000;

  private final Subject subject;
  private final Semaphore places = new Semaphore(READERS);
  private final AtomicBoolean closed = new AtomicBoolean();

  EventFeed(Subject subject) {
    this.subject = subject;
  }

  int readers() {
    return READERS - places.availablePermits();
  }

  /** Writes to a reader until it goes or the server ends. */
  void serve(HttpExchange exchange) throws IOException {
    if (!places.tryAcquire()) {
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

  private void write(OutputStream out) throws IOException, InterruptedException {
    Pulse told = null;
    int quiet = 0;
    while (!closed.get()) {
      Pulse pulse = subject.pulse();
      if (!pulse.equals(told)) {
        write(out, "data: " + json(pulse, told) + "\n\n");
        told = pulse;
        quiet = 0;
      } else if (quiet >= QUIET) {
        write(out, ": still here\n\n");
        quiet = 0;
      }
      Thread.sleep(TICK);
      quiet += TICK;
    }
  }

  private static void write(OutputStream out, String message) throws IOException {
    out.write(message.getBytes(StandardCharsets.UTF_8));
    out.flush();
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
