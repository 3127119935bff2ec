// SPDX-License-Identifier: Apache-2.0
package dev.memremap.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.SocketException;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a server answers to bytes that a browser would not send. */
class WebServerTest extends AskedServers {
  @Test
  @DisplayName(
      "a page is handed out with a policy without inline code, and without leave for others")
  void page() throws IOException {
    String reply = ask(open, "GET", "/");
    assertThat(status(reply)).isEqualTo("HTTP/1.1 200 OK");
    assertThat(reply)
        .containsIgnoringCase("Content-Security-Policy: default-src 'none'; script-src 'self';")
        .containsIgnoringCase("frame-ancestors 'none'")
        .containsIgnoringCase("X-Content-Type-Options: nosniff")
        .doesNotContainIgnoringCase("unsafe-inline")
        .doesNotContainIgnoringCase("Access-Control")
        .contains("Persistent &lt;Memory&gt; &quot;x&quot;")
        .doesNotContain("<Memory>")
        .doesNotContain(" style=")
        .doesNotContain("<style")
        .doesNotContainPattern("<script[^>]*>[^<]")
        .doesNotContainPattern(" on[a-z]+=");
  }

  @Test
  @DisplayName("HEAD has the headers of GET, and no body")
  void head() throws IOException {
    String reply = ask(open, "HEAD", "/page.css");
    assertThat(status(reply)).isEqualTo("HTTP/1.1 200 OK");
    assertThat(reply).containsPattern("(?i)content-length: [1-9]").endsWith("\r\n\r\n");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/../../etc/passwd",
        "/%2e%2e/%2e%2e/etc/passwd",
        "/..%2f..%2fetc%2fpasswd",
        "/web/page.css",
        "//etc/passwd",
        "/nothing"
      })
  @DisplayName("a path that the list lacks is not found, whatever lies there")
  void paths(String path) throws IOException {
    String reply = ask(open, "GET", path);
    assertThat(status(reply)).startsWith("HTTP/1.1 404");
    assertThat(reply).doesNotContain("root:");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/?at=nonsense",
        "/?step=1000000000000",
        "/?step=-1",
        "/api/explain?where=broken&flags=WB"
      })
  @DisplayName("an address that means nothing is answered with a sentence")
  void wrong(String path) throws IOException {
    String reply = ask(open, "GET", path);
    assertThat(status(reply)).startsWith("HTTP/1.1 400");
    assertThat(reply).doesNotContain("Exception").doesNotContain("\tat ");
  }

  @Test
  @DisplayName("words that are searched for are shown as words, never as markup")
  void markup() throws IOException {
    String reply = ask(open, "GET", "/?find=%3Cscript%3Ealert(1)%3C/script%3E");
    assertThat(reply).contains("&lt;script&gt;alert(1)").doesNotContain("<script>alert");
    String quoted = ask(open, "GET", "/?find=%22%20onfocus=%22x%22%20y='z");
    assertThat(quoted)
        .contains("value=\"&quot; onfocus=&quot;x&quot; y=&#39;z\"")
        .doesNotContain("\" onfocus");
  }

  @Test
  @DisplayName("an address of many letters, and many or long headers, are turned away")
  void large() throws IOException {
    assertThat(status(ask(open, "GET", "/?find=" + "x".repeat(5_000)))).startsWith("HTTP/1.1 414");
    String[] many = new String[100];
    for (int i = 0; i < many.length; i++) {
      many[i] = "X-%d: y".formatted(i);
    }
    assertThat(refusedOrClosed(many)).isTrue();
    assertThat(refusedOrClosed("X: " + "y".repeat(1 << 16))).isTrue();
    assertThat(status(ask(open, "GET", "/"))).isEqualTo("HTTP/1.1 200 OK");
  }

  private boolean refusedOrClosed(String... headers) throws IOException {
    try {
      return !status(ask(open, "GET", "/", headers)).contains(" 200 ");
    } catch (SocketException closed) {
      return true;
    }
  }

  @Test
  @DisplayName("what is turned away, and events, have the policy, too")
  void everyReply() throws IOException {
    for (String path : List.of("/nothing", "/?at=x", "/metrics", "/page.css")) {
      assertThat(ask(open, "GET", path)).containsIgnoringCase("Content-Security-Policy: default");
    }
    assertThat(ask(open, "POST", "/")).containsIgnoringCase("Content-Security-Policy: default");
    assertThat(ask(guarded, "GET", "/")).containsIgnoringCase("Content-Security-Policy: default");
    String head = ask(open, "HEAD", "/events");
    assertThat(head)
        .containsIgnoringCase("Content-Security-Policy: default")
        .containsIgnoringCase("X-Content-Type-Options: nosniff");
  }

  @Test
  @DisplayName("a port that is in use is said in a sentence")
  void portInUse() {
    try (Subject subject = subject()) {
      assertThatThrownBy(
              () ->
                  WebServer.start(
                      subject, new StillQuestions(), ListenAddress.loopback(open.port()), null))
          .isInstanceOf(UncheckedIOException.class)
          .hasMessageContaining("the port is in use; --port takes another port");
    }
  }

  @Test
  @DisplayName("metrics are read in the text that Prometheus reads")
  void metrics() throws IOException {
    ask(open, "GET", "/");
    ask(open, "GET", "/nothing");
    assertThat(ask(open, "GET", "/metrics"))
        .contains("# TYPE memremap_serve_requests_total counter")
        .contains("memremap_serve_requests_total 2.0")
        .contains("memremap_serve_refused_total 1.0")
        .contains("memremap_serve_live 0.0");
  }
}
