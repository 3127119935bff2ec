// SPDX-License-Identifier: Apache-2.0
package dev.memremap.serve;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a request is answered with.
 *
 * @param status the status of HTTP
 * @param type the media type
 * @param body the text
 * @param headers headers in addition to those that all replies have
 */
record Reply(int status, String type, String body, Map<String, String> headers) {
  static final String HTML = "text/html; charset=utf-8";
  static final String TEXT = "text/plain; charset=utf-8";
  static final String JSON = "application/json";

  static Reply ok(String type, String text) {
    return of(200, type, text);
  }

  static Reply of(int status, String type, String text) {
    return new Reply(status, type, text, Map.of());
  }

  /** A sentence in the place of what was wanted. */
  static Reply problem(int status, String sentence) {
    return of(status, TEXT, sentence + "\n");
  }

  static Reply redirect(String target) {
    return of(303, TEXT, "").with("Location", target);
  }

  Reply with(String name, String value) {
    Map<String, String> more = new LinkedHashMap<>(headers);
    more.put(name, value);
    return new Reply(status, type, body, more);
  }

  void send(HttpExchange exchange) throws IOException {
    Headers sent = exchange.getResponseHeaders();
    Gate.HEADERS.forEach(sent::set);
    headers.forEach(sent::set);
    sent.set("Content-Type", type);
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    boolean isHead = exchange.getRequestMethod().equals("HEAD");
    if (isHead || bytes.length == 0) {
      if (isHead) {
        sent.set("Content-Length", String.valueOf(bytes.length));
      }
      exchange.sendResponseHeaders(status, -1);
      return;
    }
    exchange.sendResponseHeaders(status, bytes.length);
    exchange.getResponseBody().write(bytes);
  }
}
