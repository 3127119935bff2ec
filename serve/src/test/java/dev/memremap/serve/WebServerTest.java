// SPDX-License-Identifier: Apache-2.0
package dev.memremap.serve;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.memremap.Machine;
import dev.memremap.drawing.model.Scene;
import dev.memremap.machine.MachineDescription;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a server answers to bytes that a browser would not send. */
class WebServerTest {
  private static final String SECRET = "a-token-of-a-test-0123456789";
  private static final String MAP =
      """
      00000000-00000fff : Reserved
      00001000-3fffffff : System RAM
      40000000-4fffffff : Persistent <Memory> "x"
      fd000000-fdffffff : PCI Bus 0000:00
        fd000000-fd0fffff : 0000:00:02.0
      """;

  private WebServer open;
  private WebServer guarded;

  @BeforeEach
  void start() {
    open = start(null);
    guarded = start(Token.parse(SECRET));
  }

  private static WebServer start(Token token) {
    return WebServer.start(subject(), new StillQuestions(), ListenAddress.loopback(0), token);
  }

  private static Subject subject() {
    return new DescribedSubject("a machine", MachineDescription.parse(MAP));
  }

  @AfterEach
  void end() {
    open.close();
    guarded.close();
  }

  /** Sends bytes, and reads until the server closes. */
  private static String send(WebServer to, String request) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), to.port())) {
      OutputStream out = socket.getOutputStream();
      out.write(request.getBytes(ISO_8859_1));
      out.flush();
      return new String(socket.getInputStream().readAllBytes(), ISO_8859_1);
    }
  }

  private static String ask(WebServer to, String method, String path, String... headers)
      throws IOException {
    StringBuilder request = new StringBuilder("%s %s HTTP/1.1\r\n".formatted(method, path));
    request.append("Host: 127.0.0.1:%d\r\nConnection: close\r\n".formatted(to.port()));
    for (String header : headers) {
      request.append(header).append("\r\n");
    }
    return send(to, request.append("\r\n").toString());
  }

  private static String status(String reply) {
    return reply.lines().findFirst().orElse("");
  }

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
  @DisplayName("connections that send nothing do not keep others from being answered")
  void slow() throws IOException {
    List<Socket> idle = new ArrayList<>();
    try {
      for (int i = 0; i < 100; i++) {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), open.port());
        socket.getOutputStream().write("GET / HT".getBytes(ISO_8859_1));
        idle.add(socket);
      }
      assertThat(status(ask(open, "GET", "/"))).isEqualTo("HTTP/1.1 200 OK");
    } finally {
      for (Socket socket : idle) {
        socket.close();
      }
    }
  }

  @Test
  @DisplayName("more readers of events than there is room for are told so, and pages still come")
  void manyReaders() throws IOException {
    List<Socket> readers = new ArrayList<>();
    try {
      for (int i = 0; i < EventFeed.READERS; i++) {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), open.port());
        socket
            .getOutputStream()
            .write(
                "GET /events HTTP/1.1\r\nHost: localhost:%d\r\n\r\n"
                    .formatted(open.port())
                    .getBytes(ISO_8859_1));
        assertThat(socket.getInputStream().read()).isEqualTo('H');
        readers.add(socket);
      }
      assertThat(status(ask(open, "GET", "/events"))).startsWith("HTTP/1.1 503");
      assertThat(ask(open, "GET", "/metrics")).contains("memremap_serve_readers 32");
      assertThat(status(ask(open, "GET", "/"))).isEqualTo("HTTP/1.1 200 OK");
    } finally {
      for (Socket socket : readers) {
        socket.close();
      }
    }
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
  @DisplayName("a request of which half was sent is not waited for")
  void half() throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), open.port())) {
      socket.getOutputStream().write("GET / HTTP/1.1\r\nHost: loc".getBytes(ISO_8859_1));
      assertThat(readAll(socket)).doesNotContain(" 200 ");
    }
  }

  private static String readAll(Socket socket) throws IOException {
    try {
      return new String(socket.getInputStream().readAllBytes(), ISO_8859_1);
    } catch (SocketException reset) {
      return "";
    }
  }

  @Test
  @DisplayName("more connections than there is room for are closed, and their requests unread")
  void manyConnections() throws IOException {
    List<Socket> idle = new ArrayList<>();
    try {
      for (int i = 0; i < 300; i++) {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), open.port());
        idle.add(socket);
        socket.getOutputStream().write("GET / HT".getBytes(ISO_8859_1));
      }
      try (Socket last = new Socket(InetAddress.getLoopbackAddress(), open.port())) {
        last.getOutputStream()
            .write(
                "GET / HTTP/1.1\r\nHost: localhost:%d\r\nConnection: close\r\n\r\n"
                    .formatted(open.port())
                    .getBytes(ISO_8859_1));
        assertThat(readAll(last)).isEmpty();
      }
    } catch (SocketException closed) {
      assertThat(idle).hasSizeGreaterThan(100);
    } finally {
      for (Socket socket : idle) {
        socket.close();
      }
    }
  }

  /** A subject of which there is always something new and long to tell. */
  private static final class Talkative implements Subject {
    private final AtomicLong told = new AtomicLong();
    private final int length;
    private final Subject machine = subject();

    Talkative(int length) {
      this.length = length;
    }

    @Override
    public Pulse pulse() {
      String words = "x".repeat(length);
      Pulse.Event event = new Pulse.Event(told.incrementAndGet(), 0, words);
      return new Pulse(0, List.of(), List.of(event), true, Optional.empty(), Optional.empty());
    }

    @Override
    public String name() {
      return machine.name();
    }

    @Override
    public List<Step> steps() {
      return List.of();
    }

    @Override
    public List<MachineName> machines() {
      return List.of();
    }

    @Override
    public Scene scene(Place place) {
      return machine.scene(place);
    }

    @Override
    public <T> T ask(Place place, Function<Machine, T> question) {
      return machine.ask(place, question);
    }

    @Override
    public void close() {
      machine.close();
    }
  }

  @Test
  @DisplayName("a reader of events that never reads holds up no other, and not the end")
  void neverReads() throws IOException {
    Talkative subject = new Talkative(16 << 20);
    try (WebServer server =
            WebServer.start(subject, new StillQuestions(), ListenAddress.loopback(0), null);
        Socket deaf = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
      byte[] request =
          "GET /events HTTP/1.1\r\nHost: localhost:%d\r\n\r\n"
              .formatted(server.port())
              .getBytes(ISO_8859_1);
      deaf.getOutputStream().write(request);
      assertThat(deaf.getInputStream().read()).isEqualTo('H');
      try (Socket other = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
        other.getOutputStream().write(request);
        assertThat(other.getInputStream().readNBytes(40 << 20)).hasSize(40 << 20);
      }
      assertThat(status(ask(server, "GET", "/page.css"))).isEqualTo("HTTP/1.1 200 OK");
    }
  }

  @Test
  @DisplayName("readers that never read lose their places to one that does")
  void placesOfTheDeaf() throws IOException {
    List<Socket> deaf = new ArrayList<>();
    try (WebServer server =
        WebServer.start(
            new Talkative(1 << 20),
            new StillQuestions(),
            ListenAddress.loopback(0),
            null,
            Duration.ofMillis(1))) {
      byte[] request =
          "GET /events HTTP/1.1\r\nHost: localhost:%d\r\n\r\n"
              .formatted(server.port())
              .getBytes(ISO_8859_1);
      for (int i = 0; i < EventFeed.READERS; i++) {
        Socket socket = new Socket();
        deaf.add(socket);
        socket.setReceiveBufferSize(4_096);
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), server.port()));
        socket.getOutputStream().write(request);
        assertThat(socket.getInputStream().read()).isEqualTo('H');
      }
      String status;
      do {
        try (Socket reader = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
          reader.getOutputStream().write(request);
          status = new String(reader.getInputStream().readNBytes(12), ISO_8859_1);
        }
      } while (!status.equals("HTTP/1.1 200"));
    } finally {
      for (Socket socket : deaf) {
        socket.close();
      }
    }
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
