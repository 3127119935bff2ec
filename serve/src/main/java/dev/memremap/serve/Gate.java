// SPDX-License-Identifier: Apache-2.0
package dev.memremap.serve;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import java.net.InetAddress;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Decides whether a request is let in: it names this server as its host, so that no page of another
 * site reaches it by a name of its own; it only reads; and it has the token, if there is one.
 *
 * <p>Thread safety: immutable.
 */
final class Gate {
  /** The name under which a request gives the token. */
  static final String TOKEN = "token";

  private static final Set<String> READING = Set.of("GET", "HEAD");
  private static final int LONGEST_ADDRESS = 4_096;

  private final InetAddress host;
  private final int port;
  private final @Nullable Token token;

  Gate(InetAddress host, int port, @Nullable Token token) {
    this.host = host;
    this.port = port;
    this.token = token;
  }

  /** Why a request is turned away, or null if it is let in. */
  @Nullable Reply judge(HttpExchange exchange) {
    if (!isThisHost(exchange.getRequestHeaders().get("Host"))) {
      return Reply.problem(403, "The Host header of this request names another server.");
    }
    if (!READING.contains(exchange.getRequestMethod())) {
      return Reply.problem(405, "Pages are read here, and nothing is written.")
          .with("Allow", "GET, HEAD");
    }
    if (exchange.getRequestURI().toString().length() > LONGEST_ADDRESS) {
      return Reply.problem(414, "The address of this page is too long.");
    }
    return token == null ? null : judge(exchange, token);
  }

  private @Nullable Reply judge(HttpExchange exchange, Token wanted) {
    String query = exchange.getRequestURI().getRawQuery();
    String given;
    try {
      given = PageAddress.values(query).getOrDefault(TOKEN, "");
    } catch (IllegalArgumentException e) {
      return Reply.problem(400, "The address has a % that escapes nothing.");
    }
    if (!given.isEmpty() && wanted.is(given)) {
      // once is enough: the address is not kept in a history, and the cookie does the rest
      return Reply.redirect(exchange.getRequestURI().getRawPath() + without(query))
          .with(
              "Set-Cookie",
              "%s=%s; Path=/; HttpOnly; SameSite=Strict".formatted(cookie(), wanted.text()));
    }
    if (given.isEmpty() && wanted.is(cookie(exchange.getRequestHeaders()))) {
      return null;
    }
    String bearer = exchange.getRequestHeaders().getFirst("Authorization");
    if (bearer != null && bearer.startsWith("Bearer ") && wanted.is(bearer.substring(7).strip())) {
      return null;
    }
    return Reply.problem(
            401, "This page asks for a token; open the address that memremap serve printed.")
        .with("WWW-Authenticate", "Bearer");
  }

  /** The query without the token. */
  private static String without(String query) {
    StringBuilder rest = new StringBuilder();
    for (String pair : query.split("&", -1)) {
      if (!pair.equals(TOKEN) && !pair.startsWith(TOKEN + "=")) {
        rest.append(rest.isEmpty() ? '?' : '&').append(pair);
      }
    }
    return rest.toString();
  }

  /** Cookies are of a host, whatever the port; so the port is part of the name. */
  private String cookie() {
    return "memremap-" + port;
  }

  private String cookie(Headers headers) {
    List<String> lines = headers.getOrDefault("Cookie", List.of());
    for (String line : lines) {
      for (String pair : line.split(";", -1)) {
        String[] parts = pair.strip().split("=", 2);
        if (parts.length == 2 && parts[0].equals(cookie())) {
          return parts[1];
        }
      }
    }
    return "";
  }

  private boolean isThisHost(@Nullable List<String> named) {
    if (named == null || named.size() != 1) {
      return false;
    }
    String wanted = named.getFirst().toLowerCase(Locale.ROOT);
    if (!wanted.endsWith(":" + port)) {
      return false;
    }
    String name = wanted.substring(0, wanted.length() - String.valueOf(port).length() - 1);
    if (Set.of("127.0.0.1", "localhost", "[::1]").contains(name)) {
      return true;
    }
    // an address in digits cannot be another site's name; such a server has a token, too
    boolean isLiteral = name.matches("[0-9]{1,3}(\\.[0-9]{1,3}){3}|\\[[0-9a-f:.]+\\]");
    return !host.isLoopbackAddress() && isLiteral;
  }

  /** What every reply says to a browser. */
  static final Map<String, String> HEADERS =
      Map.of(
          "Content-Security-Policy",
          "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self';"
              + " connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
          "X-Content-Type-Options",
          "nosniff",
          "Referrer-Policy",
          "no-referrer",
          "Cross-Origin-Opener-Policy",
          "same-origin",
          "Cross-Origin-Resource-Policy",
          "same-origin",
          "Cache-Control",
          "no-store");
}
