// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli.terminal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a file is after it was written, by the name that was given. */
class OutputFileTest {
  private static final byte[] NEW = "new\n".getBytes(StandardCharsets.UTF_8);

  @TempDir private Path folder;

  private static String mode(Path file) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
  }

  private List<String> names() throws IOException {
    try (Stream<Path> all = Files.list(folder)) {
      return all.map(each -> each.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  @DisplayName("a file that is there is another file afterwards, with its permissions")
  void replaced() throws IOException {
    Path file = Files.writeString(folder.resolve("f"), "the old one, which is longer\n");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-rw-r--"));
    Path other = Files.createLink(folder.resolve("other"), file);
    OutputFile.write(file, NEW);
    assertThat(file).hasContent("new");
    assertThat(mode(file)).isEqualTo("rw-rw-r--");
    assertThat(other).as("the old file, by its other name").content().startsWith("the old one");
    assertThat(names()).containsExactly("f", "other");
  }

  @Test
  @DisplayName("a symbolic link stays, and leads to the new file")
  void link() throws IOException {
    Files.createDirectory(folder.resolve("d"));
    Path far = Files.writeString(folder.resolve("d/far"), "old\n");
    Path hop = Files.createSymbolicLink(folder.resolve("d/hop"), Path.of("far"));
    Path link = Files.createSymbolicLink(folder.resolve("link"), Path.of("d/hop"));
    OutputFile.writeForOwner(link, NEW);
    assertThat(link).isSymbolicLink();
    assertThat(hop).isSymbolicLink();
    assertThat(far).hasContent("new");
    assertThat(mode(far)).isEqualTo("rw-------");
  }

  @Test
  @DisplayName("a link that leads to no file is refused, and none is made there")
  void dangling() throws IOException {
    Path dangling = Files.createSymbolicLink(folder.resolve("dangling"), Path.of("none"));
    assertThatExceptionOfType(OutputException.class)
        .isThrownBy(() -> OutputFile.write(dangling, NEW))
        .withMessage(dangling + " cannot be written (it is a link to a file that is not there)");
    assertThat(names()).containsExactly("dangling");
  }

  private static <V> V attribute(Path file, String name, Class<V> type) throws IOException {
    return type.cast(Files.getAttribute(file, name, LinkOption.NOFOLLOW_LINKS));
  }

  private static boolean isRoot() throws IOException {
    return attribute(Path.of("/proc/self"), "unix:uid", Integer.class) == 0;
  }

  @Test
  @DisplayName("a file that root replaces stays its owner's and its group's")
  void owner() throws IOException {
    assumeThat(isRoot()).isTrue();
    for (boolean ownerOnly : List.of(false, true)) {
      Path file = Files.writeString(folder.resolve("f" + ownerOnly), "old\n");
      Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-rw-r--"));
      Files.setAttribute(file, "unix:uid", 65534);
      Files.setAttribute(file, "unix:gid", 65533);
      if (ownerOnly) {
        OutputFile.writeForOwner(file, NEW);
      } else {
        OutputFile.write(file, NEW);
      }
      assertThat(file).hasContent("new");
      assertThat(attribute(file, "unix:uid", Integer.class)).isEqualTo(65534);
      assertThat(attribute(file, "unix:gid", Integer.class)).isEqualTo(65533);
      assertThat(mode(file)).isEqualTo(ownerOnly ? "rw-------" : "rw-rw-r--");
    }
  }

  @Test
  @DisplayName("a link of another user's in a folder for all is the kernel's to judge")
  void protectedLink() throws IOException {
    Path protection = Path.of("/proc/sys/fs/protected_symlinks");
    assumeThat(isRoot()).isTrue();
    assumeThat(Files.isReadable(protection)).isTrue();
    assumeThat(Files.readString(protection)).startsWith("1");
    Path far = Files.writeString(folder.resolve("far"), "old\n");
    Path all = Files.createDirectory(folder.resolve("all"));
    Files.setAttribute(all, "unix:mode", 01777);
    Path link = Files.createSymbolicLink(all.resolve("link"), far);
    Files.setAttribute(link, "unix:uid", 65534, LinkOption.NOFOLLOW_LINKS);
    assertThatExceptionOfType(OutputException.class)
        .isThrownBy(() -> OutputFile.write(link, NEW))
        .withMessage(link + " cannot be written (permission denied)");
    assertThat(far).hasContent("old");
  }

  @Test
  @DisplayName("of many that write one new file at once, one does, and its file is whole")
  void once() throws Exception {
    for (int round = 0; round < 20; round++) {
      Path file = folder.resolve("once" + round);
      CyclicBarrier together = new CyclicBarrier(4);
      List<Callable<Boolean>> writers = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        byte[] bytes = "writer %d\n".formatted(i).repeat(1000).getBytes(StandardCharsets.UTF_8);
        writers.add(
            () -> {
              together.await();
              try {
                OutputFile.writeForOwner(file, bytes, false);
                return true;
              } catch (FileAlreadyExistsException there) {
                return false;
              }
            });
      }
      try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
        int wrote = 0;
        for (Future<Boolean> each : threads.invokeAll(writers)) {
          wrote += each.get() ? 1 : 0;
        }
        assertThat(wrote).as("writers that wrote it").isEqualTo(1);
      }
      assertThat(Files.readAllLines(file))
          .hasSize(1000)
          .containsOnly(Files.readAllLines(file).getFirst());
    }
  }

  @Test
  @DisplayName("links that lead back to themselves are said")
  void loop() throws IOException {
    Path a = Files.createSymbolicLink(folder.resolve("a"), Path.of("b"));
    Files.createSymbolicLink(folder.resolve("b"), Path.of("a"));
    assertThatExceptionOfType(OutputException.class)
        .isThrownBy(() -> OutputFile.write(a, NEW))
        .withMessage(a + " cannot be written (its links lead back to themselves)");
  }

  @Test
  @DisplayName("a file that is there is not replaced unless that is asked for, nor is a link")
  void kept() throws IOException {
    Path file = Files.writeString(folder.resolve("f"), "old\n");
    Path dangling = Files.createSymbolicLink(folder.resolve("link"), Path.of("none"));
    for (Path each : List.of(file, dangling)) {
      assertThatExceptionOfType(FileAlreadyExistsException.class)
          .isThrownBy(() -> OutputFile.writeForOwner(each, NEW, false));
    }
    assertThat(file).hasContent("old");
    assertThat(names()).containsExactly("f", "link");
  }

  @Test
  @DisplayName("a folder is refused, and stays")
  void ofFolder() {
    assertThatExceptionOfType(OutputException.class)
        .isThrownBy(() -> OutputFile.write(folder, NEW))
        .withMessageStartingWith(folder + " cannot be written (");
    assertThat(folder).isDirectory();
  }

  @Test
  @DisplayName("a device is written, and stays")
  void device() {
    Path full = Path.of("/dev/full");
    OutputFile.writeForOwner(Path.of("/dev/null"), NEW);
    assertThatExceptionOfType(OutputException.class)
        .isThrownBy(() -> OutputFile.write(full, NEW))
        .withMessageStartingWith("/dev/full cannot be written (");
    assertThat(full).exists();
    assertThat(Path.of("/dev/null")).exists();
  }
}
