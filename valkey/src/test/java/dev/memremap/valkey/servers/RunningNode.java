// SPDX-License-Identifier: Apache-2.0
package dev.memremap.valkey.servers;

import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

/**
 * A node on loopback, with a folder of its own. It ends when it is closed, and when the JVM that
 * started it ends, however that ends.
 */
public final class RunningNode implements AutoCloseable {
  private static final int FIRST_PORT = 10_000;
  private static final int PORTS = 20_000;

  /** A cluster's nodes speak to each other at a port that is so much higher. */
  private static final int BUS = 10_000;

  private static final int TRIES = 20;
  private static final int PATIENCE_MILLIS = 20_000;

  private final Engine engine;
  private final Path folder;
  private final int port;
  private final List<String> options;
  private Process shell;
  private long pid;

  private RunningNode(Engine engine, Path folder, int port, List<String> options) {
    this.engine = engine;
    this.folder = folder;
    this.port = port;
    this.options = options;
  }

  /**
   * Starts one, and returns when it answers.
   *
   * @param options as on its command line
   */
  public static RunningNode start(Engine engine, Path folder, String... options)
      throws IOException, InterruptedException {
    for (int i = 1; ; i++) {
      Path own = Files.createTempDirectory(folder, "node-");
      RunningNode node = new RunningNode(engine, own, freePort(), List.of(options));
      try {
        node.run();
        return node;
      } catch (IOException e) {
        node.close();
        if (i == TRIES) {
          throw e;
        }
      }
    }
  }

  /** A port that is free, and so is that of its bus. */
  public static int freePort() throws IOException {
    while (true) {
      int port = FIRST_PORT + ThreadLocalRandom.current().nextInt(PORTS);
      InetAddress here = InetAddress.getLoopbackAddress();
      try (ServerSocket one = new ServerSocket(port, 1, here);
          ServerSocket bus = new ServerSocket(port + BUS, 1, here)) {
        return one.getLocalPort();
      } catch (IOException e) {
        // another one
      }
    }
  }

  /**
   * Starts it, or starts it again after it was killed, with what its folder has.
   *
   * @param more options for this time alone
   */
  public void run(String... more) throws IOException, InterruptedException {
    List<String> line = new ArrayList<>();
    // when the pipe from this JVM ends, so does the node
    line.addAll(
        List.of("sh", "-c", "\"$@\" >>log 2>&1 </dev/null & echo $!; cat; kill -9 $!", "sh"));
    line.add(engine.server().toString());
    if (options.contains("--sentinel")) {
      Path file = folder.resolve("sentinel.conf"); // it writes down there what it learns
      if (!Files.exists(file)) {
        Files.createFile(file);
      }
      line.add(file.toString());
    }
    line.addAll(List.of("--port", "" + port, "--bind", "127.0.0.1", "--dir", folder.toString()));
    if (!options.contains("--sentinel")) {
      line.addAll(List.of("--repl-diskless-sync-delay", "0"));
      if (!options.contains("--save")) {
        line.addAll(List.of("--save", ""));
      }
    }
    line.addAll(options);
    line.addAll(List.of(more));
    ProcessBuilder builder = new ProcessBuilder(line).directory(folder.toFile());
    builder.environment().put("LD_LIBRARY_PATH", engine.libraries());
    builder.redirectError(ProcessBuilder.Redirect.DISCARD);
    shell = builder.start();
    BufferedReader out = shell.inputReader(StandardCharsets.UTF_8);
    pid = Long.parseLong(out.readLine());
    long end = System.nanoTime() + PATIENCE_MILLIS * 1_000_000L;
    while (!answers()) {
      boolean ended = ProcessHandle.of(pid).isEmpty();
      if (ended || System.nanoTime() > end) {
        throw new IOException("a node does not answer: " + Files.readString(folder.resolve("log")));
      }
      Thread.sleep(5);
    }
  }

  private boolean answers() {
    try {
      String answer = ask("PING");
      return answer.equals("PONG") || answer.contains("NOAUTH") || answer.startsWith("LOADING");
    } catch (IOException e) {
      return false;
    }
  }

  /** The place where it listens. */
  public int port() {
    return port;
  }

  /** Its address and port. */
  public String address() {
    return "127.0.0.1:" + port;
  }

  /** Its folder. */
  public Path folder() {
    return folder;
  }

  /** Whether its process lives. */
  public boolean isAlive() {
    return ProcessHandle.of(pid).isPresent();
  }

  /** Kills it, as kill -9 does. */
  public void kill() throws IOException, InterruptedException {
    signal("KILL");
    while (ProcessHandle.of(pid).isPresent()) {
      Thread.sleep(1);
    }
  }

  /** Sends a signal, such as STOP and CONT. */
  public void signal(String name) throws IOException, InterruptedException {
    new ProcessBuilder("kill", "-" + name, "" + pid).start().waitFor();
  }

  /**
   * Ends its replicas' links, and takes no new one. A replica that is refused asks in an older way,
   * SYNC, by which it counts its offset from another start than its master does; that way is closed
   * for good.
   */
  public void refuseReplicas() throws IOException {
    ask("ACL", "SETUSER", "default", "-psync", "-sync");
    ask("CLIENT", "KILL", "TYPE", "replica");
  }

  /** Takes its replicas again. */
  public void takeReplicas() throws IOException {
    ask("ACL", "SETUSER", "default", "+psync");
  }

  /** Says something to it over a connection of its own, and returns what it answers, as text. */
  public String ask(String... words) throws IOException {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1_000);
      socket.setSoTimeout(PATIENCE_MILLIS);
      ByteArrayOutputStream all = new ByteArrayOutputStream();
      all.writeBytes(bytes("*" + words.length + "\r\n"));
      for (String word : words) {
        byte[] bytes = bytes(word);
        all.writeBytes(bytes("$" + bytes.length + "\r\n"));
        all.writeBytes(bytes);
        all.writeBytes(bytes("\r\n"));
      }
      socket.getOutputStream().write(all.toByteArray());
      return answer(socket.getInputStream());
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static String answer(InputStream in) throws IOException {
    String line = line(in);
    String rest = line.substring(1);
    return switch (line.charAt(0)) {
      case '$' -> {
        int length = Integer.parseInt(rest);
        if (length < 0) {
          yield "";
        }
        String text = new String(in.readNBytes(length), StandardCharsets.UTF_8);
        in.readNBytes(2);
        yield text;
      }
      case '*' -> {
        List<String> all = new ArrayList<>();
        for (int i = Integer.parseInt(rest); i > 0; i--) {
          all.add(answer(in));
        }
        yield String.join("\n", all);
      }
      default -> rest;
    };
  }

  private static String line(InputStream in) throws IOException {
    StringBuilder line = new StringBuilder();
    for (int next = in.read(); next != '\n'; next = in.read()) {
      if (next < 0) {
        throw new IOException("the node has closed the connection");
      }
      if (next != '\r') {
        line.append((char) next);
      }
    }
    return line.toString();
  }

  @Override
  public void close() {
    if (shell != null) {
      try {
        shell.getOutputStream().close();
        shell.waitFor();
      } catch (IOException e) {
        shell.destroyForcibly();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
