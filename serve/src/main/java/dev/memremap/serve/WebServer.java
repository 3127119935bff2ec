// SPDX-License-Identifier: Apache-2.0
package dev.memremap.serve;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/**
 * Serves the pages of a subject. It only reads, and it lets no request in that names another host.
 *
 * <p>Thread safety: all methods may be called from any thread.
 */
public final class WebServer implements AutoCloseable {
  /** Bounds of the JDK's server, for those that a user has not set: it reads them once. */
  private static final Map<String, String> BOUNDS =
      Map.of(
          // a request has to come within so many seconds
          "sun.net.httpserver.maxReqTime", "10",
          "sun.net.httpserver.idleInterval", "30",
          "sun.net.httpserver.maxIdleConnections", "64",
          "jdk.httpserver.maxConnections", "256",
          "sun.net.httpserver.maxReqHeaders", "64",
          "sun.net.httpserver.maxReqHeaderSize", "16384",
          "sun.net.httpserver.nodelay", "true");

  static {
    BOUNDS.forEach(
        (name, value) -> {
          if (System.getProperty(name) == null) {
            System.setProperty(name, value);
          }
        });
  }

  private final HttpServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final CountDownLatch ended = new CountDownLatch(1);
  private final ListenAddress address;
  private final @Nullable Token token;
  private final Gate gate;
  private final Router router;

  private WebServer(
      HttpServer server, ListenAddress address, @Nullable Token token, Router router) {
    this.server = server;
    this.address = address;
    this.token = token;
    this.router = router;
    this.gate = new Gate(address.host(), server.getAddress().getPort(), token);
  }

  /**
   * Starts a server; it runs until it is closed. Closing it closes the subject, too.
   *
   * @param token what readers have to know; null lets all in that reach it
   * @throws UncheckedIOException if it cannot listen there; the message is a sentence
   * @throws IllegalArgumentException if other computers would reach it without a token
   */
  public static WebServer start(
      Subject subject, Questions questions, ListenAddress address, @Nullable Token token) {
    return start(subject, questions, address, token, EventFeed.PATIENCE);
  }

  /** Starts one that waits so long for a reader of events. */
  static WebServer start(
      Subject subject,
      Questions questions,
      ListenAddress address,
      @Nullable Token token,
      Duration patience) {
    if (token == null && !address.isLoopback()) {
      throw new IllegalArgumentException("a server that other computers reach has a token");
    }
    HttpServer made;
    try {
      made = HttpServer.create(new InetSocketAddress(address.host(), address.port()), 0);
    } catch (BindException e) {
      throw new UncheckedIOException(
          "cannot listen at %s: %s; --port takes another port, and 0 a free one"
              .formatted(text(address.host(), address.port()), reason(e)),
          e);
    } catch (IOException e) {
      throw new UncheckedIOException(
          "cannot listen at %s: %s".formatted(text(address.host(), address.port()), e.getMessage()),
          e);
    }
    WebServer server =
        new WebServer(made, address, token, new Router(subject, questions, patience));
    made.createContext("/", server::handle);
    made.setExecutor(server.threads);
    made.start();
    server.threads.execute(server.router::rehearse);
    return server;
  }

  private static String reason(BindException e) {
    String said = String.valueOf(e.getMessage());
    return said.contains("in use")
        ? "the port is in use"
        : said.contains("assign") ? "this computer has no such address" : said;
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      Reply away = gate.judge(exchange);
      if (away != null) {
        away.send(exchange);
      } else {
        router.serve(exchange);
      }
    }
  }

  /** Returns where it listens, as a browser takes it, with the token if there is one. */
  public String url() {
    String root = "http://%s/".formatted(text(shownHost(), port()));
    return token == null ? root : root + "?" + Gate.TOKEN + "=" + token.text();
  }

  /** Returns the port on which it listens. */
  public int port() {
    return server.getAddress().getPort();
  }

  /** A browser takes one address, and not all of them. */
  private InetAddress shownHost() {
    return address.host().isAnyLocalAddress() ? InetAddress.getLoopbackAddress() : address.host();
  }

  private static String text(InetAddress host, int port) {
    String digits = host.getHostAddress();
    return digits.indexOf(':') >= 0
        ? "[%s]:%d".formatted(digits, port)
        : "%s:%d".formatted(digits, port);
  }

  /** Waits until it is closed. */
  public void await() throws InterruptedException {
    ended.await();
  }

  @Override
  public void close() {
    router.close();
    server.stop(0);
    threads.shutdownNow();
    ended.countDown();
  }
}
