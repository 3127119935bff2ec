// SPDX-License-Identifier: Apache-2.0
package dev.memremap.serve;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memremap.drawing.model.Overlay;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Watches a JVM whose library is one that was, or one that tells more than is known here. */
class JvmSubjectTest {
  private static final String BEAN =
      """
      package dev.memremap.internal.watch;
      public interface WatchMBean {
        String look(long since);
        String map(long machine);
        String state(long machine);
        void stop();
      }
      """;

  /** As it was before a watch told changes alone. */
  private static final String OLD =
      """
      package dev.memremap.internal.watch;
      public class Watch implements WatchMBean {
        private long looks;
        public String look(long since) {
          looks++;
          return "machine\\t4\\t1\\t1\\t0\\t0\\ncount\\tremapped\\t" + looks + "\\n";
        }
        public String map(long machine) {
          return "00001000-3fffffff : System RAM\\n";
        }
        public String state(long machine) {
          return "mapping\\t4096\\t8191\\tWB\\t1\\tfalse\\tfalse\\n";
        }
        public void stop() {}
        public static void main(String[] words) throws Exception {
          System.out.println("ready");
          System.in.read();
        }
      }
      """;

  @TempDir private Path folder;

  private Process start() throws IOException {
    Path sources = Files.createDirectories(folder.resolve("dev/memremap/internal/watch"));
    Path bean = Files.writeString(sources.resolve("WatchMBean.java"), BEAN);
    Path watch = Files.writeString(sources.resolve("Watch.java"), OLD);
    int status =
        ToolProvider.getSystemJavaCompiler()
            .run(null, null, null, "-proc:none", bean.toString(), watch.toString());
    assertThat(status).isZero();
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                folder.toString(),
                "dev.memremap.internal.watch.Watch")
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    assertThat(process.inputReader().readLine()).isEqualTo("ready");
    return process;
  }

  @Test
  @DisplayName("a library that tells everything each time is watched, too, and readers are woken")
  void older() throws IOException, InterruptedException {
    Process process = start();
    try (JvmSubject subject = new JvmSubject(process.pid())) {
      assertThat(subject.machines())
          .extracting(Subject.MachineName::words)
          .containsExactly("Machine 4");
      assertThat(subject.scene(Place.FIRST).overlays())
          .extracting(Overlay::lines)
          .containsExactly(List.of("mapping, 4K", "WB"));
      Pulse first = subject.pulse();
      Pulse next = subject.next(first, Duration.ofMinutes(5));
      assertThat(next.version()).isGreaterThan(first.version());
      process.destroyForcibly().waitFor();
      while (next.isLive()) {
        next = subject.next(next, Duration.ofMinutes(5));
      }
      assertThat(next.ended().orElseThrow()).contains("this is what was seen last");
      assertThat(subject.scene(Place.FIRST).overlays()).hasSize(1);
    } finally {
      process.destroyForcibly();
    }
  }
}
