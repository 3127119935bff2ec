// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager.hammer;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A JVM with a remote memory, started for a test, and what can be seen of it from outside. */
public final class HammeredJvm implements AutoCloseable {
  private final Process process;
  private final List<String> said = Collections.synchronizedList(new ArrayList<>());
  private final Thread reader;

  private HammeredJvm(Process process) {
    this.process = process;
    this.reader = Thread.ofPlatform().daemon().start(this::read);
  }

  private void read() {
    try (BufferedReader out =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      for (String line = out.readLine(); line != null; line = out.readLine()) {
        said.add(line);
      }
    } catch (IOException e) {
      said.add(e.toString());
    }
  }

  /**
   * Starts one.
   *
   * @param jvmOptions before the class
   */
  public static HammeredJvm start(List<String> jvmOptions, Class<?> main, Object... arguments)
      throws IOException {
    return start(List.of(), jvmOptions, main, arguments);
  }

  /**
   * Starts one with words before its command line, of a program that becomes it.
   *
   * @param jvmOptions before the class
   */
  static HammeredJvm start(
      List<String> prefix, List<String> jvmOptions, Class<?> main, Object... arguments)
      throws IOException {
    List<String> line = new ArrayList<>(prefix);
    line.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    line.add("--enable-native-access=ALL-UNNAMED");
    line.addAll(jvmOptions);
    line.add(main.getName());
    for (Object argument : arguments) {
      line.add(argument.toString());
    }
    ProcessBuilder builder = new ProcessBuilder(line).redirectErrorStream(true);
    builder.environment().put("CLASSPATH", System.getProperty("java.class.path"));
    return new HammeredJvm(builder.start());
  }

  /** Tells it a line. */
  public void tell(String line) throws IOException {
    process.getOutputStream().write((line + "\n").getBytes(StandardCharsets.UTF_8));
    process.getOutputStream().flush();
  }

  /** Ends its standard input, which tells it to end. */
  public void tellToEnd() throws IOException {
    process.getOutputStream().close();
  }

  /** Kills it: {@code kill -9}. */
  public void kill() {
    process.destroyForcibly();
  }

  /** Its process. */
  public long pid() {
    return process.pid();
  }

  /** Whether it runs. */
  public boolean isAlive() {
    return process.isAlive();
  }

  /** All that it and its pager have said so far. */
  public String said() {
    synchronized (said) {
      return String.join("\n", said);
    }
  }

  /** Waits until it has said a line, or has ended. */
  public void await(String line) throws InterruptedException {
    while (!said.contains(line) && process.isAlive()) {
      Thread.sleep(5);
    }
  }

  /**
   * Waits for its end.
   *
   * @return its status; -1 if it does not end in time
   */
  public int end(int seconds) throws InterruptedException {
    if (!process.waitFor(seconds, TimeUnit.SECONDS)) {
      return -1;
    }
    reader.join(1_000);
    return process.exitValue();
  }

  /** Kills a process of the pager of this JVM: {@code Worker} or {@code Guardian}. */
  public boolean kill(String role) throws IOException {
    boolean killed = false;
    for (long pid : pagers(role)) {
      killed |= ProcessHandle.of(pid).map(ProcessHandle::destroyForcibly).orElse(false);
    }
    return killed;
  }

  /** The processes of the pager that run a class. */
  public List<Long> pagers(String role) throws IOException {
    List<Long> found = new ArrayList<>();
    String folder = folder();
    try (Stream<ProcessHandle> all = ProcessHandle.allProcesses()) {
      for (ProcessHandle each : all.toList()) {
        try {
          String line =
              Files.readString(Path.of("/proc/%d/cmdline".formatted(each.pid())))
                  .replace('\0', ' ');
          if (line.contains("." + role + " ") && !folder.isEmpty() && line.contains(folder)) {
            found.add(each.pid());
          }
        } catch (IOException e) {
          // it has ended
        }
      }
    }
    return found;
  }

  /** The folder of its memory's sockets, as its guardian was told. */
  private String folder() {
    for (ProcessHandle child : process.descendants().toList()) {
      try {
        String line =
            Files.readString(Path.of("/proc/%d/cmdline".formatted(child.pid()))).replace('\0', ' ');
        int at = line.indexOf("/memremap-pager-");
        if (at >= 0) {
          remembered = line.substring(at, line.indexOf('/', at + 1));
        }
      } catch (IOException e) {
        // it has ended
      }
    }
    return remembered;
  }

  private String remembered = "";

  /** How many bytes of memory its remote memory has now; 0 once it has ended. */
  public long residentBytes() throws IOException, InterruptedException {
    try (Stream<Path> all = Files.list(Path.of("/proc/%d/fd".formatted(pid())))) {
      for (Path each : all.toList()) {
        if (target(each).startsWith("/memfd:remote-memory")) {
          Process stat =
              new ProcessBuilder("stat", "-L", "-c", "%b", each.toString())
                  .redirectErrorStream(true)
                  .start();
          String blocks = new String(stat.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
          return stat.waitFor() == 0 ? Long.parseLong(blocks.strip()) * 512 : 0;
        }
      }
    } catch (NoSuchFileException e) {
      return 0;
    }
    return 0;
  }

  /** What is behind a descriptor; empty if it is closed by now. */
  private static String target(Path link) throws IOException {
    try {
      return Files.readSymbolicLink(link).toString();
    } catch (NoSuchFileException e) {
      return "";
    }
  }

  @Override
  public void close() throws IOException {
    String folder = folder();
    process.destroyForcibly();
    if (!folder.isEmpty()) {
      kill("Guardian");
      kill("Worker");
    }
  }
}
