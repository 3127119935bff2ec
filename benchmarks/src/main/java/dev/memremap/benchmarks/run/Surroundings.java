// SPDX-License-Identifier: Apache-2.0
package dev.memremap.benchmarks.run;

import dev.memremap.benchmarks.ChildJvm;
import dev.memremap.benchmarks.version.Repository;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;

/**
 * Where and when was measured, and what.
 *
 * <p>Thread safety: immutable.
 *
 * @param processor its model name
 * @param cores how many the JVM may use
 * @param memoryKib RAM of the computer, in KiB; 0 if unknown
 * @param system the operating system and its release
 * @param jdk the JVM that measures
 * @param flags of that JVM
 * @param commit what is measured, with {@code +} if files differ from it; empty if unknown
 * @param date when it began
 */
public record Surroundings(
    String processor,
    int cores,
    long memoryKib,
    String system,
    String jdk,
    List<String> flags,
    String commit,
    Instant date) {
  /** Here and now. */
  public static Surroundings here() {
    return new Surroundings(
        field("/proc/cpuinfo", "model name").orElse(System.getProperty("os.arch")),
        Runtime.getRuntime().availableProcessors(),
        field("/proc/meminfo", "MemTotal")
            .map(text -> Long.parseLong(text.replaceAll("\\D", "")))
            .orElse(0L),
        System.getProperty("os.name") + " " + System.getProperty("os.version"),
        System.getProperty("java.vm.name") + " " + Runtime.version(),
        ChildJvm.FLAGS,
        builtFrom(),
        Instant.now().truncatedTo(ChronoUnit.SECONDS));
  }

  private static Optional<String> field(String file, String name) {
    try {
      return Files.readAllLines(Path.of(file)).stream()
          .filter(line -> line.startsWith(name))
          .map(line -> line.substring(line.indexOf(':') + 1).strip())
          .findFirst();
    } catch (IOException notLinux) {
      return Optional.empty();
    }
  }

  /** Of the repository that these classes were built in. */
  private static String builtFrom() {
    try {
      Optional<Repository> repository = Repository.ofTheseClasses();
      return repository.isPresent() ? repository.get().head() : "";
    } catch (IOException unknown) {
      return "";
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return "";
    }
  }

  /** In a sentence; of the system's release, what its builder added is left out. */
  public String words() {
    return "%s, %d cores, %s%s; %s; %s%s; %s"
        .formatted(
            processor,
            cores,
            memoryKib == 0 ? "" : "%.0f GiB, ".formatted(memoryKib / 1048576.0),
            system.replaceFirst("-.*", ""),
            jdk,
            String.join(" ", flags),
            commit.isEmpty() ? "" : "; commit " + commit,
            date);
  }
}
