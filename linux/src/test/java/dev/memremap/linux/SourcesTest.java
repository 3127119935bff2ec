// SPDX-License-Identifier: Apache-2.0
package dev.memremap.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.Assumptions.abort;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.memremap.Machine;
import dev.memremap.Mapping;
import dev.memremap.machine.MachineDescription;
import dev.memremap.page.DevPagemap;
import dev.memremap.page.MemoryType;
import dev.memremap.plan.MemremapFlag;
import dev.memremap.resource.PhysRange;
import dev.memremap.resource.Resource;
import dev.memremap.rule.Errno;
import dev.memremap.rule.MemremapException;
import dev.memremap.rule.Rule;
import dev.memremap.spi.MappedBytes;
import dev.memremap.spi.MemorySource;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Memory without a physical address, attached to a machine. */
class SourcesTest {
  private static final long HUGE = 2 << 20;

  @TempDir Path folder;

  private static Machine machine() {
    return Machine.simulated(
        MachineDescription.parse("00001000-0009ffff : System RAM\n").with("phys-bits", "40"));
  }

  private Path file(String name, long bytes) throws IOException {
    Path file = folder.resolve(name);
    try (RandomAccessFile open = new RandomAccessFile(file.toFile(), "rw")) {
      open.setLength(bytes);
    }
    return file;
  }

  @Test
  @DisplayName(
      "two mappings of an attached memfd share its bytes, and the memfd's own file has them")
  void memfd() throws IOException {
    try (Machine machine = machine()) {
      Resource pool = machine.attach("pool", Memfd.of("shared-bytes", 10_000));
      assertThat(pool.range().sizeBytes()).isEqualTo(10_000);
      try (Mapping whole = machine.memremap(pool.range(), MemremapFlag.WB);
          Mapping part =
              machine.memremap(PhysRange.of(pool.range().start() + 5001, 7), MemremapFlag.WB)) {
        whole.store(5001, 32, 0xcafe);
        assertThat(part.load(0, 32)).isEqualTo(0xcafe);
        assertThat(part.segment().byteSize()).isEqualTo(7);
        try (FileChannel other = FileChannel.open(descriptor("shared-bytes"))) {
          assertThat(other.size()).isEqualTo(10_000);
          java.nio.ByteBuffer two = java.nio.ByteBuffer.allocate(2);
          other.read(two, 5001);
          assertThat(two.array()).containsExactly(0xfe, 0xca);
        }
      }
    }
    assertThat(Files.readString(Path.of("/proc/self/maps"))).doesNotContain("memfd:shared-bytes");
    assertThatThrownBy(() -> descriptor("shared-bytes")).hasMessageContaining("No value present");
  }

  private static Path descriptor(String memfd) throws IOException {
    try (Stream<Path> all = Files.list(Path.of("/proc/self/fd"))) {
      return all.filter(
              fd -> {
                try {
                  return Files.readSymbolicLink(fd).toString().contains("memfd:" + memfd);
                } catch (IOException closedMeanwhile) {
                  return false;
                }
              })
          .findFirst()
          .orElseThrow();
    }
  }

  @Test
  @DisplayName("attached memory may have a page map, whose pages find it")
  void pageMap() {
    try (Machine machine = machine()) {
      Resource pool = machine.attach("pool", Memfd.of("pages", 4 << 20));
      DevPagemap map = DevPagemap.over(pool.range()).type(MemoryType.GENERIC).build();
      machine.memremapPages(map).set(ValueLayout.JAVA_LONG, 4096, 42);
      long pfn = (pool.range().start() >>> 12) + 1;
      DevPagemap found = machine.getDevPagemap(pfn, null);
      assertThat(found).isSameAs(map);
      found.put();
      try (Mapping mapping = machine.memremap(pool.range(), MemremapFlag.WB)) {
        assertThat(mapping.load(4096, 64)).isEqualTo(42);
      }
      machine.memunmapPages(map);
      assertThat(machine.getDevPagemap(pfn, null)).isNull();
    }
  }

  @ParameterizedTest
  @CsvSource({"0, 4096", "-1, 4096", "2097153, 2097152", "4096, 3000", "4096, 1024"})
  @DisplayName("sizes that cannot be are a sentence")
  void sizes(long size, long page) {
    assertThatThrownBy(() -> Memfd.huge("sizes", size, page))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageMatching(".*(give at least 1|does not exist).*");
  }

