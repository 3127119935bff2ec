// SPDX-License-Identifier: Apache-2.0
package dev.memremap.valkey;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * What looks like a node, and answers what a test says. Greetings it answers by itself, unless the
 * test does.
 */
final class ScriptedNode implements AutoCloseable {
  /**
   * What it was asked.
   *
   * @param connection which one, from 0 on
   * @param number the question's among all but greetings, from 0 on, over all connections
   */
  record Question(int connection, int number, List<String> words) {}

  /** What it answers. */
  interface Script {
    /** Writes an answer, or a part of one; or closes. */
    void answer(Question question, Line line) throws IOException, InterruptedException;
  }

  /** A connection. */
  record Line(Socket socket, OutputStream out) {
    void say(byte[] bytes) throws IOException {
      out.write(bytes);
      out.flush();
    }

    void say(String text) throws IOException {
      say(Resp.bytes(text));
    }

    void close() throws IOException {
      socket.close();
    }
  }

  private final ServerSocket listening;
  private final Script script;
  private final boolean greets;
  private final List<Question> questions = new CopyOnWriteArrayList<>();
  private final List<Socket> sockets = new CopyOnWriteArrayList<>();
  private final AtomicInteger closed = new AtomicInteger();
  private final AtomicInteger asked = new AtomicInteger();

  private ScriptedNode(ServerSocket listening, boolean greets, Script script) {
    this.listening = listening;
    this.greets = greets;
    this.script = script;
  }

  /** One that greets as a node does. */
  static ScriptedNode start(Script script) throws IOException {
    return start(true, script);
  }

  /** One whose script answers greetings, too. */
  static ScriptedNode start(boolean greets, Script script) throws IOException {
    ServerSocket listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    ScriptedNode node = new ScriptedNode(listening, greets, script);
    Thread.ofPlatform().daemon().start(node::accept);
    return node;
  }

  /** Where it listens. */
  Place.Host host() {
    return new Place.Host("127.0.0.1", listening.getLocalPort());
  }

  int port() {
    return listening.getLocalPort();
  }

  /** All questions but greetings, unless its script answers these. */
  List<Question> questions() {
    return List.copyOf(questions);
  }

  /** How many connections there have been. */
  int connections() {
    return sockets.size();
  }

  /** How many of them the other side has closed. */
  int closed() {
    return closed.get();
  }

  private void accept() {
    try {
      while (true) {
        Socket socket = listening.accept();
        socket.setTcpNoDelay(true);
        int number = sockets.size();
        sockets.add(socket);
        Thread.ofPlatform().daemon().start(() -> serve(number, socket));
      }
    } catch (IOException e) {
      // it was closed
    }
  }

  private void serve(int number, Socket socket) {
    try {
      InputStream in = new BufferedInputStream(socket.getInputStream());
      Line line = new Line(socket, socket.getOutputStream());
      while (true) {
        List<String> words = words(in);
        if (words.isEmpty()) {
          closed.incrementAndGet();
          socket.close();
          return;
        }
        if (greets && words.getFirst().equals("HELLO")) {
          line.say("%2\r\n$6\r\nserver\r\n$6\r\nvalkey\r\n$5\r\nproto\r\n:3\r\n");
        } else {
          Question question = new Question(number, asked.getAndIncrement(), words);
          questions.add(question);
          script.answer(question, line);
        }
      }
    } catch (IOException e) {
      closed.incrementAndGet();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static List<String> words(InputStream in) throws IOException {
    List<String> words = new ArrayList<>();
    int first = in.read();
    if (first < 0) {
      return words;
    }
    for (int i = number(in); i > 0; i--) {
      if (in.read() != '$') {
        throw new IOException("a part of a command of another type");
      }
      byte[] word = in.readNBytes(number(in));
      words.add(new String(word, StandardCharsets.UTF_8));
      if (in.read() != '\r' || in.read() != '\n') {
        throw new IOException("a part of a command that does not end");
      }
    }
    return words;
  }

  private static int number(InputStream in) throws IOException {
    StringBuilder digits = new StringBuilder();
    for (int next = in.read(); next != '\n'; next = in.read()) {
      if (next < 0) {
        throw new IOException("a command that does not end");
      }
      if (next != '\r') {
        digits.append((char) next);
      }
    }
    return Integer.parseInt(digits.toString());
  }

  @Override
  public void close() throws IOException {
    listening.close();
    for (Socket each : sockets) {
      each.close();
    }
  }
}
