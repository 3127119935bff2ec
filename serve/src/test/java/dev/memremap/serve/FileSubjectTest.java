// SPDX-License-Identifier: Apache-2.0
package dev.memremap.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.memremap.machine.MachineDescription;
import dev.memremap.plan.MemremapFlag;
import dev.memremap.resource.PhysRange;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileSubjectTest {
  private static final String SMALL = "00001000-3fffffff : System RAM\n";
  private static final String LARGE = SMALL + "40000000-4fffffff : Persistent Memory\n";

  @TempDir private Path folder;
  private Path file;
  private FileSubject subject;

  @BeforeEach
  void start() throws IOException {
    file = Files.writeString(folder.resolve("map.iomem"), SMALL);
    subject = new FileSubject("map.iomem", List.of(file), this::read);
  }

  @AfterEach
  void end() {
    subject.close();
  }

  private MachineDescription read() {
    try {
      return MachineDescription.parse(Files.readString(file));
    } catch (IOException e) {
      throw new UncheckedIOException("map.iomem cannot be read", e);
    }
  }

  private Pulse await(Predicate<Pulse> wanted) throws InterruptedException {
    while (!wanted.test(subject.pulse())) {
      Thread.sleep(10);
    }
    return subject.pulse();
  }

  private List<String> names() {
    return subject.scene(Place.FIRST).machines().getFirst().areas().stream()
        .map(area -> area.name())
        .toList();
  }

  @Test
  @DisplayName("a map that was written anew is read anew, and questions are asked of the new one")
  void written() throws Exception {
    PhysRange beyond = PhysRange.of(0x4000_0000L, 0x1000);
    assertThat(names()).containsExactly("System RAM");
    Files.writeString(file, LARGE);
    Pulse pulse = await(each -> each.version() == 1);
    assertThat(pulse.isLive()).isTrue();
    assertThat(pulse.trouble()).isEmpty();
    assertThat(pulse.events().getFirst().words()).isEqualTo("read anew");
    assertThat(names()).containsExactly("System RAM", "Persistent Memory");
    boolean isRam =
        subject.ask(
            Place.FIRST,
            machine -> machine.explain(beyond, MemremapFlag.WB).toString().contains("System RAM"));
    assertThat(isRam).isFalse();
  }

  @Test
  @DisplayName("a map in whose place another file was put is read anew")
  void replaced() throws Exception {
    Path other = Files.writeString(folder.resolve("other"), LARGE);
    Files.setLastModifiedTime(other, Files.getLastModifiedTime(file));
    Files.move(other, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    await(each -> each.version() == 1);
    assertThat(names()).hasSize(2);
  }

  @Test
  @DisplayName(
      "a map that became wrong is said to be, and the last good one stays until it is mended")
  void wrong() throws Exception {
    Files.writeString(file, "nonsense\n");
    Pulse pulse = await(each -> each.trouble().isPresent());
    assertThat(pulse.trouble().orElseThrow()).endsWith("; this is what was read before");
    assertThat(pulse.isLive()).isTrue();
    assertThat(pulse.ended()).isEmpty();
    assertThat(pulse.version()).isZero();
    assertThat(names()).containsExactly("System RAM");
    Files.writeString(file, LARGE);
    assertThat(await(each -> each.version() == 1).trouble()).isEmpty();
    assertThat(names()).hasSize(2);
  }

  @Test
  @DisplayName(
      "a map that is gone is said to be, and is read when it is back, even with its old time")
  void gone() throws Exception {
    var time = Files.getLastModifiedTime(file);
    Files.delete(file);
    Pulse pulse = await(each -> each.trouble().isPresent());
    assertThat(pulse.trouble().orElseThrow()).startsWith("map.iomem cannot be read");
    Files.writeString(file, SMALL);
    Files.setLastModifiedTime(file, time);
    assertThat(await(each -> each.version() == 1).trouble()).isEmpty();
  }

  @Test
  @DisplayName("a map that is always being written is read nonetheless")
  void restless() throws Exception {
    for (int i = 0; subject.pulse().version() == 0; i++) {
      Files.writeString(file, "%s60000000-6fff%04x : Reserved\n".formatted(LARGE, i % 0x10000));
      Thread.sleep(20);
    }
    assertThat(names()).isNotEmpty();
  }

  @Test
  @DisplayName("a file of a folder that changed is noticed, too")
  void folder() throws Exception {
    try (FileSubject of = new FileSubject("folder", List.of(folder), this::read)) {
      Files.writeString(folder.resolve("cpuinfo"), "x");
      while (of.pulse().version() == 0) {
        Thread.sleep(10);
      }
      assertThat(of.machines()).hasSize(1);
    }
  }

  @Test
  @DisplayName("a pipe and a file that is missing cannot be followed")
  void lasting() {
    assertThat(FileSubject.canFollow(file)).isTrue();
    assertThat(FileSubject.canFollow(folder)).isTrue();
    assertThat(FileSubject.canFollow(Path.of("/dev/null"))).isFalse();
    assertThat(FileSubject.canFollow(folder.resolve("none"))).isFalse();
  }

  @Test
  @DisplayName("a map that is wrong from the start is refused")
  void wrongAtFirst() throws IOException {
    Files.writeString(file, "nonsense\n");
    assertThatThrownBy(() -> new FileSubject("map.iomem", List.of(file), this::read))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
