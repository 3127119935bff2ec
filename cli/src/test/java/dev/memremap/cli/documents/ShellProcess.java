// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli.documents;

import dev.memremap.Machine;
import dev.memremap.cli.CommandRun;
import dev.memremap.linux.Memfd;
import dev.memremap.testkit.StrictMachine;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.File;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** A {@link CommandShell} in a folder, and a bash there for what only a shell can do. */
final class ShellProcess implements AutoCloseable {
  /** What tests have on their class path, from the root on. */
  static final String CLASS_PATH =
      Arrays.stream(
              System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"))
                  .split(File.pathSeparator))
          .filter(entry -> !entry.isEmpty())
          .map(entry -> Path.of(entry).toAbsolutePath().toString())
          .collect(Collectors.joining(File.pathSeparator));

  private static final String JAVA =
      Path.of(System.getProperty("java.home"), "bin", "java").toString();

  private static final Map<String, Class<?>> MODULES =
      Map.of("core", Machine.class, "linux", Memfd.class, "testkit", StrictMachine.class);

  private final Path folder;
  private final Path programs;
  private final Path clone;
  private final Process process;
  private final DataInputStream answers;
  private final DataOutputStream requests;

  /**
   * Starts it.
   *
   * @param folder where command lines are carried out
   * @param programs an empty folder for the programs that bash finds first
   */
  ShellProcess(Path folder, Path programs) throws IOException {
    this.folder = folder;
    this.programs = programs;
    program(
        "memremap",
        "'%s' -XX:TieredStopAtLevel=1 -XX:+UseSerialGC --enable-native-access=ALL-UNNAMED -cp '%s'"
                .formatted(JAVA, CLASS_PATH)
            + " dev.memremap.cli.MemremapCommand");
    // a guest has root alone, and elsewhere nothing that needs root is run
    program("sudo", "env");
    clone = clone(programs.resolve("clone"));
    ProcessBuilder builder =
        new ProcessBuilder(
                JAVA,
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                CLASS_PATH,
                "dev.memremap.cli.documents.CommandShell")
            .directory(folder.toFile())
            .redirectError(ProcessBuilder.Redirect.INHERIT);
    surroundings(builder.environment());
    process = builder.start();
    answers = new DataInputStream(process.getInputStream());
    requests = new DataOutputStream(process.getOutputStream());
  }

  private void program(String name, String command) throws IOException {
    Path file =
        Files.writeString(programs.resolve(name), "#!/bin/sh\nexec %s \"$@\"\n".formatted(command));
    if (!file.toFile().setExecutable(true)) {
      throw new IOException(file + " cannot be made executable");
    }
  }

  /** What a page finds in the clone that was built: what is tested, wherever it was compiled to. */
  private static Path clone(Path to) throws IOException {
    for (Map.Entry<String, Class<?>> module : MODULES.entrySet()) {
      Path target = Files.createDirectories(to.resolve(module.getKey()).resolve("target"));
      Files.createSymbolicLink(target.resolve("classes"), origin(module.getValue()));
    }
    Files.createSymbolicLink(to.resolve("examples"), Page.ROOT.resolve("examples"));
    return to;
  }

  private static Path origin(Class<?> type) {
    try {
      return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  /** What the reader of a page has: no width, no colours, letters beyond ASCII. */
  private void surroundings(Map<String, String> environment) {
    environment.keySet().removeAll(List.of("COLUMNS", "NO_COLOR", "LC_CTYPE", "JDK_JAVA_OPTIONS"));
    environment.put("LC_ALL", "C.UTF-8");
    environment.put(
        "PATH",
        programs
            + ":"
            + Path.of(JAVA).getParent()
            + ":"
            + environment.getOrDefault("PATH", "/bin"));
    environment.put("MEMREMAP", clone.toString());
    environment.put("JAVA_HOME", System.getProperty("java.home"));
  }

  /** Carries out words of {@code memremap}, or {@code class FOLDER NAME ARGUMENT…}. */
  CommandRun run(List<String> words) throws IOException {
    requests.writeInt(words.size());
    for (String word : words) {
      requests.writeUTF(word);
    }
    requests.flush();
    int status = answers.readInt();
    return new CommandRun(status, text(answers), text(answers));
  }

  private static String text(DataInputStream from) throws IOException {
    return new String(from.readNBytes(from.readInt()), StandardCharsets.UTF_8);
  }

  /** Has bash carry out a line. */
  CommandRun bash(String line) throws IOException, InterruptedException {
    Path out = programs.resolve("out");
    Path err = programs.resolve("err");
    ProcessBuilder builder =
        new ProcessBuilder("bash", "-c", line)
            .directory(folder.toFile())
            .redirectInput(new File("/dev/null"))
            .redirectOutput(out.toFile())
            .redirectError(err.toFile());
    surroundings(builder.environment());
    int status = builder.start().waitFor();
    return new CommandRun(status, Files.readString(out), Files.readString(err));
  }

  @Override
  public void close() throws IOException, InterruptedException {
    requests.close();
    process.waitFor();
    for (String module : MODULES.keySet()) {
      Files.delete(clone.resolve(module).resolve("target").resolve("classes"));
    }
    Files.delete(clone.resolve("examples"));
  }
}
