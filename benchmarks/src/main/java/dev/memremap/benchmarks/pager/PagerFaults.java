// SPDX-License-Identifier: Apache-2.0
package dev.memremap.benchmarks.pager;

import dev.memremap.benchmarks.ChildJvm;
import dev.memremap.benchmarks.Probe;
import dev.memremap.benchmarks.Program;
import dev.memremap.benchmarks.Subject;
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
 * Faults of one application, served by our pager, by a loop in Java without the page map, and by
 * one in C, each with all its processes on one processor: an unpinned pager's faults take ten times
 * as long or not, as the scheduler has it.
 *
 * <p>Thread safety: immutable.
 *
 * @param server whose faults: one of {@link FaultingApp}'s
 */
public record PagerFaults(String server) implements Probe {
  /** A figure of this server. */
  public Subject figure(String name) {
    return new Subject.Probed(this, name);
  }

  @Override
  public String name() {
    return "pager " + server;
  }

  @Override
  public List<Figure> measure(boolean quick) throws NotHere, IOException, InterruptedException {
    Path folder = Files.createTempDirectory("memremap-bench-pager-");
    try {
      Path peer = compile(folder);
      List<String> line = new ArrayList<>();
      line.addAll(List.of("taskset", "-c", "0", ChildJvm.JAVA));
      line.addAll(ChildJvm.FLAGS);
      line.addAll(List.of(FaultingApp.class.getName(), server));
      line.addAll(List.of(folder.toString(), peer.toString(), quick ? "quick" : "whole"));
      ProcessBuilder builder = new ProcessBuilder(line).redirectErrorStream(true);
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
    } finally {
      delete(folder);
    }
  }

  private static Path compile(Path folder) throws NotHere, IOException, InterruptedException {
    Path source = folder.resolve("pager.c");
    try (InputStream in =
        Objects.requireNonNull(
            PagerFaults.class.getResourceAsStream("/dev/memremap/benchmarks/pager/pager.c"))) {
      Files.copy(in, source);
    }
    Path program = folder.resolve("pager");
    ProcessBuilder builder =
        new ProcessBuilder("cc", "-O2", "-o", program.toString(), source.toString())
            .redirectErrorStream(true);
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

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path each : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(each);
      }
    }
  }
}
