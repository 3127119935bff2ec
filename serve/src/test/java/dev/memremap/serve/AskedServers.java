// SPDX-License-Identifier: Apache-2.0
package dev.memremap.serve;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.memremap.machine.MachineDescription;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/**
 * Two servers, one open and one that asks for a token, and bytes for them that a browser would not
 * send.
 */
abstract class AskedServers {
  static final String SECRET = "a-token-of-a-test-0123456789";
  static final String MAP =
      """
      00000000-00000fff : Reserved
      00001000-3fffffff : System RAM
      40000000-4fffffff : Persistent <Memory> "x"
      fd000000-fdffffff : PCI Bus 0000:00
        fd000000-fd0fffff : 0000:00:02.0
      """;

  WebServer open;
  WebServer guarded;

  @BeforeEach
  void start() {
    open = start(null);
    guarded = start(Token.parse(SECRET));
  }

  static WebServer start(Token token) {
    return WebServer.start(subject(), new StillQuestions(), ListenAddress.loopback(0), token);
  }

  static Subject subject() {
    return new DescribedSubject("a machine", MachineDescription.parse(MAP));
  }

  @AfterEach
  void end() {
    open.close();
    guarded.close();
  }

  /** Sends bytes, and reads until the server closes. */
  static String send(WebServer to, String request) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), to.port())) {
      OutputStream out = socket.getOutputStream();
      out.write(request.getBytes(ISO_8859_1));
      out.flush();
      return new String(socket.getInputStream().readAllBytes(), ISO_8859_1);
    }
  }

  static String ask(WebServer to, String method, String path, String... headers)
      throws IOException {
    StringBuilder request = new StringBuilder("%s %s HTTP/1.1\r\n".formatted(method, path));
    request.append("Host: 127.0.0.1:%d\r\nConnection: close\r\n".formatted(to.port()));
    for (String header : headers) {
      request.append(header).append("\r\n");
    }
    return send(to, request.append("\r\n").toString());
  }

  static String status(String reply) {
    return reply.lines().findFirst().orElse("");
  }

  static String readAll(Socket socket) throws IOException {
    try {
      return new String(socket.getInputStream().readAllBytes(), ISO_8859_1);
    } catch (SocketException reset) {
      return "";
    }
  }
}
