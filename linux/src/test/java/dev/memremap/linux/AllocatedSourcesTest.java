// SPDX-License-Identifier: Apache-2.0
package dev.memremap.linux;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.memremap.Machine;
import dev.memremap.Mapping;
import dev.memremap.machine.MachineDescription;
import dev.memremap.plan.MemremapFlag;
import dev.memremap.resource.PhysRange;
import dev.memremap.resource.Resource;
import dev.memremap.rule.Errno;
import dev.memremap.rule.MemremapException;
import dev.memremap.rule.Rule;
import dev.memremap.spi.MemorySource;
import dev.memremap.testing.LoggedLines;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.CRC32;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Attached memory that is allocated when it is mapped, on file systems that are really full. */
class AllocatedSourcesTest {
  private static final long MIB = 1 << 20;
  private static final long HUGE = 2 << 20;

  @TempDir Path folder;
  private Path mounted = Path.of("");

  /** Mounts a file system of a few MiB; takes root. */
  private Path mount(String kind) throws Exception {
    Path directory = Files.createDirectories(folder.resolve("small"));
    String failure;
    if (kind.equals("ext4")) {
      Path image = folder.resolve("image");
      try (RandomAccessFile open = new RandomAccessFile(image.toFile(), "rw")) {
        open.setLength(8 * MIB);
      }
      failure = run("mkfs.ext4", "-q", "-O", "^has_journal", "-m", "0", image.toString());
      if (failure.isEmpty()) {
        failure = run("mount", "-o", "loop", image.toString(), directory.toString());
      }
    } else {
      failure = run("mount", "-t", kind, "-o", "size=4m", "none", directory.toString());
    }
    assumeTrue(failure.isEmpty(), "SKIPPED: a small " + kind + " cannot be mounted: " + failure);
    mounted = directory;
    return directory;
  }

  @AfterEach
  void unmount() throws Exception {
    if (!mounted.toString().isEmpty()) {
      assertThat(run("umount", mounted.toString())).isEmpty();
    }
  }

