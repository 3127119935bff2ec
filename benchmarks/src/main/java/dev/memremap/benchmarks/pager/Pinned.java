// SPDX-License-Identifier: Apache-2.0
package dev.memremap.benchmarks.pager;

import dev.memremap.benchmarks.ChildJvm;
import dev.memremap.benchmarks.Probe.Figure;
import dev.memremap.benchmarks.Probe.NotHere;
import dev.memremap.benchmarks.Program;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * Programs that serve and have faults, all on one processor: when they are not pinned, faults take
 * ten times as long or not, as the scheduler has it.
 */
final class Pinned {
  private static final List<String> SOURCES = List.of("pager.c", "valkey.h");

  private Pinned() {}

  /** A command line on that processor. */
  static List<String> line(List<String> words) {
    List<String> line = new ArrayList<>(List.of("taskset", "-c", "0"));
    line.addAll(words);
    return line;
  }

  /** Runs a program of ours there, and returns its figures. */
  static List<Figure> figures(Class<?> main, String... words)
      throws NotHere, IOException, InterruptedException {
    List<String> java = new ArrayList<>();
    java.add(ChildJvm.JAVA);
    java.addAll(ChildJvm.FLAGS);
    java.add("--sun-misc-unsafe-memory-access=allow");
    java.add(main.getName());
    java.addAll(List.of(words));
    ProcessBuilder builder = new ProcessBuilder(line(java)).redirectErrorStream(true);
    builder.environment().put("CLASSPATH", System.getProperty("java.class.path"));
    Process child = start(builder, "taskset");
    try {
      String said = new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      int status = child.waitFor();
      if (status != 0) {
        throw new IOException(
            "it ended with status %d and said: %s".formatted(status, said.strip()));
      }
      return Program.figures(said);
    } finally {
      child.destroyForcibly();
    }
  }

  /** Compiles the peer in C. */
  static Path peer(Path folder) throws NotHere, IOException, InterruptedException {
    for (String each : SOURCES) {
      try (InputStream in =
          Objects.requireNonNull(
              Pinned.class.getResourceAsStream("/dev/memremap/benchmarks/pager/" + each))) {
        Files.copy(in, folder.resolve(each));
      }
    }
    Path program = folder.resolve("pager");
    String source = folder.resolve(SOURCES.getFirst()).toString();
    ProcessBuilder builder =
        new ProcessBuilder("cc", "-O2", "-o", program.toString(), source).redirectErrorStream(true);
    Process compiler = start(builder, "cc");
    String said = new String(compiler.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (compiler.waitFor() != 0) {
      throw new IOException("cc could not compile pager.c: " + said.strip());
    }
    return program;
  }

  private static Process start(ProcessBuilder builder, String needs)
      throws NotHere, InterruptedException {
    try {
      return ChildJvm.start(builder);
    } catch (IOException e) {
      throw new NotHere("the peer is a program in C, pinned to a processor: install " + needs);
    }
  }

  /** Deletes a folder with all that is in it. */
  static void delete(Path folder) throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path each : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(each);
      }
    }
  }
}
