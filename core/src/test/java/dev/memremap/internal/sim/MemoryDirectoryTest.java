// SPDX-License-Identifier: Apache-2.0
package dev.memremap.internal.sim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.memremap.rule.Errno;
import dev.memremap.rule.MemremapException;
import dev.memremap.rule.Rule;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

class MemoryDirectoryTest {
  @TempDir Path directory;

  @Test
  @DisplayName("the property's directory comes first, /dev/shm next, the temporary one last")
  void order() {
    Path none = directory.resolve("none");
    assertThat(MemoryDirectory.choose("/named", directory, "/tmp")).isEqualTo(Path.of("/named"));
    assertThat(MemoryDirectory.choose(null, none, "/tmp")).isEqualTo(Path.of("/tmp"));
    assertThat(MemoryDirectory.choose(" ", none, "/tmp")).isEqualTo(Path.of("/tmp"));
    Assumptions.assumeTrue(
        directory.toFile().getUsableSpace() >= 1L << 30, "skipped: not 1 GiB free for temporaries");
    assertThat(MemoryDirectory.choose(null, directory, "/tmp")).isEqualTo(directory);
  }

  @Test
  @DisplayName("LIB-2 a directory that does not exist is one sentence that names the property")
  void missing() {
    Path none = directory.resolve("none");
    assertThatThrownBy(() -> SparseMemory.open(none))
        .isInstanceOfSatisfying(
            MemremapException.class,
            e -> {
              assertThat(e.errno()).isEqualTo(Errno.ENOENT);
              assertThat(e.rule()).isEqualTo(Rule.LIB_2);
            })
        .hasMessageStartingWith(
            "simulated memory needs a directory for its file, and "
                + none
                + " does not exist; set -Ddev.memremap.dir to a directory");
  }

  @Test
  @DisplayName("LIB-2 a file in place of the directory is one sentence that names the property")
  void notADirectory() throws IOException {
    Path file = Files.createFile(directory.resolve("file"));
    assertThatThrownBy(() -> SparseMemory.open(file))
        .hasMessageStartingWith(
            "simulated memory needs a directory for its file, and "
                + file
                + " is not one; set -Ddev.memremap.dir");
  }

  @Test
  @DisabledOnOs(OS.WINDOWS)
  @DisplayName("LIB-2 a directory that cannot be written is one sentence that names the property")
  void unwritable() throws IOException {
    Path refusing = unwritableDirectory();
    assertThatThrownBy(() -> SparseMemory.open(refusing))
        .isInstanceOfSatisfying(
            MemremapException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EACCES))
        .hasMessageStartingWith(
            "no file for simulated memory can be made in "
                + refusing
                + ": permission denied; set -Ddev.memremap.dir");
  }

  /** Root may write everywhere but where the kernel itself makes the files. */
  private Path unwritableDirectory() throws IOException {
    Path sys = Path.of("/sys/kernel");
    if (Files.isDirectory(sys)) {
      return sys;
    }
    assumeTrue(
        directory.getFileSystem().supportedFileAttributeViews().contains("posix"),
        "skipped: no directory is kept from its owner here");
    Path locked =
        Files.setPosixFilePermissions(
            Files.createDirectory(directory.resolve("locked")),
            PosixFilePermissions.fromString("r-x------"));
    assumeTrue(!Files.isWritable(locked), "skipped: root may write everywhere here");
    return locked;
  }

  @Test
  @DisplayName(
      "LIB-2 a value that is not a path is refused in one sentence that names the property")
  void noPath() {
    assertThatThrownBy(() -> MemoryDirectory.choose("a\0b", directory, "/tmp"))
        .isInstanceOfSatisfying(
            MemremapException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EINVAL))
        .hasMessageContaining("-Ddev.memremap.dir names");
  }

  @Test
  @DisplayName("LIB-2 an I/O failure keeps the errno behind it")
  void errnos() {
    assertThat(MemoryDirectory.errnoOf(new IOException("No space left on device")))
        .isEqualTo(Errno.ENOSPC);
    assertThat(MemoryDirectory.errnoOf(new IOException("Disk quota exceeded")))
        .isEqualTo(Errno.ENOSPC);
    assertThat(MemoryDirectory.errnoOf(new IOException("Map failed", new OutOfMemoryError())))
        .isEqualTo(Errno.ENOMEM);
    assertThat(MemoryDirectory.errnoOf(new IOException("Input/output error"))).isEqualTo(Errno.EIO);
    assertThat(MemoryDirectory.errnoOf(new IOException())).isEqualTo(Errno.EIO);
  }
}
