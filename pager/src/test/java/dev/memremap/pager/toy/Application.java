// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager.toy;

import dev.memremap.pager.RemoteMemory;
import dev.memremap.pager.RemoteMemoryOption;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A program with a remote memory for each file that it is started with. It has stored a number in
 * each page, and does what it is told line by line: {@code read} looks at all of them, {@code
 * write} stores the next numbers, {@code gc} collects garbage from then on, {@code close} closes
 * the memories.
 */
public final class Application {
  /** How many pages each memory has: more than may be in memory at once. */
  public static final int PAGES = 128;

  private static final int PAGE = 4096;

  private Application() {}

  /** How a test starts one and speaks to it. */
  public static final class Running implements AutoCloseable {
    private final Process process;
    private final BufferedReader out;

    private Running(Process process) {
      this.process = process;
      this.out = process.inputReader(StandardCharsets.UTF_8);
    }

    /** Starts one, and returns when its memories are open. */
    public static Running start(Path... files) throws IOException {
      return start(List.of(), System.getProperty("java.class.path"), files);
    }

    /**
     * Starts one with words before its command line, such as those that change the user, and
     * returns when its memories are open.
     */
    public static Running start(List<String> prefix, String classPath, Path... files)
        throws IOException {
      List<String> line = new ArrayList<>(prefix);
      line.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
      line.addAll(List.of("-XX:+UseSerialGC", "-Xmx64m", "--enable-native-access=ALL-UNNAMED"));
      line.addAll(List.of("-cp", classPath));
      line.add(Application.class.getName());
      for (Path file : files) {
        line.add(file.toString());
      }
      Running running =
          new Running(
              new ProcessBuilder(line).redirectError(ProcessBuilder.Redirect.INHERIT).start());
      running.answered("open");
      return running;
    }

    /** Tells it something. */
    public void tell(String word) throws IOException {
      process.getOutputStream().write((word + "\n").getBytes(StandardCharsets.UTF_8));
      process.getOutputStream().flush();
    }

    /** Waits for the end of what it was told. */
    public void answered(String expected) throws IOException {
      String line = out.readLine();
      if (!expected.equals(line)) {
        throw new AssertionError("expected '%s', and it said '%s'".formatted(expected, line));
      }
    }

    /** Returns whether it has said something that was not read. */
    public boolean hasAnswered() throws IOException {
      return out.ready();
    }

    /** Returns its number. */
    public long pid() {
      return process.pid();
    }

    @Override
    public void close() {
      process.destroyForcibly();
    }
  }

  /** Runs it. */
  @SuppressWarnings("SystemOut")
  public static void main(String... files) throws IOException {
    RemoteMemoryOption resident = RemoteMemory.resident(32L * PAGE);
    List<RemoteMemory> memories = new ArrayList<>();
    for (String file : files) {
      memories.add(
          RemoteMemory.open(new ToyStore.Location(Path.of(file)), (long) PAGES * PAGE, resident));
    }
    int added = 1;
    memories.forEach(memory -> write(memory.segment(), 1));
    System.out.println("open");
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String word = in.readLine(); word != null; word = in.readLine()) {
      int now = added;
      switch (word) {
        case "read" -> memories.forEach(memory -> read(memory.segment(), now));
        case "write" -> {
          added++;
          int next = added;
          memories.forEach(memory -> write(memory.segment(), next));
        }
        case "gc" -> Thread.ofPlatform().daemon().start(Application::collect);
        default -> memories.forEach(RemoteMemory::close);
      }
      System.out.println(word);
    }
  }

  /** Has the JVM want a safepoint all the time, at which it stands while a fault waits. */
  private static void collect() {
    while (true) {
      System.gc();
    }
  }

  private static void write(MemorySegment all, int added) {
    for (int page = 0; page < PAGES; page++) {
      all.set(ValueLayout.JAVA_LONG, (long) page * PAGE, page + added);
    }
  }

  private static void read(MemorySegment all, int added) {
    for (int page = 0; page < PAGES; page++) {
      long value = all.get(ValueLayout.JAVA_LONG, (long) page * PAGE);
      if (value != page + added) {
        throw new AssertionError("page %d has %d".formatted(page, value));
      }
    }
  }
}