  @Test
  @DisplayName(
      "RES-11 more memory than the machine has addresses for is ERANGE, and stays the caller's")
  void tooMuch() {
    try (Machine machine = machine();
        Memfd memfd = Memfd.of("too-much", 1L << 50)) {
      MemremapException refused =
          catchThrowableOfType(MemremapException.class, () -> machine.attach("pool", memfd));
      assertThat(refused.errno()).isEqualTo(Errno.ERANGE);
      machine.attach("pool", Memfd.of("not-too-much", 4096));
    }
  }

  @Test
  @DisplayName(
      "huge pages hold bytes; where none are set aside the mapping says how to, with ENOMEM")
  void hugePages() {
    assumeTrue(
        Files.isDirectory(Path.of("/sys/kernel/mm/hugepages/hugepages-2048kB")),
        "SKIPPED: this kernel has no huge pages of 2 MiB");
    try (Memfd memfd = Memfd.huge("huge", 2 * HUGE, HUGE);
        Arena arena = Arena.ofConfined()) {
      MappedBytes bytes;
      try {
        bytes = memfd.map(HUGE + 5, 10, arena);
      } catch (MemremapException refused) {
        assertThat(refused.errno()).isEqualTo(Errno.ENOMEM);
        assertThat(refused.sentence()).contains("sysctl -w vm.nr_hugepages=N");
        abort("SKIPPED: no huge pages are set aside here, which the refusal says: " + refused);
        return;
      }
      bytes.segment().fill((byte) 3);
      assertThat(bytes.segment().byteSize()).isEqualTo(10);
    }
  }

  @Test
  @DisplayName("a kernel without huge pages of a size says so, with ENODEV")
  void noSuchHugePages() {
    FaultySyscalls calls = new FaultySyscalls();
    calls.fail("memfd_create", Errno.ENODEV, 1);
    assertThat(
            catchThrowableOfType(
                MemremapException.class, () -> Memfd.open(new Posix(calls), "huge", HUGE, HUGE)))
        .hasMessageContaining("this system has no pages of 2097152 bytes")
        .extracting(MemremapException::errno)
        .isEqualTo(Errno.ENODEV);
  }

  @Test
  @DisplayName("a file of huge pages must lie in a hugetlbfs; the sentence says how to make one")
  void notHugetlbfs() throws IOException {
    Path file = file("plain", HUGE);
    assertThat(catchThrowableOfType(MemremapException.class, () -> HugetlbFile.open(file)))
        .hasMessageContaining("mount -t hugetlbfs")
        .extracting(MemremapException::errno)
        .isEqualTo(Errno.EINVAL);
    assertThat(
            catchThrowableOfType(
                MemremapException.class, () -> HugetlbFile.open(folder.resolve("none"))))
        .extracting(MemremapException::errno)
        .isEqualTo(Errno.ENOENT);
  }

  @Test
  @DisplayName("an empty file, a missing one, a directory: each is a sentence with its errno")
  void unusableFiles() throws IOException {
    Path empty = file("empty", 0);
    assertThat(catchThrowableOfType(MemremapException.class, () -> DaxFile.orCached(empty)))
        .hasMessageContaining("it is empty; give it a size first")
        .extracting(MemremapException::errno)
        .isEqualTo(Errno.EINVAL);
    assertThat(
            catchThrowableOfType(
                MemremapException.class, () -> DaxFile.orCached(folder.resolve("none"))))
        .hasMessageContaining("no such file")
        .extracting(MemremapException::errno)
        .isEqualTo(Errno.ENOENT);
    assertThat(catchThrowableOfType(MemremapException.class, () -> DaxFile.orCached(folder)))
        .hasMessageContaining(folder.toString());
    Posix posix = new Posix(new FaultySyscalls());
    assertThat(
            catchThrowableOfType(
                MemremapException.class, () -> HugetlbFile.open(posix, empty, HUGE)))
        .hasMessageContaining("it is empty");
  }

