// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager.internal.process;

import dev.memremap.pager.internal.link.SocketFolder;
import dev.memremap.pager.internal.state.Settings;
import dev.memremap.pager.internal.sys.Syscalls;
import dev.memremap.pager.internal.sys.UnixSocket;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.CodeSource;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/**
 * Starts a process of a remote memory, and hands it what all of them share. Only the process that
 * was started gets it: the socket lies in a folder of this user's, is used once, and names its
 * peer.
 */
public final class PagerProcess {
  private static final int PATIENCE_MILLIS = 30_000;
  private static final int LOOK_MILLIS = 100;

  /** Newer JDKs may not know the option, and a JVM that is told an unknown one does not start. */
  private static final int LAST_WITH_UNSAFE = 26;

  private static final long HEAP_OF_GUARDIAN = 16L << 20;
  private static final long HEAP_OF_WORKER = 64L << 20;

  /** Three queues of numbers, of which each may be more than half empty. */
  private static final long HEAP_OF_PAGE = 24;

  private PagerProcess() {}

  /** Starts a guardian. */
  public static Process guardian(Syscalls calls, Settings settings, SharedFiles files)
      throws IOException {
    return guardian(calls, settings, files, Surroundings.own(settings.folder()));
  }

  /** Starts a guardian in other surroundings than those of this process. */
  static Process guardian(
      Syscalls calls, Settings settings, SharedFiles files, Surroundings surroundings)
      throws IOException {
    List<String> program = List.of("-XX:TieredStopAtLevel=1", Guardian.class.getName());
    return start(calls, settings, files, program, HEAP_OF_GUARDIAN, surroundings);
  }

  /** Starts what is going to be the worker, or to wait until the lock is free. */
  static Process worker(Syscalls calls, Settings settings, SharedFiles files) throws IOException {
    long heap = HEAP_OF_WORKER + settings.residentPages() * HEAP_OF_PAGE;
    List<String> program = List.of(settings.workerMain());
    return start(calls, settings, files, program, heap, Surroundings.own(settings.folder()));
  }

  private static Process start(
      Syscalls calls,
      Settings settings,
      SharedFiles files,
      List<String> program,
      long heapBytes,
      Surroundings surroundings)
      throws IOException {
    if (surroundings.owner() == null) {
      SocketFolder.keep(surroundings.meeting());
    }
    // short: the whole name of a socket has at most 107 bytes
    Path socket = surroundings.meeting().resolve(UUID.randomUUID().toString().substring(0, 8));
    try (UnixSocket listening = UnixSocket.listen(calls, socket)) {
      if (surroundings.owner() != null) {
        Files.setAttribute(socket, "unix:uid", surroundings.owner());
      }
      Process process = builder(settings, program, heapBytes, surroundings, socket).start();
      try {
        give(listening, process, files);
        return process;
      } catch (IOException | RuntimeException e) {
        process.destroyForcibly();
        throw e;
      }
    } finally {
      Files.deleteIfExists(socket);
    }
  }

  private static ProcessBuilder builder(
      Settings settings,
      List<String> program,
      long heapBytes,
      Surroundings surroundings,
      Path socket) {
    List<String> line = new ArrayList<>(surroundings.prefix());
    line.add(surroundings.java().toString());
    line.add("-XX:+UseSerialGC");
    line.add("-Xms8m");
    line.add("-Xmx" + (heapBytes >> 10) + "k");
    line.add("-Xss512k");
    // a terminal's or a service's signals are the application's alone
    line.add("-Xrs");
    line.add("-XX:-UsePerfData");
    line.addAll(ofModule());
    if (Runtime.version().feature() <= LAST_WITH_UNSAFE) {
      // or the JVM warns of a store's library (netty) on the application's standard error
      line.add("--sun-misc-unsafe-memory-access=allow");
    }
    line.addAll(program);
    line.add(socket.toString());
    ProcessBuilder builder =
        new ProcessBuilder(line)
            .redirectInput(Redirect.from(Path.of("/dev/null").toFile()))
            .redirectOutput(Redirect.DISCARD)
            .redirectError(surroundings.errors())
            .directory(surroundings.folder());
    builder.environment().clear();
    builder.environment().putAll(surroundings.environment());
    // options meant for the application would change the pager's heap and collector, too
    builder.environment().keySet().removeIf(PagerProcess::isOption);
    builder.environment().put("CLASSPATH", settings.classPath());
    builder.environment().put("MALLOC_ARENA_MAX", "2");
    return builder;
  }

  /** In an image that jlink has made our classes are a module's, also beside a class path. */
  private static List<String> ofModule() {
    CodeSource source = PagerProcess.class.getProtectionDomain().getCodeSource();
    if (source == null || !source.getLocation().getProtocol().equals("jrt")) {
      return List.of("--enable-native-access=ALL-UNNAMED");
    }
    String name = PagerProcess.class.getModule().getName();
    return List.of(
        "--enable-native-access=ALL-UNNAMED," + name,
        // HdrHistogram is on the class path
        "--add-reads=%s=ALL-UNNAMED".formatted(name));
  }

  private static boolean isOption(String name) {
    return name.equals("JAVA_TOOL_OPTIONS")
        || name.equals("JDK_JAVA_OPTIONS")
        || name.equals("_JAVA_OPTIONS");
  }

  private static void give(UnixSocket listening, Process process, SharedFiles files)
      throws IOException {
    for (int waited = 0; waited < PATIENCE_MILLIS; waited += LOOK_MILLIS) {
      if (listening.await(LOOK_MILLIS)) {
        try (UnixSocket peer = listening.accept()) {
          if (peer.peer() == process.pid()) {
            peer.send((byte) 1, files.all());
            return;
          }
        }
      } else if (!process.isAlive()) {
        throw new IOException(
            "a process of the pager ended at its start with status %d; its own words are on standard error"
                .formatted(process.exitValue()));
      }
    }
    throw new IOException(
        "a process of the pager did not begin within %,d ms".formatted(PATIENCE_MILLIS));
  }

  /** Takes what the process that started this one hands over. */
  static SharedFiles take(Syscalls calls, Path socket) throws IOException {
    try (UnixSocket parent = UnixSocket.connect(calls, socket)) {
      return SharedFiles.of(parent.receive(SharedFiles.NAMES));
    }
  }

  /** Leaves the terminal and the signals that are meant for the application. */
  static void standApart(Syscalls calls) {
    calls.setsid();
    for (int signal : List.of(1, 2, 15)) {
      calls.ignoreSignal(signal);
    }
  }
}
