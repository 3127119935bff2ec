// SPDX-License-Identifier: Apache-2.0
package dev.memremap.conformance;

import static org.apache.commons.compress.archivers.cpio.CpioConstants.FORMAT_NEW;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.cpio.CpioArchiveEntry;
import org.apache.commons.compress.archivers.cpio.CpioArchiveInputStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InitramfsTest {
  @TempDir Path directory;

  private record Entry(int mode, byte[] bytes) {
    String text() {
      return new String(bytes, StandardCharsets.UTF_8);
    }
  }

  @Test
  @DisplayName("The first root has busybox, init, the modules and their order, and the command")
  void hasAllInit() throws Exception {
    Path busybox = Files.write(directory.resolve("busybox"), new byte[] {1, 2, 3});
    Path first = Files.writeString(directory.resolve("b.ko"), "module b");
    Path second = Files.writeString(directory.resolve("a.ko"), "module a!");
    Path file = directory.resolve("initramfs");

    new Initramfs(
            busybox,
            List.of(first, second),
            new GuestCommand(List.of("echo", "it's"), Map.of("NAME", "a b"), "/x y"))
        .write(file);

    Map<String, Entry> entries = read(file);
    assertThat(entries.get("init").mode()).isEqualTo(0100755);
    assertThat(entries.get("init").text()).startsWith("#!/bin/busybox sh\n");
    assertThat(entries.get("bin").mode()).isEqualTo(0040755);
    assertThat(entries.get("bin/busybox").mode()).isEqualTo(0100755);
    assertThat(entries.get("bin/busybox").bytes()).containsExactly(1, 2, 3);
    assertThat(entries.get("modules/a.ko").text()).isEqualTo("module a!");
    assertThat(entries.get("modules/b.ko").text()).isEqualTo("module b");
    assertThat(entries.get("etc/modules").text()).isEqualTo("b.ko\na.ko\n");
    assertThat(entries.get("etc/command").text())
        .contains("export NAME='a b'\n")
        .endsWith("cd '/x y' || exit 126\nexec 'echo' 'it'\\''s'\n");
    assertThat(List.copyOf(entries.keySet()).indexOf("bin"))
        .as("a directory comes before what is in it")
        .isLessThan(List.copyOf(entries.keySet()).indexOf("bin/busybox"));
  }

  @Test
  @DisplayName("An archive is written without the libraries that the command does not carry")
  void classPath() throws Exception {
    Path busybox = Files.write(directory.resolve("busybox"), new byte[] {1});
    Path file = directory.resolve("initramfs");
    String carried =
        Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
            .filter(entry -> !entry.contains("commons-codec") && !entry.contains("commons-lang3"))
            .collect(Collectors.joining(File.pathSeparator));
    Process writer =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                carried,
                Writer.class.getName(),
                busybox.toString(),
                file.toString())
            .inheritIO()
            .start();
    assertThat(writer.waitFor()).isZero();
    assertThat(read(file)).containsKeys("init", "bin/busybox");
  }

  /** Writes an archive in a JVM of its own. */
  static final class Writer {
    public static void main(String[] args) throws Exception {
      new Initramfs(Path.of(args[0]), List.of(), new GuestCommand(List.of("true"), Map.of(), "/"))
          .write(Path.of(args[1]));
    }
  }

  private static Map<String, Entry> read(Path archive) throws IOException {
    Map<String, Entry> entries = new LinkedHashMap<>();
    try (CpioArchiveInputStream in = new CpioArchiveInputStream(Files.newInputStream(archive))) {
      for (CpioArchiveEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
        assertThat(entry.getFormat()).as("the only one a kernel reads").isEqualTo(FORMAT_NEW);
        Entry added = new Entry((int) entry.getMode(), in.readAllBytes());
        assertThat(entries.put(entry.getName(), added)).isNull();
      }
    }
    return entries;
  }
}
