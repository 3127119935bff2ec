// SPDX-License-Identifier: Apache-2.0
package dev.memremap.conformance;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.function.Consumer;
import java.util.regex.Pattern;

/**
 * The script {@code fetch-kernel}, which comes with this module, run by bash. It gets the script as
 * an argument, and what the script unpacks goes with it: if this JVM ends, nothing is left half
 * done.
 *
 * <p>Thread safety: for one thread; the progress is told from another while that one waits.
 */
final class KernelFetch {
  private static final String SCRIPT = "fetch-kernel";

  /** How a line begins that can say why it failed: the script's own, and apt's. */
  private static final Pattern REASON = Pattern.compile("(" + SCRIPT + "|E): ");

  private final Consumer<String> progress;
  private final List<String> shell;

  /**
   * Nothing runs yet.
   *
   * @param progress told what the script and apt say, a line at a time
   */
  KernelFetch(Consumer<String> progress) {
    this(progress, List.of("bash", "-c"));
  }

  /** With another program, whose last arguments are the script's text, its name and the series. */
  KernelFetch(Consumer<String> progress, List<String> shell) {
    this.progress = progress;
    this.shell = shell;
  }

  /**
   * Fetches the newest kernel of a series, its headers too.
   *
   * @return the directory it was unpacked into
   * @throws GuestUnavailableException if it could not be; the sentence is the script's own
   */
  Path run(String series) throws InterruptedException {
    try {
      return run(start(script(), series), series);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String script() throws IOException {
    try (InputStream text = KernelFetch.class.getResourceAsStream(SCRIPT)) {
      return new String(
          Objects.requireNonNull(text, SCRIPT).readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private Path run(Process process, String series) throws IOException, InterruptedException {
    Thread atExit = new Thread(() -> end(process), SCRIPT + "-end");
    Runtime.getRuntime().addShutdownHook(atExit);
    try {
      process.getOutputStream().close();
      FutureTask<String> said = new FutureTask<>(() -> listen(process));
      Thread.ofVirtual().name(SCRIPT).start(said);
      String last = said.get();
      String directory =
          new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
      if (process.waitFor() != 0 || directory.isEmpty()) {
        throw new GuestUnavailableException(
            "kernel %s could not be fetched: %s".formatted(series, reason(last)));
      }
      if (REASON.matcher(last).lookingAt()) {
        progress.accept(last);
      }
      return Path.of(directory);
    } catch (ExecutionException e) {
      throw new IllegalStateException("The progress could not be told", e.getCause());
    } finally {
      end(process);
      removeHook(atExit);
    }
  }

  /** It leaves nothing half done: what it unpacks takes its place last. */
  private static void end(Process process) {
    process.descendants().forEach(ProcessHandle::destroy);
    process.destroy();
  }

  private static void removeHook(Thread hook) {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // the JVM is on its way out, and the hook runs
      return;
    }
  }

  private Process start(String script, String series) {
    List<String> command = new ArrayList<>(shell);
    command.addAll(List.of(script, SCRIPT, series));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().put("XDG_CACHE_HOME", GuestKernel.userCache().toString());
    try {
      return builder.start();
    } catch (IOException e) {
      throw new GuestUnavailableException(
          "kernel %s cannot be fetched without %s, which does not start here"
              .formatted(series, shell.getFirst()));
    }
  }

  /**
   * Passes on what it says, to the end; its last words, which say why if it failed. Words that may
   * be those are passed on when others follow: the last ones are for the reader who is told how it
   * ended.
   */
  private String listen(Process process) throws IOException {
    String last = "";
    boolean isTold = true;
    try (BufferedReader lines = process.errorReader(StandardCharsets.UTF_8)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (line.isBlank()) {
          continue;
        }
        if (!isTold) {
          progress.accept(last);
        }
        last = line;
        isTold = !REASON.matcher(line).lookingAt();
        if (isTold) {
          progress.accept(line);
        }
      }
    }
    return last;
  }

  private static String reason(String last) {
    return last.isEmpty()
        ? "it did not say why"
        : last.strip().replaceFirst("^" + SCRIPT + ": ", "");
  }
}
