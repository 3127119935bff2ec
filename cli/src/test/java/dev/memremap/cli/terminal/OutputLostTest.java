// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli.terminal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.memremap.cli.CommandRun;
import dev.memremap.cli.MemremapCommand;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** A command of its own process whose output has no place: real descriptors, and a real limit. */
class OutputLostTest {
  private static final String JAVA =
      Path.of(System.getProperty("java.home"), "bin", "java").toString();

  @TempDir private Path folder;
  private Path map = Path.of("m.iomem");

  @BeforeEach
  void largeMap() throws IOException {
    String lines =
        IntStream.range(0, 2_000)
            .mapToObj(i -> "%08x-%08x : Reserved\n".formatted(i << 12, (i << 12) + 0xfff))
            .collect(Collectors.joining());
    map = Files.writeString(folder.resolve("m.iomem"), lines);
  }

  private record Ended(int status, String err) {}

  /** Runs a line of bash, in which {@code command} runs the command. */
  private Ended bash(String line) throws IOException, InterruptedException {
    Path err = folder.resolve("err");
    ProcessBuilder builder =
        new ProcessBuilder(
                "bash",
                "-c",
                "command() { \"$JAVA\" -XX:-UsePerfData -XX:TieredStopAtLevel=1 -cp \"$JARS\" "
                    + MemremapCommand.class.getName()
                    + " \"$@\"; }; "
                    + line)
            .directory(folder.toFile())
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectError(err.toFile());
    builder.environment().put("JAVA", JAVA);
    builder.environment().put("JARS", System.getProperty("java.class.path"));
    Process bash = builder.start();
    return new Ended(bash.waitFor(), Files.readString(err, StandardCharsets.UTF_8));
  }

  @Test
  @DisplayName("a full disk is said, and the status is 3")
  void fullDisk() throws IOException, InterruptedException {
    Ended ended = bash("command record -m m.iomem - >/dev/full");
    assertThat(ended.err)
        .startsWith("memremap: standard output cannot be written (")
        .hasLineCount(1);
    assertThat(ended.status).isEqualTo(3);
  }

  @Test
  @DisplayName("a pipe that its reader has left ends with 3, in silence")
  void closedPipe() throws IOException, InterruptedException {
    Ended ended = bash("exec 3> >(exit 0); wait $!; command record -m m.iomem - >&3");
    assertThat(ended.err).isEmpty();
    assertThat(ended.status).isEqualTo(3);
  }

  @Test
  @DisplayName("a file that has no room is not left in part")
  void noPart() throws IOException, InterruptedException {
    assertThat(Files.size(map)).isGreaterThan(8 * 1024);
    Ended ended = bash("ulimit -f 8; command record -m m.iomem copy");
    assertThat(ended.err).startsWith("memremap: copy cannot be written (").hasLineCount(1);
    assertThat(ended.status).isEqualTo(3);
    assertThat(folder.resolve("copy")).doesNotExist();
    assertThat(bash("command record -m m.iomem copy").status).isZero();
    assertThat(folder.resolve("copy")).hasSameTextualContentAs(map);
  }

  @Test
  @DisplayName("a file that was there stays as it was where the new one has no room")
  void oldStays() throws IOException, InterruptedException {
    Path copy = Files.writeString(folder.resolve("copy"), "what the user had\n");
    Ended ended = bash("ulimit -f 8; command record --force -m m.iomem copy");
    assertThat(ended.err).startsWith("memremap: copy cannot be written (").hasLineCount(1);
    assertThat(ended.status).isEqualTo(3);
    assertThat(copy).hasContent("what the user had");
    try (Stream<Path> all = Files.list(folder)) {
      assertThat(all.map(each -> each.getFileName().toString()))
          .containsExactlyInAnyOrder("copy", "err", "m.iomem");
    }
  }

  @Test
  @DisplayName("standard output by its name, a pipe, and an open file are written where they are")
  void open() throws IOException, InterruptedException {
    String line =
        "command record -m m.iomem /dev/stdout >>%1$s;"
            + " mkfifo pipe; cat pipe >>%1$s & command record --force -m m.iomem pipe; wait $!;"
            + " command record --force -m m.iomem /dev/fd/3 3>third; test -p pipe";
    Files.writeString(folder.resolve("all"), "what was there\n");
    Ended ended = bash(line.formatted("all"));
    assertThat(ended.err).isEmpty();
    assertThat(ended.status).isZero();
    String recorded = Files.readString(map);
    assertThat(folder.resolve("third")).hasContent(recorded);
    assertThat(Files.readString(folder.resolve("all")))
        .isEqualTo("what was there\n" + recorded + recorded);
  }

