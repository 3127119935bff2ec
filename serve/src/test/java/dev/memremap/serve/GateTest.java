// SPDX-License-Identifier: Apache-2.0
package dev.memremap.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.Socket;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which requests a server lets in. */
class GateTest extends AskedServers {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "evil.example",
        "evil.example:PORT",
        "127.0.0.1.evil.example:PORT",
        "192.0.2.1:PORT",
        "localhost.:PORT",
        "localhost:OTHER",
        "127.0.0.1",
        "127.0.0.1:1",
        ""
      })
  @DisplayName("a request that names another host is turned away, whatever it asks for")
  void otherHost(String host) throws IOException {
    String named =
        host.replace("PORT", String.valueOf(open.port()))
            .replace("OTHER", String.valueOf(open.port() ^ 1));
    for (String path : List.of("/", "/events", "/metrics", "/page.css")) {
      String reply =
          send(
              open,
              "GET %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n".formatted(path, named));
      assertThat(status(reply)).as(path).startsWith("HTTP/1.1 403");
    }
  }

  @Test
  @DisplayName("a request with two hosts, or none, is turned away")
  void hosts() throws IOException {
    String twice = ask(open, "GET", "/", "Host: evil.example");
    assertThat(status(twice)).startsWith("HTTP/1.1 403");
    assertThat(status(send(open, "GET / HTTP/1.0\r\n\r\n"))).contains(" 403");
  }

  @ParameterizedTest
  @ValueSource(strings = {"localhost", "[::1]", "127.0.0.1", "LOCALHOST"})
  @DisplayName("this computer's own names are let in")
  void ownNames(String name) throws IOException {
    String reply =
        send(
            open,
            "GET / HTTP/1.1\r\nHost: %s:%d\r\nConnection: close\r\n\r\n"
                .formatted(name, open.port()));
    assertThat(status(reply)).isEqualTo("HTTP/1.1 200 OK");
  }

  @ParameterizedTest
  @ValueSource(strings = {"POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "BREW"})
  @DisplayName("nothing is written over HTTP: any method but GET and HEAD is not allowed")
  void writes(String method) throws IOException {
    String reply = ask(open, method, "/", "Content-Length: 0");
    assertThat(status(reply)).startsWith("HTTP/1.1 405");
    assertThat(reply).containsIgnoringCase("Allow: GET, HEAD");
  }

  @ParameterizedTest
  @ValueSource(strings = {"/", "/?token=", "/?token=wrong", "/?token=a-token-of-a-test-012345678"})
  @DisplayName("without the token, or with another, nothing is shown")
  void noToken(String path) throws IOException {
    String reply = ask(guarded, "GET", path);
    assertThat(status(reply)).startsWith("HTTP/1.1 401");
    assertThat(reply).doesNotContain("System RAM").doesNotContain(SECRET);
    assertThat(status(ask(guarded, "GET", "/events"))).startsWith("HTTP/1.1 401");
    assertThat(status(ask(guarded, "GET", "/page.css"))).startsWith("HTTP/1.1 401");
  }

  @Test
  @DisplayName("the token in an address becomes a cookie that no script and no other site can use")
  void cookie() throws IOException {
    String first = ask(guarded, "GET", "/?at=0x1000-0x1fff&token=" + SECRET);
    assertThat(status(first)).startsWith("HTTP/1.1 303");
    String name = "memremap-" + guarded.port();
    assertThat(first)
        .containsIgnoringCase("Location: /?at=0x1000-0x1fff\r\n")
        .containsIgnoringCase(
            "Set-Cookie: %s=%s; Path=/; HttpOnly; SameSite=Strict".formatted(name, SECRET));
    String page = ask(guarded, "GET", "/", "Cookie: other=1; %s=%s".formatted(name, SECRET));
    assertThat(status(page)).isEqualTo("HTTP/1.1 200 OK");
    assertThat(page).doesNotContain(SECRET);
    assertThat(status(ask(guarded, "GET", "/", "Cookie: %s=wrong".formatted(name))))
        .startsWith("HTTP/1.1 401");
    assertThat(status(ask(guarded, "GET", "/metrics", "Authorization: Bearer " + SECRET)))
        .isEqualTo("HTTP/1.1 200 OK");
  }

  @Test
  @DisplayName("a program with another token, or with words around it, is turned away")
  void bearer() throws IOException {
    for (String given : List.of("wrong", SECRET + "x", "", "Basic " + SECRET, "\u00ff" + SECRET)) {
      String reply = ask(guarded, "GET", "/metrics", "Authorization: Bearer " + given);
      assertThat(status(reply)).as(given).startsWith("HTTP/1.1 401");
    }
    assertThat(status(ask(guarded, "GET", "/metrics", "Authorization: " + SECRET)))
        .startsWith("HTTP/1.1 401");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 15, 257, 100_000})
  @DisplayName("a token that can be guessed, or that no address has room for, is refused")
  void tokens(int length) {
    assertThatThrownBy(() -> Token.parse("x".repeat(length)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("16 to 256 letters");
  }

  @Test
  @DisplayName("the longest token opens a page")
  void longestToken() throws IOException {
    String secret = "x".repeat(256);
    try (WebServer server = start(Token.parse(secret))) {
      String reply = ask(server, "GET", "/?token=" + secret);
      assertThat(status(reply)).startsWith("HTTP/1.1 303");
      String cookie = "Cookie: memremap-%d=%s".formatted(server.port(), secret);
      assertThat(status(ask(server, "GET", "/", cookie))).isEqualTo("HTTP/1.1 200 OK");
    }
  }

  @Test
  @DisplayName("only 127.0.0.1 is listened at, and no other address of this computer")
  void loopback() {
    assertThatThrownBy(() -> new Socket(InetAddress.getByName("127.0.0.2"), open.port()).close())
        .isInstanceOf(ConnectException.class);
  }

  @Test
  @DisplayName("a server that other computers reach cannot be started without a token")
  void listens() {
    ListenAddress all = ListenAddress.parse("0.0.0.0", 0);
    try (Subject subject = subject()) {
      assertThatThrownBy(() -> WebServer.start(subject, new StillQuestions(), all, null))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }
}
