// SPDX-License-Identifier: Apache-2.0
package dev.memremap.conformance;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A new directory that is removed when it is closed or when this JVM ends, {@code kill -9}
 * included, and a process in it that is killed first.
 *
 * <p>Thread safety: any thread may call any method; {@code closed} and {@code process} are
 * volatile, all else final.
 */
public final class ScratchDirectory implements AutoCloseable {
  // A watcher, in a session of its own where no signal for this JVM's process group reaches it,
  // makes the directory and reads a pipe that this JVM alone holds. When the pipe ends, for
  // whatever reason, the watcher kills the process and removes the directory: an orderly end and a
  // kill -9 go the same way.

  /** Arguments: busybox, and the directory's path up to its random end. */
  private static final String WATCHER =
      """
      trap '' INT TERM HUP
      busybox=$1
      directory=$("$busybox" mktemp -d "$2.XXXXXX") || exit
      echo "$directory"
      exec >/dev/null 2>&1
      cd /

      # the id may belong to another process by now; a shell reads a command line without its NULs
      is_ours() {
        while read -r words || [ -n "$words" ]; do
          case $words in *"$directory"*) return 0 ;; esac
        done <"/proc/$1/cmdline"
        return 1
      }

      while read -r line; do :; done
      # a process writes its id in here before it starts, and under the old name it cannot any more
      "$busybox" mv "$directory" "$directory.end"
      if read -r process <"$directory.end/process"; then
        tries=0
        while is_ours "$process" && [ $tries -lt 100 ]; do
          kill -9 "-$process"
          tries=$((tries + 1))
          "$busybox" sleep 0.1
        done
      fi
      tries=0
      # what that process started may write for a moment yet
      until "$busybox" rm -rf "$directory.end" || [ $tries = 100 ]; do
        tries=$((tries + 1))
        "$busybox" sleep 0.1
      done
      """;

  /** Arguments: the directory, busybox, and the command. */
  private static final String START =
      """
      echo $$ >"$1/process.new" && "$2" mv "$1/process.new" "$1/process" && shift 2 && exec "$@"
      """;

  private final Path path;
  private final Path busybox;
  private final Process watcher;
  private final Thread atExit;
  private volatile boolean closed;
  private volatile @Nullable Process process;

  private ScratchDirectory(Path path, Path busybox, Process watcher) {
    this.path = path;
    this.busybox = busybox;
    this.watcher = watcher;
    atExit = new Thread(this::end, "remove-" + path.getFileName());
  }

  /**
   * Makes one among the system's temporary files.
   *
   * @param name what its own name begins with
   * @throws GuestUnavailableException if busybox, which removes it, is missing or does not run
   * @throws IOException if it cannot be made
   */
  public static ScratchDirectory create(String name) throws IOException {
    return create(Path.of(System.getProperty("java.io.tmpdir")), name);
  }

  static ScratchDirectory create(Path parent, String name) throws IOException {
    return create(HostTools.findBusybox(), parent, name);
  }

  static ScratchDirectory create(Path busybox, Path parent, String name) throws IOException {
    Process watcher = startWatcher(busybox, parent.toAbsolutePath().resolve(name));
    // the reader is not closed: the watcher leaves this pipe by itself
    BufferedReader said = watcher.inputReader();
    String line = said.readLine();
    if (line == null || !Files.isDirectory(Path.of(line))) {
      watcher.destroyForcibly();
      throw new IOException(
          "No directory could be made in %s: %s".formatted(parent, line == null ? "" : line));
    }
    ScratchDirectory directory = new ScratchDirectory(Path.of(line), busybox, watcher);
    try {
      Runtime.getRuntime().addShutdownHook(directory.atExit);
    } catch (IllegalStateException e) {
      directory.end();
      throw new IOException("No directory is made any more: this JVM is about to end", e);
    }
    return directory;
  }

  private static Process startWatcher(Path busybox, Path directory) {
    try {
      String shell = busybox.toString();
      return new ProcessBuilder(
              shell, "setsid", shell, "sh", "-c", WATCHER, "sh", shell, directory.toString())
          .redirectErrorStream(true)
          .start();
    } catch (IOException e) {
      throw new GuestUnavailableException(
          "nothing would remove temporary files if this JVM were killed: %s does not start (%s)"
              .formatted(busybox, e.getMessage()));
    }
  }

  /** Where it is. */
  public Path path() {
    return path;
  }

  /**
   * Starts a command that is killed, with what it starts itself, before the directory is removed.
   * It runs in a session of its own, so that Ctrl-C does not reach it. One command runs at a time.
   *
   * @param command a program by its path, and arguments, one of which names the directory or a file
   *     in it: by that the process is known
   * @param output where standard output and error go
   * @return the command's own process, a child of this JVM
   */
  Process start(List<String> command, ProcessBuilder.Redirect output) throws IOException {
    String shell = busybox.toString();
    List<String> line = new ArrayList<>(List.of(shell, "setsid", shell, "sh", "-c", START, "sh"));
    line.addAll(List.of(path.toString(), shell));
    line.addAll(command);
    Process started =
        new ProcessBuilder(line)
            .redirectInput(new File("/dev/null"))
            .redirectErrorStream(true)
            .redirectOutput(output)
            .start();
    process = started;
    return started;
  }

  /** Whether it was closed, or this JVM is about to end. */
  boolean isClosed() {
    return closed;
  }

  /** Kills the process, removes the directory, and returns when both are gone. */
  @Override
  public void close() {
    end();
    try {
      Runtime.getRuntime().removeShutdownHook(atExit);
    } catch (IllegalStateException e) {
      // the JVM is on its way out, and the hook finds nothing left to do
      return;
    }
  }

  private void end() {
    closed = true;
    try {
      watcher.getOutputStream().close();
      Processes.awaitEnd(watcher);
      // the rest is only for where the watcher was killed
      Process started = process;
      if (started != null) {
        started.destroyForcibly();
      }
      for (Path left : List.of(path, path.resolveSibling(path.getFileName() + ".end"))) {
        if (Files.exists(left)) {
          delete(left);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void delete(Path directory) throws IOException {
    try (Stream<Path> tree = Files.walk(directory)) {
      for (Path file : tree.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    }
  }
}
