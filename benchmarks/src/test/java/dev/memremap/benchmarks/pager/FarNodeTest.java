// SPDX-License-Identifier: Apache-2.0
package dev.memremap.benchmarks.pager;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The node is a socket of this test. No test says that something comes soon. */
class FarNodeTest {
  private static final int BYTES = 1 << 20;
  private static final int PIECE_MOST = 9000;
  private static final long WAY_NANOS = 30_000_000;

  @TempDir Path folder;

  private ServerSocket node;
  private PlayedWay way;
  private FarNode far;

  @BeforeEach
  void start() throws IOException {
    node = new ServerSocket(0, 8, InetAddress.getLoopbackAddress());
    way = PlayedWay.in(folder.resolve("way"));
    far = FarNode.of(node.getLocalPort(), way);
  }

  @AfterEach
  void end() throws IOException {
    far.close();
    node.close();
  }

  private Socket asked() throws IOException {
    return new Socket(InetAddress.getLoopbackAddress(), far.port());
  }

  private static <T> FutureTask<T> meanwhile(Callable<T> step) {
    FutureTask<T> task = new FutureTask<>(step);
    Thread.ofPlatform().daemon().start(task);
    return task;
  }

  @Test
  @DisplayName("bytes arrive whole and in order, both ways at once, though the way changes")
  void whole() throws IOException, InterruptedException, ExecutionException {
    byte[] question = bytes(1);
    byte[] answer = bytes(2);
    try (Socket here = asked();
        Socket there = node.accept()) {
      FutureTask<byte[]> came = meanwhile(() -> there.getInputStream().readNBytes(BYTES));
      FutureTask<byte[]> back = meanwhile(() -> here.getInputStream().readNBytes(BYTES));
      FutureTask<Integer> sent = meanwhile(() -> send(there, answer, 3));
      assertThat(send(here, question, 4)).isGreaterThan(BYTES / PIECE_MOST);
      assertThat(sent.get()).isGreaterThan(BYTES / PIECE_MOST);
      assertThat(came.get()).isEqualTo(question);
      assertThat(back.get()).isEqualTo(answer);
    }
  }

  private static byte[] bytes(long seed) {
    byte[] bytes = new byte[BYTES];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }

  /** Sends in pieces, and changes the way with each; returns how many they were. */
  private int send(Socket to, byte[] bytes, long seed) throws IOException {
    Random random = new Random(seed);
    int pieces = 0;
    for (int at = 0; at < bytes.length; pieces++) {
      int some = Math.min(bytes.length - at, 1 + random.nextInt(PIECE_MOST));
      way.nanos(random.nextInt(3) * 100_000L);
      to.getOutputStream().write(bytes, at, some);
      at += some;
    }
    return pieces;
  }

  @Test
  @DisplayName("a question arrives not before its way is over, and so does the answer")
  void later() throws IOException {
    way.nanos(WAY_NANOS);
    try (Socket here = asked();
        Socket there = node.accept()) {
      DataInputStream comes = new DataInputStream(there.getInputStream());
      DataInputStream returns = new DataInputStream(here.getInputStream());
      for (int i = 0; i < 3; i++) {
        long sent = System.nanoTime();
        here.getOutputStream().write(i);
        assertThat(comes.readByte()).isEqualTo((byte) i);
        assertThat(System.nanoTime() - sent).isGreaterThanOrEqualTo(WAY_NANOS);
        there.getOutputStream().write(-i);
        assertThat(returns.readByte()).isEqualTo((byte) -i);
        assertThat(System.nanoTime() - sent).isGreaterThanOrEqualTo(2 * WAY_NANOS);
      }
    }
  }

  @Test
  @DisplayName("the end of either end reaches the other one, behind what was sent before")
  void ends() throws IOException {
    way.nanos(WAY_NANOS);
    try (Socket here = asked();
        Socket there = node.accept()) {
      here.getOutputStream().write(new byte[] {1, 2});
      here.shutdownOutput();
      assertThat(there.getInputStream().readAllBytes()).containsExactly(1, 2);
      there.getOutputStream().write(3);
      there.close();
      assertThat(here.getInputStream().readAllBytes()).containsExactly(3);
    }
  }

  @Test
  @DisplayName("one that is closed takes no connection any more")
  void closed() throws IOException {
    int port = far.port();
    far.close();
    assertThatThrownBy(() -> new Socket(InetAddress.getLoopbackAddress(), port))
        .isInstanceOf(IOException.class);
  }
}
