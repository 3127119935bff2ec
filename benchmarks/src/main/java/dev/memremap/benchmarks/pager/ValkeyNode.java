// SPDX-License-Identifier: Apache-2.0
package dev.memremap.benchmarks.pager;

import dev.memremap.benchmarks.ChildJvm;
import dev.memremap.benchmarks.Probe.NotHere;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A node of Valkey on loopback, on the processor that all else is pinned to, which saves nothing.
 *
 * <p>Thread safety: one thread's.
 */
final class ValkeyNode implements AutoCloseable {
  /** Names the program, where it is not where {@code valkey/fetch-servers} puts it. */
  private static final String VARIABLE = "MEMREMAP_VALKEY_SERVER";

  private static final String FETCHED = "memremap/servers/valkey";
  private static final int PATIENCE_MILLIS = 20_000;
  private static final int PAUSE_MILLIS = 10;

  private final Process process;
  private final int port;

  private ValkeyNode(Process process, int port) {
    this.process = process;
    this.port = port;
  }

  /**
   * Starts one, and returns when it answers.
   *
   * @throws NotHere if the program is not on this computer
   */
  static ValkeyNode start(Path folder) throws NotHere, IOException, InterruptedException {
    return start(folder, List.of());
  }

  /**
   * Starts a replica, and returns when it answers, though it may not have its master's data yet.
   *
   * @param folder one of its own
   * @param master the port of its master
   */
  static ValkeyNode replica(Path folder, int master)
      throws NotHere, IOException, InterruptedException {
    return start(folder, List.of("--replicaof", "127.0.0.1 " + master));
  }

  private static ValkeyNode start(Path folder, List<String> more)
      throws NotHere, IOException, InterruptedException {
    Path program = program();
    int port = freePort();
    List<String> words = new ArrayList<>(List.of(program.toString(), "--port", "" + port));
    words.addAll(List.of("--bind", "127.0.0.1", "--save", "", "--appendonly", "no"));
    words.addAll(List.of("--dir", folder.toString(), "--repl-diskless-sync-delay", "0"));
    words.addAll(more);
    ProcessBuilder builder =
        new ProcessBuilder(Pinned.line(words))
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("valkey.log").toFile());
    String libraries = libraries(program);
    if (!libraries.isEmpty()) {
      builder.environment().put("LD_LIBRARY_PATH", libraries);
    }
    ValkeyNode node = new ValkeyNode(ChildJvm.start(builder), port);
    try {
      node.awaitAnswer(folder.resolve("valkey.log"));
      return node;
    } catch (IOException | InterruptedException e) {
      node.close();
      throw e;
    }
  }

  private static Path program() throws NotHere {
    String named = System.getenv(VARIABLE);
    if (named != null && !named.isEmpty()) {
      return Path.of(named);
    }
    Path fetched = cache().resolve(FETCHED).resolve("usr/bin/valkey-server");
    if (Files.isExecutable(fetched)) {
      return fetched;
    }
    for (String folder : System.getenv().getOrDefault("PATH", "").split(File.pathSeparator, -1)) {
      Path program = Path.of(folder, "valkey-server");
      if (!folder.isEmpty() && Files.isExecutable(program)) {
        return program;
      }
    }
    throw new NotHere(
        "Valkey is not on this computer: valkey/fetch-servers unpacks it, or name its server by "
            + VARIABLE);
  }

  private static Path cache() {
    String cache = System.getenv("XDG_CACHE_HOME");
    return cache == null || cache.isEmpty()
        ? Path.of(System.getProperty("user.home"), ".cache")
        : Path.of(cache);
  }

  /** Those that were unpacked beside it; else the system finds its own. */
  private static String libraries(Path program) throws IOException {
    Path root = cache().resolve(FETCHED);
    if (!program.startsWith(root) || !Files.isDirectory(root.resolve("usr/lib"))) {
      return "";
    }
    try (var all = Files.list(root.resolve("usr/lib"))) {
      return String.join(
          File.pathSeparator,
          all.filter(each -> each.getFileName().toString().endsWith("-linux-gnu"))
              .map(Path::toString)
              .toList());
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private void awaitAnswer(Path log) throws IOException, InterruptedException {
    long end = System.nanoTime() + PATIENCE_MILLIS * 1_000_000L;
    while (!answers()) {
      if (!process.isAlive() || System.nanoTime() > end) {
        throw new IOException("Valkey does not answer: " + Files.readString(log).strip());
      }
      Thread.sleep(PAUSE_MILLIS);
    }
  }

  private boolean answers() {
    try (Socket socket = new Socket()) {
      socket.connect(
          new InetSocketAddress(InetAddress.getLoopbackAddress(), port), PATIENCE_MILLIS);
      socket.setSoTimeout(PATIENCE_MILLIS);
      socket.getOutputStream().write("PING\r\n".getBytes(StandardCharsets.US_ASCII));
      return socket.getInputStream().read() == '+';
    } catch (IOException e) {
      return false;
    }
  }

  /** Where it listens. */
  int port() {
    return port;
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
