// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager.internal.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.memremap.pager.internal.link.Request.Operation;
import java.io.EOFException;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Requests and replies arrive as they were sent, and anything else ends the connection. */
class WireTest {
  @TempDir private Path folder;
  private SocketChannel near;
  private SocketChannel far;

  @BeforeEach
  void connect() throws IOException {
    UnixDomainSocketAddress address = UnixDomainSocketAddress.of(folder.resolve("s"));
    try (ServerSocketChannel listening = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      listening.bind(address);
      near = SocketChannel.open(address);
      far = listening.accept();
    }
  }

  @AfterEach
  void close() throws IOException {
    near.close();
    far.close();
  }

  @Test
  @DisplayName("Each operation and any text arrive as they were sent")
  void requests() throws IOException {
    List<Request> sent = new ArrayList<>();
    for (Operation operation : Operation.values()) {
      sent.add(new Request(sent.size() - 3, operation, 7, Integer.MAX_VALUE, "ü 日本語 \n\0"));
    }
    sent.add(new Request(Long.MAX_VALUE, Operation.PIN, -1, 0, ""));
    Wire from = new Wire(near);
    Wire to = new Wire(far);
    for (Request request : sent) {
      from.write(request);
    }
    for (Request request : sent) {
      assertThat(to.readRequest()).isEqualTo(request);
    }
  }

  @Test
  @DisplayName("Replies arrive as they were sent, a very long text as its beginning")
  void replies() throws Exception {
    Request to = new Request(5, Operation.WHY, 1, 1, "");
    List<Reply> sent =
        List.of(
            Reply.done(to),
            Reply.done(to, Long.MIN_VALUE),
            Reply.done(to, "ü"),
            Reply.refused(to, Integer.MAX_VALUE, "no"),
            Reply.done(to, "x".repeat(3 << 20)));
    CompletableFuture<Void> writes =
        CompletableFuture.runAsync(
            () -> {
              try {
                Wire wire = new Wire(near);
                for (Reply reply : sent) {
                  wire.write(reply);
                }
              } catch (IOException e) {
                throw new IllegalStateException(e);
              }
            });
    Wire wire = new Wire(far);
    for (Reply reply : sent.subList(0, 4)) {
      assertThat(wire.readReply()).isEqualTo(reply);
    }
    assertThat(wire.readReply().text()).isEqualTo("x".repeat(1 << 20));
    writes.get();
  }

  @Test
  @DisplayName("A request that no worker would take is refused before it is sent")
  void tooLong() {
    assertThatThrownBy(() -> new Request(1, Operation.SNAPSHOT, 0, 0, "x".repeat((1 << 20) + 1)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("a text of 1,048,577 bytes: a request has at most 1,048,576");
  }

  private static ByteBuffer head(int operation, int length) {
    return ByteBuffer.allocate(24).putLong(1).putInt(operation).putInt(0).putInt(0).putInt(length);
  }

  @ParameterizedTest
  @CsvSource({"-1, 0", "99, 0", "0, 2147483647", "0, -1", "0, 1048577", "-2147483648, -2147483648"})
  @DisplayName("An unknown operation, and a text of impossible length, are refused")
  void wrong(int operation, int length) throws IOException {
    near.write(head(operation, length).flip());
    assertThatThrownBy(() -> new Wire(far).readRequest())
        .isExactlyInstanceOf(IOException.class)
        .hasMessageMatching("an unknown operation, number .*|a text of .* bytes");
  }

  @Test
  @DisplayName("A peer that ends in the middle of a request has ended")
  void cut() throws IOException {
    near.write(head(0, 100).flip());
    near.write(ByteBuffer.allocate(99));
    near.close();
    assertThatThrownBy(() -> new Wire(far).readRequest()).isInstanceOf(EOFException.class);
  }

  @Test
  @DisplayName("A server ends the connection of a peer that sends nonsense, and serves the others")
  void server() throws IOException {
    Path socket = folder.resolve("worker");
    RequestServer.start(socket, request -> Reply.done(request, request.first() + 1));
    UnixDomainSocketAddress address = UnixDomainSocketAddress.of(socket);
    try (SocketChannel good = SocketChannel.open(address);
        SocketChannel bad = SocketChannel.open(address)) {
      for (int length : new int[] {Integer.MAX_VALUE, -1}) {
        try (SocketChannel another = SocketChannel.open(address)) {
          another.write(head(0, length).flip());
          assertThat(another.read(ByteBuffer.allocate(1))).isEqualTo(-1);
        }
      }
      bad.write(head(1_000, 0).flip());
      assertThat(bad.read(ByteBuffer.allocate(1))).isEqualTo(-1);
      Wire wire = new Wire(good);
      wire.write(new Request(8, Operation.WHY, 41, 1, ""));
      assertThat(wire.readReply().value()).isEqualTo(42);
    }
  }

  @Test
  @DisplayName("What a worker is told of pins is done in order, whatever else it waits for")
  void inOrder() throws Exception {
    Path socket = folder.resolve("worker");
    BlockingQueue<Operation> done = new LinkedBlockingQueue<>();
    CountDownLatch hang = new CountDownLatch(1);
    Function<Request, Reply> answer =
        request -> {
          try {
            if (request.operation() == Operation.PIN) {
              hang.await();
            }
            done.add(request.operation());
            return Reply.done(request);
          } catch (InterruptedException e) {
            throw new IllegalStateException(e);
          }
        };
    try (RequestServer server = RequestServer.start(socket, answer);
        SocketChannel peer = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
      Wire wire = new Wire(peer);
      for (int i = 0; i < 20; i++) {
        wire.write(new Request(i + 1, Operation.PIN, i, 1, ""));
      }
      for (int i = 0; i < 10_000; i++) {
        wire.write(new Request(0, Operation.HELD, 7, 1, "")); // no answer, so none has to be read
        wire.write(new Request(0, Operation.UNPIN, 7, 1, ""));
      }
      for (int i = 0; i < 10_000; i++) {
        assertThat(done.take()).isEqualTo(Operation.HELD);
        assertThat(done.take()).isEqualTo(Operation.UNPIN);
      }
      hang.countDown();
      for (int i = 0; i < 20; i++) {
        assertThat(wire.readReply().id()).isBetween(1L, 20L);
      }
    }
  }
}
