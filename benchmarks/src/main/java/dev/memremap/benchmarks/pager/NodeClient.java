// SPDX-License-Identifier: Apache-2.0
package dev.memremap.benchmarks.pager;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * A bare client of one node: it asks, waits for the answer, and makes nothing of it. What it takes
 * is what the node and the way to it take.
 *
 * <p>Thread safety: one thread's.
 */
final class NodeClient implements AutoCloseable {
  private static final int BUFFER = 1 << 14;
  private static final double NANOS = 1e9;

  private final Socket socket;
  private final DataInputStream in;

  private NodeClient(Socket socket) throws IOException {
    this.socket = socket;
    this.in = new DataInputStream(new BufferedInputStream(socket.getInputStream(), BUFFER));
  }

  /** Connects to a node of this computer. */
  static NodeClient connect(int port) throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
    socket.setTcpNoDelay(true);
    return new NodeClient(socket);
  }

  /** Asks for a page as a fault does, with the fence of its part; returns nanoseconds. */
  long page(byte[] question) throws IOException {
    long began = System.nanoTime();
    socket.getOutputStream().write(question);
    answer();
    return System.nanoTime() - began;
  }

  /** What asks for a page that was written. */
  static byte[] pageQuestion(String prefix, int page, int perPart) {
    String part = "{" + prefix + ":" + Integer.toHexString(page / perPart) + "}";
    return question("MGET", part + "fence", part + Integer.toHexString(page % perPart));
  }

  /** Processor time that the node has used, in nanoseconds. */
  double processorNanos() throws IOException {
    String info = info("cpu");
    return (number(info, "used_cpu_sys") + number(info, "used_cpu_user")) * NANOS;
  }

  /** Memory that the node uses for data, in bytes. */
  double memoryBytes() throws IOException {
    return number(info("memory"), "used_memory");
  }

  /** How many replicas have a link to this node and are in step. */
  boolean hasReplica() throws IOException {
    return info("replication").contains("state=online");
  }

  private String info(String section) throws IOException {
    socket.getOutputStream().write(question("INFO", section));
    return new String(answer(), StandardCharsets.US_ASCII);
  }

  private static double number(String info, String name) throws IOException {
    return info.lines()
        .filter(line -> line.startsWith(name + ":"))
        .mapToDouble(line -> Double.parseDouble(line.substring(name.length() + 1).strip()))
        .findFirst()
        .orElseThrow(() -> new IOException("the node's INFO has no " + name));
  }

  private static byte[] question(String... words) {
    StringBuilder all = new StringBuilder("*" + words.length + "\r\n");
    for (String word : words) {
      all.append('$').append(word.length()).append("\r\n").append(word).append("\r\n");
    }
    return all.toString().getBytes(StandardCharsets.US_ASCII);
  }

  /** Reads an answer, and returns the last string of it. */
  private byte[] answer() throws IOException {
    String line = line();
    int count = line.matches("[$*]-?[0-9]+") ? Integer.parseInt(line.substring(1)) : 0;
    byte[] last = new byte[0];
    switch (line.charAt(0)) {
      case '$' -> {
        if (count < 0) {
          throw new IOException("the node lacks what it was asked for");
        }
        last = in.readNBytes(count);
        in.skipNBytes(2);
      }
      case '*' -> {
        for (int i = 0; i < count; i++) {
          last = answer();
        }
      }
      default -> throw new IOException("the node answered " + line);
    }
    return last;
  }

  private String line() throws IOException {
    byte[] line = new byte[64];
    int length = 0;
    for (int next = in.read(); next != '\n'; next = in.read()) {
      if (next < 0) {
        throw new IOException("the node has closed the connection");
      }
      if (length == line.length) {
        line = Arrays.copyOf(line, 2 * length);
      }
      line[length++] = (byte) next;
    }
    return new String(line, 0, Math.max(0, length - 1), StandardCharsets.US_ASCII);
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
