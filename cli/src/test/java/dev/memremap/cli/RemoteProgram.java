// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli;

import dev.memremap.pager.RemoteMemory;
import dev.memremap.pager.store.FileStore;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A program with a remote memory for each file that it is started with, of which it has stored into
 * the first pages. It ends with its input, or without a word when it is killed.
 */
final class RemoteProgram implements AutoCloseable {
  static final int PAGES = 256;
  static final int RESIDENT = 64;
  static final int STORED = 20;
  private static final int PAGE = 4096;

  private final Process process;

  private RemoteProgram(Process process) {
    this.process = process;
  }

  /** Starts one, and returns when its memories are open. */
  static RemoteProgram start(Path... files) throws IOException {
    List<String> line = new ArrayList<>();
    line.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    line.addAll(List.of("-XX:+UseSerialGC", "-Xmx64m", "--enable-native-access=ALL-UNNAMED"));
    line.addAll(
        List.of("-cp", System.getProperty("java.class.path"), RemoteProgram.class.getName()));
    for (Path file : files) {
      line.add(file.toString());
    }
    RemoteProgram program =
        new RemoteProgram(
            new ProcessBuilder(line).redirectError(ProcessBuilder.Redirect.INHERIT).start());
    String said = program.process.inputReader(StandardCharsets.UTF_8).readLine();
    if (!"open".equals(said)) {
      throw new AssertionError("it said " + said);
    }
    return program;
  }

  long pid() {
    return process.pid();
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }

  /** Runs it. */
  @SuppressWarnings("SystemOut")
  public static void main(String... files) throws IOException {
    List<RemoteMemory> memories = new ArrayList<>();
    for (String file : files) {
      RemoteMemory memory =
          RemoteMemory.open(
              FileStore.at(Path.of(file)),
              (long) PAGES * PAGE,
              RemoteMemory.resident((long) RESIDENT * PAGE));
      memories.add(memory);
      for (int page = 0; page < STORED; page++) {
        memory.segment().set(ValueLayout.JAVA_LONG, (long) page * PAGE, page);
      }
    }
    System.out.println("open");
    while (System.in.read() >= 0) {
      // what is written there says nothing
    }
    memories.forEach(RemoteMemory::close);
  }
}
