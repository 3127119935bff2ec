// SPDX-License-Identifier: Apache-2.0
package dev.memremap.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.memremap.IoMemory;
import dev.memremap.Machine;
import dev.memremap.Mapping;
import dev.memremap.plan.MemremapFlag;
import dev.memremap.resource.PhysRange;
import dev.memremap.rule.Errno;
import dev.memremap.rule.MemremapException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every call of the C library fails once with every error that its manual page lists for our use,
 * in the life of every kind of mapping; nothing stays open, mapped or reserved.
 */
class SyscallFaultsTest {
  private static final List<Errno> OPEN =
      List.of(
          Errno.EACCES,
          Errno.EBUSY,
          Errno.EISDIR,
          Errno.ELOOP,
          Errno.EMFILE,
          Errno.ENAMETOOLONG,
          Errno.ENFILE,
          Errno.ENODEV,
          Errno.ENOENT,
          Errno.ENOMEM,
          Errno.ENOTDIR,
          Errno.ENXIO,
          Errno.EOVERFLOW,
          Errno.EPERM,
          Errno.EROFS,
          Errno.ETXTBSY);
  private static final List<Errno> MMAP =
      List.of(
          Errno.EACCES,
          Errno.EAGAIN,
          Errno.EBADF,
          Errno.EINVAL,
          Errno.ENFILE,
          Errno.ENODEV,
          Errno.ENOMEM,
          Errno.EOVERFLOW,
          Errno.EPERM,
          Errno.ETXTBSY);
  private static final List<Errno> MEMFD =
      List.of(Errno.EFAULT, Errno.EINVAL, Errno.EMFILE, Errno.ENFILE, Errno.ENOMEM, Errno.EPERM);
  private static final List<Errno> FTRUNCATE =
      List.of(Errno.EBADF, Errno.EFBIG, Errno.EINVAL, Errno.EIO, Errno.EPERM, Errno.EROFS);
  private static final List<Errno> LSEEK =
      List.of(Errno.EBADF, Errno.EINVAL, Errno.ENXIO, Errno.EOVERFLOW, Errno.ESPIPE);

  @TempDir Path root;
  private Computer computer;

  @BeforeEach
  void assemble() {
    computer = Computer.withEverything(root).memory("huge", 4 << 20);
  }

  /** The life of one kind of mapping, from opening to closing. */
  private interface Life {
    void live(Computer computer, Machine machine);
  }

  private static final Life WINDOW = memremap(Computer.WINDOW, MemremapFlag.WC);
  private static final Life RAM =
      memremap(PhysRange.of(Computer.RAM.start(), 8192), MemremapFlag.WB);
  private static final Life DAX = memremap(PhysRange.of(0x100201000L, 8192), MemremapFlag.WB);
  private static final Life UIO =
      (computer, machine) -> {
        try (IoMemory registers = machine.ioremap(Computer.UIO)) {
          registers.write32(0, 1);
        }
      };
  private static final Life REGISTERS =
      (computer, machine) -> {
        try (IoMemory registers = machine.ioremap(Computer.REGISTERS)) {
          registers.write32(8, registers.read32(4));
        }
      };
  private static final Life MEMFD_LIFE =
      (computer, machine) -> {
        try (Memfd memfd = Memfd.open(new Posix(computer.calls), "faults", 8192, Posix.PAGE);
            Arena arena = Arena.ofConfined()) {
          memfd.map(4096, 4096, arena).segment().fill((byte) 1);
        }
      };
  private static final Life HUGE =
      (computer, machine) -> {
        try (HugetlbFile file =
                HugetlbFile.open(new Posix(computer.calls), computer.path("huge"), 2 << 20);
            Arena arena = Arena.ofConfined()) {
          file.map(5, 1, arena).segment().fill((byte) 1);
        }
      };

  private static final Life FILE =
      (computer, machine) -> {
        Posix posix = new Posix(computer.calls);
        try (DaxFile file = DaxFile.open(computer.path("huge"), false, posix, null);
            Arena arena = Arena.ofConfined()) {
          file.map(5, 1, arena).segment().fill((byte) 1);
        }
      };

  private static Life memremap(PhysRange range, MemremapFlag flag) {
    return (computer, machine) -> {
      try (Mapping mapping = machine.memremap(range, flag)) {
        mapping.store(0, 32, 7);
        assertThat(mapping.load(0, 32)).isEqualTo(7);
      }
    };
  }

  static Stream<Arguments> faults() {
    List<Arguments> all = new ArrayList<>();
    List<Arguments> lives =
        List.of(
            Arguments.of("a BAR, WC", WINDOW),
            Arguments.of("registers", REGISTERS),
            Arguments.of("device DAX", DAX),
            Arguments.of("UIO", UIO),
            Arguments.of("/dev/mem", RAM),
            Arguments.of("a file", FILE),
            Arguments.of("huge pages", HUGE));
    for (Arguments life : lives) {
      add(all, life, "open", OPEN);
      add(all, life, "mmap", MMAP);
    }
    add(all, lives.get(lives.size() - 2), "lseek", LSEEK);
    add(all, lives.getLast(), "lseek", LSEEK);
    Arguments memfd = Arguments.of("memfd", MEMFD_LIFE);
    add(all, memfd, "memfd_create", MEMFD);
    add(all, memfd, "ftruncate", FTRUNCATE);
    add(all, memfd, "mmap", MMAP);
    return all.stream();
  }