  private static String run(String... command) throws Exception {
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      String output = new String(process.getInputStream().readAllBytes(), UTF_8);
      return process.waitFor() == 0 ? "" : output.strip() + " (failed)";
    } catch (IOException missing) {
      return String.valueOf(missing.getMessage());
    }
  }

  private static Path sparse(Path file, long bytes) throws IOException {
    try (RandomAccessFile open = new RandomAccessFile(file.toFile(), "rw")) {
      open.setLength(bytes);
    }
    return file;
  }

  /** Takes all the room there is in the directory of a file. */
  private static void fill(Path directory) throws IOException {
    byte[] block = new byte[4096];
    try (var out = Files.newOutputStream(directory.resolve("filler"))) {
      while (true) {
        out.write(block);
      }
    } catch (IOException full) {
      assertThat(full).hasMessageContaining("No space left");
    }
  }

  private static Machine machine() {
    return Machine.simulated(
        MachineDescription.parse("00001000-0009ffff : System RAM\n").with("phys-bits", "40"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"tmpfs", "ext4"})
  @DisplayName("LIB-8 populate(): what was mapped is there, though its file system is full since")
  void allocated(String kind) throws Exception {
    Path directory = mount(kind);
    Path file = sparse(directory.resolve("memory"), 2 * MIB);
    try (Machine machine = machine()) {
      Resource log = machine.attach("log", DaxFile.orCached(file).populate());
      PhysRange part = PhysRange.of(log.range().start() + 5000, MIB);
      try (Mapping mapping = machine.memremap(part, MemremapFlag.WB)) {
        fill(directory);
        mapping.segment().fill((byte) 3);
        CRC32 crc = new CRC32();
        crc.update(mapping.segment().asByteBuffer());
        assertThat(mapping.load(MIB - 1, 8)).isEqualTo(3);
        assertThat(Files.size(file)).isEqualTo(2 * MIB);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"tmpfs", "ext4"})
  @DisplayName("LIB-8 populate() without room: ENOSPC at the memremap, and nothing is left of it")
  void noRoom(String kind) throws Exception {
    Path directory = mount(kind);
    Path file = sparse(directory.resolve("memory"), 64 * MIB);
    Files.write(directory.resolve("other"), new byte[4096]);
    try (Machine machine = machine()) {
      Resource log = machine.attach("log", DaxFile.orCached(file).populate());
      MemremapException refused =
          catchThrowableOfType(
              MemremapException.class, () -> machine.memremap(log.range(), MemremapFlag.WB));
      assertThat(refused.errno()).isEqualTo(Errno.ENOSPC);
      assertThat(refused.rule()).isEqualTo(Rule.LIB_6);
      assertThat(refused.sentence())
          .contains(file.toString())
          .contains("fallocate")
          .contains("make room in its file system");
      assertThat(machine.memtypes().isEmpty()).isTrue();
      assertThat(machine.liveMappings()).isEmpty();
      try (Mapping small =
          machine.memremap(PhysRange.of(log.range().start(), 4096), MemremapFlag.WB)) {
        small.store(0, 64, 1);
      }
    }
  }

  @Test
  @DisplayName("LIB-8 without populate() a full file system is EIO at the access, which says so")
  void notAllocated() throws Exception {
    Path directory = mount("tmpfs");
    Path file = sparse(directory.resolve("memory"), MIB);
    try (Machine machine = machine()) {
      Resource log = machine.attach("log", DaxFile.orCached(file));
      try (Mapping mapping = machine.memremap(log.range(), MemremapFlag.WB)) {
        fill(directory);
        MemremapException lost =
            catchThrowableOfType(MemremapException.class, () -> mapping.store(8192, 64, 1));
        assertThat(lost.errno()).isEqualTo(Errno.EIO);
        assertThat(lost.sentence()).contains("its file system is full");
      }
    }
  }

  @Test
  @DisplayName("LIB-8 a file with holes and little room is warned about once, a full one is not")
  void warning() throws Exception {
    Path directory = mount("tmpfs");
    Path holes = sparse(directory.resolve("holes"), MIB);
    Path whole = Files.write(directory.resolve("whole"), new byte[8192]);
    try (LoggedLines log = new LoggedLines("dev.memremap");
        DaxFile first = DaxFile.orCached(holes);
        DaxFile second = DaxFile.orCached(whole);
        DaxFile populated =
            DaxFile.orCached(sparse(directory.resolve("populated"), MIB)).populate();
        Arena arena = Arena.ofShared()) {
      for (int i = 0; i < 3; i++) {
        first.map(0, 4096, arena);
        second.map(0, 4096, arena);
        populated.map(0, 4096, arena);
      }
      assertThat(log.linesOfAll())
          .singleElement()
          .asString()
          .contains(holes.toString())
          .contains("DaxFile.populate()");
    }
  }

  @Test
  @DisplayName("populate() of a memfd allocates what is mapped, and no more")
  void memfd() throws Exception {
    try (Memfd memfd = Memfd.of("allocated", 16 * MIB).populate();
        Arena arena = Arena.ofConfined()) {
      memfd.map(5000, MIB, arena);
      String file =
          "/proc/%d/fd/%s".formatted(ProcessHandle.current().pid(), descriptor("memfd:allocated"));
      Process stat = new ProcessBuilder("stat", "-L", "-c", "%b", file).start();
      long blocks = Long.parseLong(new String(stat.getInputStream().readAllBytes(), UTF_8).strip());
      assertThat(blocks * 512).isBetween(MIB, MIB + 2 * 4096);
    }
  }

  private static String descriptor(String target) throws IOException {
    try (var all = Files.list(Path.of("/proc/self/fd"))) {
      for (Path fd : all.toList()) {
        try {
          if (Files.readSymbolicLink(fd).toString().contains(target)) {
            return fd.getFileName().toString();
          }
        } catch (IOException closedSince) {
          continue;
        }
      }
    }
    throw new AssertionError(target + " is not open");
  }

  /** Kinds of memory that can be attached. */
  private enum Kind {
    MEMFD("memfd refused", "the system has no more memory to give"),
    HUGE_FILE("file", "vm.nr_hugepages"),
    FILE("file", "make room in its file system");

    private final String name;
    private final String room;

    Kind(String name, String room) {
      this.name = name;
      this.room = room;
    }

    MemorySource populated(FaultySyscalls calls, Path file) {
      Posix posix = new Posix(calls);
      return switch (this) {
        case MEMFD -> Memfd.open(posix, "refused", 8192, Posix.PAGE).populate();
        case HUGE_FILE -> HugetlbFile.open(posix, file, 4096).populate();
        case FILE -> DaxFile.open(file, false, posix, null).populate();
      };
    }
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("LIB-6 fallocate fails: one sentence with its errno, and nothing stays open")
  void eachError(Kind kind) throws Exception {
    FaultySyscalls calls = new FaultySyscalls();
    Path file = Files.write(folder.resolve("file"), new byte[8192]);
    for (Errno errno :
        new Errno[] {
          Errno.EBADF,
          Errno.EFBIG,
          Errno.EINVAL,
          Errno.EIO,
          Errno.ENODEV,
          Errno.ENOSPC,
          Errno.ENOSYS,
          Errno.EOPNOTSUPP,
          Errno.EPERM
        }) {
      try (MemorySource source = kind.populated(calls, file);
          Arena arena = Arena.ofConfined()) {
        calls.fail("fallocate", errno, 1);
        assertThatExceptionOfType(MemremapException.class)
            .isThrownBy(() -> source.map(4096, 4096, arena))
            .satisfies(
                refused -> {
                  assertThat(refused.errno()).isEqualTo(errno);
                  assertThat(refused.rule()).isEqualTo(Rule.LIB_6);
                  assertThat(refused.sentence())
                      .contains(kind.name)
                      .contains("4096 bytes at 0x1000 of it cannot be allocated")
                      .contains(errno.name());
                  assertThat(refused.sentence().contains(kind.room))
                      .isEqualTo(errno == Errno.ENOSPC);
                  assertThat(refused.sentence().contains("without populate()"))
                      .isEqualTo(errno == Errno.EOPNOTSUPP || errno == Errno.ENOSYS);
                });
        assertThat(calls.mappedAddresses()).isEmpty();
        calls.fail("fallocate", Errno.EINTR, 3);
        assertThat(source.map(4096, 4096, arena).segment().byteSize()).isEqualTo(4096);
      }
      assertThat(calls.openDescriptors()).isEmpty();
    }
  }

  @Test
  @DisplayName("populate() of huge pages allocates them, and is ENOSPC where none are free")
  void hugePages() throws Exception {
    assumeTrue(
        Files.isDirectory(Path.of("/sys/kernel/mm/hugepages/hugepages-2048kB")),
        "SKIPPED: this kernel has no huge pages of 2 MiB");
    Path count = Path.of("/sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages");
    try (Memfd memfd = Memfd.huge("huge", 4 * HUGE, HUGE).populate();
        Arena arena = Arena.ofConfined()) {
      if (Files.readString(count).strip().equals("0")) {
        assertThat(catchThrowableOfType(MemremapException.class, () -> memfd.map(0, HUGE, arena)))
            .hasMessageContaining("sysctl -w vm.nr_hugepages=N")
            .extracting(MemremapException::errno)
            .isEqualTo(Errno.ENOSPC);
      } else {
        memfd.map(HUGE + 5, 10, arena).segment().fill((byte) 3);
      }
    }
  }
}
