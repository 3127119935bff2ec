// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.memremap.Machine;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.spi.ToolProvider;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** An application that jlink has made an image of, with the pager's module in it. */
@NeedsUserfaultfd
@Execution(ExecutionMode.CONCURRENT) // it waits for other JVMs
class ImageTest {
  private static final String MODULE = "module app { requires dev.memremap.pager; }";
  private static final String PROGRAM =
      """
      package app;
      import dev.memremap.pager.RemoteMemory;
      import dev.memremap.pager.store.FileStore;
      import java.nio.file.Path;
      public class Main {
        public static void main(String[] words) {
          try (RemoteMemory memory = RemoteMemory.open(
              FileStore.at(Path.of(words[0])), 4 << 20, RemoteMemory.resident(1 << 20))) {
            memory.putLong(3 << 20, 7);
            System.out.println("read " + memory.getLong(3 << 20));
          } catch (UnsupportedOperationException e) {
            System.out.println(e.getMessage());
          }
        }
      }
      """;

  @TempDir private Path folder;

  private static Path of(Class<?> type) throws Exception {
    return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
  }

  private static void tool(String name, Object... words) {
    ToolProvider tool = ToolProvider.findFirst(name).orElseThrow();
    String[] all = List.of(words).stream().map(Object::toString).toArray(String[]::new);
    assertThat(tool.run(System.out, System.err, all)).as(name).isZero();
  }

  private String run(String... options) throws IOException, InterruptedException {
    List<String> line = new ArrayList<>(List.of(folder.resolve("image/bin/java").toString()));
    line.add("--enable-native-access=dev.memremap.pager");
    line.addAll(List.of(options));
    line.addAll(List.of("-m", "app/app.Main", folder.resolve("store").toString()));
    ProcessBuilder builder = new ProcessBuilder(line).redirectErrorStream(true);
    builder.environment().remove("CLASSPATH");
    Process process = builder.start();
    String said =
        new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    assertThat(process.waitFor()).as(said).isZero();
    return said;
  }

  @Test
  @DisplayName(
      "The pager's processes find their classes in the image, and HdrHistogram by its name")
  void linked() throws Exception {
    Path pager = of(RemoteMemory.class);
    assumeTrue(
        Files.isRegularFile(pager) || Files.exists(pager.resolve("module-info.class")),
        "these classes were compiled without their module");
    String path = pager + ":" + of(Machine.class);
    Path source = Files.createDirectories(folder.resolve("source"));
    Path module = Files.writeString(source.resolve("module-info.java"), MODULE);
    Path program = Files.writeString(source.resolve("Main.java"), PROGRAM);
    Path classes = folder.resolve("classes");
    tool("javac", "-p", path, "-d", classes, module, program);
    tool(
        "jlink",
        "-p",
        path + ":" + classes,
        "--add-modules",
        "app",
        "--output",
        folder.resolve("image"));

    assertThat(run("-Ddev.memremap.pager.path=" + of(Histogram.class))).isEqualTo("read 7");
    assertThat(run())
        .contains("HdrHistogram")
        .endsWith("-Ddev.memremap.pager.path=HdrHistogram.jar");
  }
}
