// SPDX-License-Identifier: Apache-2.0
package dev.memremap.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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

    Map<String, Entry> entries = read(Files.readAllBytes(file));
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
    assertThat(entries.keySet()).last().isEqualTo("TRAILER!!!");
    assertThat(List.copyOf(entries.keySet()).indexOf("bin"))
        .as("a directory comes before what is in it")
        .isLessThan(List.copyOf(entries.keySet()).indexOf("bin/busybox"));
  }

  /** Reads the format as its description has it: all fields are hexadecimal, all parts padded. */
  private static Map<String, Entry> read(byte[] archive) {
    Map<String, Entry> entries = new LinkedHashMap<>();
    int at = 0;
    while (at < archive.length) {
      assertThat(at % 4).isZero();
      assertThat(new String(archive, at, 6, StandardCharsets.US_ASCII)).isEqualTo("070701");
      int mode = field(archive, at, 1);
      int size = field(archive, at, 6);
      int nameLength = field(archive, at, 11);
      assertThat(archive[at + 110 + nameLength - 1]).isZero();
      String name = new String(archive, at + 110, nameLength - 1, StandardCharsets.UTF_8);
      at = padded(at + 110 + nameLength);
      byte[] bytes = Arrays.copyOfRange(archive, at, at + size);
      at = padded(at + size);
      assertThat(entries.put(name, new Entry(mode, bytes))).isNull();
    }
    return entries;
  }

  private static int field(byte[] archive, int header, int index) {
    return Integer.parseUnsignedInt(
        new String(archive, header + 6 + 8 * index, 8, StandardCharsets.US_ASCII), 16);
  }

  private static int padded(int offset) {
    return (offset + 3) & ~3;
  }
}
