// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli.terminal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
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
  @DisplayName("a symbolic link stays, and leads to the new file, also where it led to none")
  void link() throws IOException {
    Files.createDirectory(folder.resolve("d"));
    Path far = Files.writeString(folder.resolve("d/far"), "old\n");
    Path hop = Files.createSymbolicLink(folder.resolve("d/hop"), Path.of("far"));
    Path link = Files.createSymbolicLink(folder.resolve("link"), Path.of("d/hop"));
    Path dangling = Files.createSymbolicLink(folder.resolve("dangling"), Path.of("d/none"));
    OutputFile.writeForOwner(link, NEW);
    OutputFile.writeForOwner(dangling, NEW);
    assertThat(link).isSymbolicLink();
    assertThat(hop).isSymbolicLink();
    assertThat(far).hasContent("new");
    assertThat(mode(far)).isEqualTo("rw-------");
    assertThat(folder.resolve("d/none")).hasContent("new");
    assertThat(mode(folder.resolve("d/none"))).isEqualTo("rw-------");
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