  @Test
  @DisplayName("an open file keeps what it has, standard output by its names, too")
  void openKeeps() throws IOException, InterruptedException {
    for (String name : new String[] {"/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"}) {
      Path log = Files.writeString(folder.resolve("log"), "a line\n");
      Ended ended = bash("command read 0x1000 -m m.iomem -n 1 -o " + name + " >> log");
      assertThat(ended.err).isEmpty();
      assertThat(ended.status).isZero();
      assertThat(Files.readAllBytes(log))
          .startsWith("a line\n".getBytes(StandardCharsets.UTF_8))
          .hasSize(11);
    }
    Path log = Files.writeString(folder.resolve("log"), "a line\n");
    assertThat(bash("command read 0x1000 -m m.iomem -n 1 -o /dev/fd/3 3>> log").err).isEmpty();
    assertThat(Files.readAllBytes(log))
        .startsWith("a line\n".getBytes(StandardCharsets.UTF_8))
        .hasSize(11);
  }

  /** Runs the command as a root that lacks a capability. */
  private Ended without(String capability, String words) throws IOException, InterruptedException {
    assumeThat(Path.of("/usr/bin/setpriv")).exists();
    assumeThat(Files.getAttribute(Path.of("/proc/self"), "unix:uid")).isEqualTo(0);
    return bash(
        "export -f command; setpriv --bounding-set=-%s --inh-caps=-all bash -c 'command %s'"
            .formatted(capability, words));
  }

  @Test
  @DisplayName("a file that may not be written stays, though its folder could give its name away")
  void writeProtected() throws IOException, InterruptedException {
    Path copy = Files.writeString(folder.resolve("copy"), "what the user had\n");
    Files.setPosixFilePermissions(copy, PosixFilePermissions.fromString("r--r--r--"));
    Ended ended = without("dac_override", "record --force -m m.iomem copy");
    assertThat(ended.err).isEqualTo("memremap: copy cannot be written (permission denied)\n");
    assertThat(ended.status).isEqualTo(3);
    assertThat(copy).hasContent("what the user had");
  }

  @Test
  @DisplayName("in a folder that cannot be written, a file that can be is written in place")
  void closedFolder() throws IOException, InterruptedException {
    Path closed = Files.createDirectory(folder.resolve("closed"));
    Path copy = Files.writeString(closed.resolve("copy"), "what the user had\n".repeat(9000));
    Files.setPosixFilePermissions(closed, PosixFilePermissions.fromString("r-xr-xr-x"));
    Ended ended = without("dac_override", "record --force -m m.iomem closed/copy");
    Files.setPosixFilePermissions(closed, PosixFilePermissions.fromString("rwxr-xr-x"));
    assertThat(ended.err).isEmpty();
    assertThat(copy).hasSameTextualContentAs(map);
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(copy)))
        .isEqualTo("rw-------");
  }

  @Test
  @DisplayName("a file whose owner cannot be given to another file is written in place")
  void othersFile() throws IOException, InterruptedException {
    Path copy = Files.writeString(folder.resolve("copy"), "what the user had\n".repeat(9000));
    Files.setAttribute(copy, "unix:uid", 65534);
    Ended ended = without("chown", "read 0x1000 -m m.iomem -n 1 -o copy");
    assertThat(ended.err).isEmpty();
    assertThat(copy).hasSize(4);
    assertThat(Files.getAttribute(copy, "unix:uid")).isEqualTo(65534);
    try (Stream<Path> all = Files.list(folder)) {
      assertThat(all.map(each -> each.getFileName().toString()))
          .containsExactlyInAnyOrder("copy", "err", "m.iomem");
    }
  }

  @Test
  @DisplayName("a file that is a mount point is written in place")
  void mountPoint() throws IOException, InterruptedException {
    assumeThat(bash("unshare -m true").status).as("mounts of its own").isZero();
    Files.writeString(folder.resolve("far"), "what the user had\n".repeat(9000));
    Path copy = Files.writeString(folder.resolve("copy"), "");
    Ended ended =
        bash(
            "export -f command; unshare -m bash -c 'mount --bind far copy;"
                + " command record --force -m m.iomem copy'");
    assertThat(ended.err).isEmpty();
    assertThat(folder.resolve("far")).hasSameTextualContentAs(map);
    assertThat(copy).isEmptyFile();
  }

  /** A command that is interrupted. */
  @Command(name = "memremap")
  private static final class Interrupted implements Callable<Integer> {
    @Override
    public Integer call() throws InterruptedException {
      throw new InterruptedException();
    }
  }

  @Test
  @DisplayName("an interrupted command ends with 130")
  void interrupted() {
    CommandRun ran = CommandRun.of(Terminal.attach(new CommandLine(new Interrupted())));
    assertThat(ran.err()).isEqualTo("memremap: interrupted\n");
    assertThat(ran.status()).isEqualTo(ExitStatus.INTERRUPTED);
  }
}
