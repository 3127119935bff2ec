// SPDX-License-Identifier: Apache-2.0
package dev.memremap.serve;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.memremap.Machine;
import dev.memremap.drawing.model.Scene;
import java.io.IOException;
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
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Readers that are slow, many, or never read. */
class ReadersTest extends AskedServers {
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

  @Test
  @DisplayName("a request of which half was sent is not waited for")
  void half() throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), open.port())) {
      socket.getOutputStream().write("GET / HTTP/1.1\r\nHost: loc".getBytes(ISO_8859_1));
      assertThat(readAll(socket)).doesNotContain(" 200 ");
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
}
