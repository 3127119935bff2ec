// SPDX-License-Identifier: Apache-2.0
package dev.memremap.serve;

import com.sun.net.httpserver.HttpExchange;
import dev.memremap.drawing.model.SizeText;
import dev.memremap.rule.MemremapException;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Semaphore;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Answers requests that were let in.
 *
 * <p>Thread safety: all methods may be called from any thread; {@code drawing} bounds how many
 * pages are made at once.
 */
final class Router {
  private static final int AT_ONCE = 2;

  private final Subject subject;
  private final Questions questions;
  private final EventFeed feed;
  private final Figures figures;
  private final Semaphore drawing = new Semaphore(AT_ONCE);

  Router(Subject subject, Questions questions, Duration patience) {
    this.subject = subject;
    this.questions = questions;
    this.feed = new EventFeed(subject, patience);
    this.figures = new Figures(subject, feed::readers);
  }

  /** Makes the first page once, so that its first reader waits less for it. */
  void rehearse() {
    drawing.acquireUninterruptibly(AT_ONCE);
    try {
      MachinePage.of(subject, questions, PageAddress.FIRST);
    } catch (RuntimeException e) {
      // the first reader is told
    } finally {
      drawing.release(AT_ONCE);
    }
  }

  void serve(HttpExchange exchange) throws IOException {
    if (exchange.getRequestURI().getRawPath().equals("/events")) {
      figures.served(200);
      feed.serve(exchange);
      return;
    }
    Reply reply = reply(exchange);
    figures.served(reply.status());
    reply.send(exchange);
  }

  private Reply reply(HttpExchange exchange) {
    try {
      drawing.acquire();
    } catch (InterruptedException ending) {
      Thread.currentThread().interrupt();
      return Reply.problem(503, "The server ends.");
    }
    try {
      return reply(exchange.getRequestURI().getRawPath(), exchange.getRequestURI().getRawQuery());
    } catch (IllegalArgumentException | MemremapException e) {
      return Reply.problem(400, String.valueOf(e.getMessage()));
    } catch (UnsupportedOperationException e) {
      return Reply.problem(400, String.valueOf(e.getMessage()));
    } catch (RuntimeException e) {
      return Reply.problem(500, "This is a mistake in memremap itself, please report it: " + e);
    } finally {
      drawing.release();
    }
  }

  private Reply reply(String path, String query) {
    return switch (path) {
      case "/" ->
          Reply.ok(Reply.HTML, MachinePage.of(subject, questions, PageAddress.parse(query)));
      case "/metrics" -> Reply.ok("text/plain; version=0.0.4; charset=utf-8", figures.scrape());
      case "/api/find" -> find(PageAddress.parse(query));
      case "/api/explain" -> {
        Map<String, String> values = PageAddress.values(query);
        yield answer(query, values.getOrDefault("flags", ""));
      }
      case "/api/plan" -> {
        Map<String, String> values = PageAddress.values(query);
        yield answer(query, Questions.Choice.ofPages(values.getOrDefault("type", ""), "").value());
      }
      default -> {
        Reply file = Assets.reply(path.substring(1));
        yield file == null ? Reply.problem(404, "This server has no such page.") : file;
      }
    };
  }

  /** The document that the command prints with {@code --json}. */
  private Reply answer(String query, String choice) {
    PageAddress address = PageAddress.parse(query);
    Questions.Answer answer =
        subject.ask(address.place(), machine -> questions.ask(machine, address.where(), choice));
    return Reply.ok(Reply.JSON, answer.json() + "\n");
  }

  private Reply find(PageAddress address) {
    Finder.Found found = Finder.find(subject.scene(address.place()), address.find());
    ObjectNode node = JsonMapper.shared().createObjectNode();
    node.put("count", found.count());
    ArrayNode list = node.putArray("found");
    for (Finder.Match match : found.found()) {
      ObjectNode one = list.addObject();
      one.put("name", match.name());
      one.put("start", "0x" + Long.toHexString(match.range().start()));
      one.put("end", "0x" + Long.toHexString(match.range().endInclusive()));
      one.put("size", SizeText.of(match.range()));
      one.put("kind", match.kind());
    }
    return Reply.ok(Reply.JSON, JsonMapper.shared().writeValueAsString(node) + "\n");
  }

  void close() {
    feed.close();
    subject.close();
  }
}
