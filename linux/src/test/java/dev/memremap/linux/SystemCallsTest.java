// SPDX-License-Identifier: Apache-2.0
package dev.memremap.linux;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which system calls a memremap makes, as strace sees them. */
class SystemCallsTest {
  private static final Pattern CALL = Pattern.compile("(\\d+) +(\\w+)\\(.*");

  /** What a JVM has a thread do now and then: wake its compiler, stop for it, grow its malloc. */
  private static final List<String> OF_THE_JVM =
      List.of("futex", "rt_sigreturn", "sched_yield", "brk", "mprotect");

  @TempDir Path folder;

  @Test
  @DisplayName("MR-4 memremap and memunmap of RAM make no system call; those of other memory do")
  void ramMakesNone() throws IOException, InterruptedException {
    Path trace = folder.resolve("trace");
    assumeTrue(
        run("strace", "-o", trace.toString(), "true").isPresent(),
        "strace is not installed, or may not trace here");
    Optional<String> output =
        run(
            "strace",
            "-f",
            "-o",
            trace.toString(),
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:+UseSerialGC",
            "-Xms1g",
            "-Xmn900m",
            "-cp",
            System.getProperty("java.class.path"),
            RemappingProgram.class.getName());
    assertThat(output).hasValueSatisfying(text -> assertThat(text).startsWith("done "));
    List<String> lines = Files.readAllLines(trace);

    List<String> ofRam = callsBetween(lines, "ram", "other");
    assertThat(ofRam).as("calls of ours").isSubsetOf(OF_THE_JVM);
    assertThat(ofRam)
        .as("fewer than the %d cycles by far", RemappingProgram.RAM_CYCLES)
        .hasSizeLessThan(RemappingProgram.RAM_CYCLES / 10);

    List<String> ofOther = callsBetween(lines, "other", "end");
    for (String call : List.of("mmap", "munmap")) {
      assertThat(ofOther.stream().filter(call::equals).count())
          .as(call)
          .isGreaterThanOrEqualTo(RemappingProgram.OTHER_CYCLES);
    }
  }

  /** The names of the calls that the marking thread made between two marks. */
  private static List<String> callsBetween(List<String> lines, String from, String to) {
    List<String> calls = new ArrayList<>();
    String thread = null;
    for (String line : lines) {
      Matcher call = CALL.matcher(line);
      if (!call.matches()) {
        continue;
      }
      if (line.contains('"' + RemappingProgram.MARK + from + '"')) {
        thread = call.group(1);
      } else if (line.contains('"' + RemappingProgram.MARK + to + '"')) {
        assertThat(call.group(1)).isEqualTo(thread);
        return calls;
      } else if (call.group(1).equals(thread)) {
        calls.add(call.group(2));
      }
    }
    throw new AssertionError("the trace lacks the marks " + from + " and " + to);
  }

  /** What a program prints; empty if it cannot be started or fails. */
  private static Optional<String> run(String... command) throws InterruptedException {
    try {
      Process process =
          new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
      String output = new String(process.getInputStream().readAllBytes(), UTF_8);
      return process.waitFor() == 0 ? Optional.of(output) : Optional.empty();
    } catch (IOException missing) {
      return Optional.empty();
    }
  }
}