  @Test
  @DisplayName("a file that may not be written is refused, not mapped by halves")
  void readOnlyFile() throws IOException {
    Path file = file("read-only", 4096);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("r--r--r--"));
    assumeTrue(!Files.isWritable(file), "SKIPPED: root may write every file");
    assertThat(catchThrowableOfType(MemremapException.class, () -> DaxFile.orCached(file)))
        .extracting(MemremapException::errno)
        .isEqualTo(Errno.EACCES);
  }

  @Test
  @DisplayName("LIB-8 a file cut short under a mapping is EIO at the access, and the JVM lives on")
  void cutShort() throws IOException {
    Path file = file("short", 16 << 10);
    try (Machine machine = machine()) {
      Resource log = machine.attach("log", DaxFile.orCached(file));
      try (Mapping mapping = machine.memremap(log.range(), MemremapFlag.WB)) {
        mapping.store(12 << 10, 64, 1);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
          channel.truncate(4096);
        }
        MemremapException lost =
            catchThrowableOfType(MemremapException.class, () -> mapping.load(12 << 10, 64));
        assertThat(lost.errno()).isEqualTo(Errno.EIO);
        assertThat(lost.rule()).isEqualTo(Rule.LIB_8);
        assertThat(lost.sentence()).contains(file.toString()).contains("cut short");
        assertThat(mapping.load(0, 64)).isZero();
        assertThat(
                catchThrowableOfType(MemremapException.class, () -> mapping.store(8 << 10, 8, 1)))
            .isNotNull();
      }
      assertThat(
              catchThrowableOfType(
                  MemremapException.class, () -> machine.memremap(log.range(), MemremapFlag.WB)))
          .hasMessageContaining("it had 16384 bytes when it was opened and has 4096 now");
    }
  }

  @Test
  @DisplayName("a name is attached once")
  void twice() {
    try (Machine machine = machine();
        Memfd second = Memfd.of("second", 4096)) {
      machine.attach("pool", Memfd.of("first", 4096));
      assertThatThrownBy(() -> machine.attach("pool", second))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("the name pool is taken");
    }
  }

  @Test
  @DisplayName("memory that was closed is not mapped: its descriptor is another file's by now")
  void closed() throws IOException {
    Path file = file("closed", 8192);
    Posix posix = new Posix(new FaultySyscalls());
    Memfd memfd = Memfd.of("closed", 4096);
    DaxFile dax = DaxFile.orCached(file);
    HugetlbFile huge = HugetlbFile.open(posix, file, 4096);
    for (MemorySource source : new MemorySource[] {memfd, dax, huge}) {
      source.close();
      source.close();
      try (Arena arena = Arena.ofConfined();
          FileChannel other = FileChannel.open(file)) {
        assertThat(other.size()).isEqualTo(8192);
        assertThatThrownBy(() -> source.map(0, 4096, arena))
            .isInstanceOf(IllegalStateException.class)
            .hasMessage(source.name() + " is closed");
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"ENOMEM, true", "EACCES, false"})
  @DisplayName("to set more huge pages aside is the advice where they lack, and nowhere else")
  void advice(Errno errno, boolean more) throws IOException {
    FaultySyscalls calls = new FaultySyscalls();
    try (HugetlbFile huge = HugetlbFile.open(new Posix(calls), file("advice", HUGE), HUGE);
        Arena arena = Arena.ofConfined()) {
      calls.fail("mmap", errno, 1);
      MemremapException refused =
          catchThrowableOfType(MemremapException.class, () -> huge.map(0, 1, arena));
      assertThat(refused.sentence().contains("vm.nr_hugepages")).isEqualTo(more);
    }
    // the flag is what a kernel without huge pages would not know
    calls.fail("mmap", errno, 1);
    Memfd memfd;
    try {
      memfd = Memfd.open(new Posix(calls), "advice", HUGE, HUGE);
    } catch (MemremapException noSuchPages) {
      assumeTrue(false, "SKIPPED for memfd: " + noSuchPages.sentence());
      return;
    }
    try (memfd;
        Arena arena = Arena.ofConfined()) {
      MemremapException refused =
          catchThrowableOfType(MemremapException.class, () -> memfd.map(0, 1, arena));
      assertThat(refused.sentence().contains("vm.nr_hugepages")).isEqualTo(more);
    }
    assertThat(calls.openDescriptors()).isEmpty();
  }
}