  private static void add(
      List<Arguments> all, Arguments life, String function, List<Errno> errnos) {
    for (Errno errno : errnos) {
      all.add(Arguments.of(life.get()[0], life.get()[1], function, errno));
    }
  }

  @ParameterizedTest(name = "{0}: {2} fails with {3}")
  @MethodSource("faults")
  @DisplayName("a call that fails always is one exception with its errno, and leaves nothing")
  void failsAlways(String what, Life life, String function, Errno errno) throws IOException {
    String before = descriptors();
    try (Machine machine = computer.machine()) {
      computer.calls.fail(function, errno, Integer.MAX_VALUE);
      MemremapException refused =
          catchThrowableOfType(MemremapException.class, () -> life.live(computer, machine));
      assertThat(refused).as("%s of %s with %s", function, what, errno).isNotNull();
      assertThat(refused.errno()).isEqualTo(errno);
      assertThat(refused.sentence()).contains(errno.name()).doesNotContain("\n");
      assertThat(machine.memtypes().isEmpty()).isTrue();
      assertThat(machine.liveMappings()).isEmpty();
      computer.calls.fail("", errno, 0);
      life.live(computer, machine);
      assertThat(machine.memtypes().isEmpty()).isTrue();
    }
    assertNothingLeft(before);
  }

  @ParameterizedTest
  @EnumSource(names = {"EINTR", "EIO", "ENOSPC", "EDQUOT"})
  @DisplayName("close that fails has closed: it is not called again, and not reported")
  void closeFails(Errno errno) throws IOException {
    String before = descriptors();
    for (Life life : List.of(WINDOW, DAX, UIO, RAM, REGISTERS, MEMFD_LIFE, HUGE, FILE)) {
      try (Machine machine = computer.machine()) {
        computer.calls.fail("close", errno, Integer.MAX_VALUE);
        life.live(computer, machine);
      }
    }
    assertNothingLeft(before);
  }

  @ParameterizedTest
  @EnumSource(names = {"EINVAL", "ENOMEM"})
  @DisplayName("what cannot be unmapped is closed all the same: no access reaches it any more")
  void munmapFails(Errno errno) {
    try (Machine machine = computer.machine()) {
      Mapping mapping = machine.memremap(Computer.WINDOW, MemremapFlag.WC);
      MemorySegment segment = mapping.segment();
      computer.calls.fail("munmap", errno, 1);
      mapping.close();
      assertThat(segment.scope().isAlive()).isFalse();
      assertThat(machine.memtypes().isEmpty()).isTrue();
      assertThat(computer.calls.mappedAddresses()).hasSize(1);
      computer.calls.unmapAll();
    }
  }

  @Test
  @DisplayName(
      "a signal interrupts open and ftruncate: they are called again, as often as it takes")
  void interrupted() {
    try (Machine machine = computer.machine()) {
      computer.calls.fail("open", Errno.EINTR, 3);
      WINDOW.live(computer, machine);
      assertThat(computer.calls.calls()).filteredOn("open"::equals).hasSize(4);
      computer.calls.fail("ftruncate", Errno.EINTR, 3);
      MEMFD_LIFE.live(computer, machine);
      assertThat(computer.calls.calls()).filteredOn("ftruncate"::equals).hasSize(4);
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"EACCES", "EROFS"})
  @DisplayName("a file that may only be read is mapped to be read, and a store is refused in words")
  void readOnly(Errno errno) {
    try (Machine machine = computer.machine()) {
      computer.calls.fail("open", errno, 1);
      try (Mapping mapping = machine.memremap(Computer.WINDOW, MemremapFlag.WC)) {
        assertThat(mapping.isReadOnly()).isTrue();
        assertThat(mapping.load(0, 32)).isZero();
        assertThat(catchThrowableOfType(MemremapException.class, () -> mapping.store(0, 32, 1)))
            .hasMessageContaining("resource1_wc")
            .extracting(MemremapException::errno)
            .isIn(Errno.EACCES, Errno.EROFS);
      }
    }
  }

  @Test
  @DisplayName("a first route whose file fails gives way to the next that has the mode")
  void nextRoute() {
    try (Machine machine = computer.machine()) {
      computer.calls.fail("open", Errno.ENODEV, 1);
      try (Mapping mapping = machine.memremap(Computer.WINDOW, MemremapFlag.WB)) {
        assertThat(mapping.backing()).isEqualTo("/dev/mem");
      }
    }
  }

  private void assertNothingLeft(String descriptorsBefore) throws IOException {
    assertThat(computer.calls.openDescriptors()).isEmpty();
    assertThat(computer.calls.mappedAddresses()).isEmpty();
    assertThat(descriptors()).isEqualTo(descriptorsBefore);
    assertThat(Files.readString(Path.of("/proc/self/maps")))
        .doesNotContain(root.toString())
        .doesNotContain("memfd:faults");
  }

  /** The open files of this process that are ours. */
  private String descriptors() throws IOException {
    List<String> ours = new ArrayList<>();
    try (Stream<Path> all = Files.list(Path.of("/proc/self/fd"))) {
      for (Path fd : all.toList()) {
        try {
          String target = Files.readSymbolicLink(fd).toString();
          if (target.startsWith(root.toString()) || target.contains("memfd:faults")) {
            ours.add(target);
          }
        } catch (IOException closedMeanwhile) {
          continue;
        }
      }
    }
    return String.join("\n", ours);
  }
}
