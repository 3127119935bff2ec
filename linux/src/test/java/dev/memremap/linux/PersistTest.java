// SPDX-License-Identifier: Apache-2.0
package dev.memremap.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.memremap.Machine;
import dev.memremap.Mapping;
import dev.memremap.machine.MachineDescription;
import dev.memremap.plan.MemremapFlag;
import dev.memremap.resource.PhysRange;
import dev.memremap.resource.Resource;
import dev.memremap.rule.Errno;
import dev.memremap.rule.MemremapException;
import dev.memremap.rule.Rule;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What stored bytes take to reach their media: which call, with exactly which range. */
class PersistTest {
  /** Sees what libpmem is called with. */
  private static final class Recorder implements Libpmem.Functions {
    final List<String> calls = new ArrayList<>();

    @Override
    public void persist(long address, long length) {
      calls.add("persist 0x%x+%d".formatted(address, length));
    }

    @Override
    public void drain() {
      calls.add("drain");
    }
  }

  @TempDir Path root;
  private final Recorder recorder = new Recorder();

  private Computer computer() {
    return Computer.withEverything(root).libpmem(new Libpmem(recorder));
  }

  @Test
  @DisplayName("persist on device DAX is pmem_persist with exactly the range; drain is pmem_drain")
  void deviceDax() {
    try (Machine machine = computer().machine();
        Mapping mapping = machine.memremap(PhysRange.of(0x100200040L, 8192), MemremapFlag.WB)) {
      long address = mapping.segment().address();
      mapping.store(100, 64, 7);
      mapping.persist(100, 8);
      mapping.persist(0, 0);
      mapping.persist(4000, 4192);
      mapping.drain();
      assertThat(recorder.calls)
          .containsExactly(
              "persist 0x%x+8".formatted(address + 100),
              "persist 0x%x+4192".formatted(address + 4000),
              "drain");
    }
  }

  @Test
  @DisplayName("persist outside the mapping, or of a closed one, calls nothing")
  void outside() {
    try (Machine machine = computer().machine()) {
      Mapping mapping = machine.memremap(PhysRange.of(0x100200000L, 4096), MemremapFlag.WB);
      assertThatThrownBy(() -> mapping.persist(4000, 97))
          .isInstanceOf(IndexOutOfBoundsException.class);
      assertThatThrownBy(() -> mapping.persist(-1, 1))
          .isInstanceOf(IndexOutOfBoundsException.class);
      assertThatThrownBy(() -> mapping.persist(0, Long.MAX_VALUE))
          .isInstanceOf(IndexOutOfBoundsException.class);
      mapping.close();
      assertThatThrownBy(() -> mapping.persist(0, 1)).isInstanceOf(IllegalStateException.class);
      assertThatThrownBy(mapping::drain).isInstanceOf(IllegalStateException.class);
      assertThat(recorder.calls).isEmpty();
    }
  }

  @Test
  @DisplayName("where libpmem is missing, device DAX promises nothing and says what to install")
  void withoutLibpmem() {
    try (Machine machine = Computer.withEverything(root).machine();
        Mapping mapping = machine.memremap(PhysRange.of(0x100200000L, 4096), MemremapFlag.WB)) {
      mapping.store(0, 32, 1);
      assertThatThrownBy(() -> mapping.persist(0, 4))
          .isInstanceOf(UnsupportedOperationException.class)
          .hasMessageContaining("/dev/dax0.0 cannot promise")
          .hasMessageContaining("apt-get install libpmem1");
      assertThatThrownBy(mapping::drain).isInstanceOf(UnsupportedOperationException.class);
    }
  }

  @Test
  @DisplayName("a BAR, RAM and a memfd keep nothing, and say so")
  void forgetful() {
    try (Machine machine = computer().machine()) {
      Resource memfd = machine.attach("memfd", Memfd.of("forgetful", 4096));
      for (PhysRange range :
          List.of(Computer.WINDOW, PhysRange.of(0x200000, 4096), memfd.range())) {
        try (Mapping mapping = machine.memremap(range, MemremapFlag.WB)) {
          assertThatThrownBy(() -> mapping.persist(0, 4))
              .as(mapping.backing())
              .isInstanceOf(UnsupportedOperationException.class)
              .hasMessageContaining("cannot promise that bytes outlast a loss of power");
        }
      }
      assertThat(recorder.calls).isEmpty();
    }
  }

  /** A file that the page cache holds, on whatever file system the build lies on. */
  private static Path cachedFile(long bytes) throws IOException {
    Path file = Files.createTempFile(Path.of("target"), "persist", ".bin");
    file.toFile().deleteOnExit();
    try (RandomAccessFile open = new RandomAccessFile(file.toFile(), "rw")) {
      open.setLength(bytes);
    }
    return file;
  }

  private static Machine simulated() {
    return Machine.simulated(MachineDescription.parse("00001000-0009ffff : System RAM\n"));
  }

  @Test
  @DisplayName(
      "persist of a file that is cached is msync, from the page that holds the first byte to the"
          + " last")
  void cached() throws IOException {
    FaultySyscalls calls = new FaultySyscalls();
    Path file = cachedFile(32 << 10);
    try (Machine machine = simulated()) {
      DaxFile source = DaxFile.open(file, false, new Posix(calls), new Libpmem(recorder));
      assertThat(source.isDirect()).isFalse();
      Resource log = machine.attach("log", source);
      try (Mapping mapping = machine.memremap(log.range(), MemremapFlag.WB)) {
        mapping.store(4090, 64, -1);
        calls.calls().clear();
        mapping.persist(4090, 8);
        long address = mapping.segment().address();
        assertThat(calls.calls()).containsExactly("msync", "msync 0x%x+4098".formatted(address));
        mapping.persist(8192, 1);
        mapping.drain();
        assertThat(calls.calls().subList(2, 4))
            .containsExactly("msync", "msync 0x%x+1".formatted(address + 8192));
        assertThat(recorder.calls).as("libpmem is for bytes that no page cache holds").isEmpty();
      }
      assertThat(Files.readAllBytes(file)[4097]).isEqualTo((byte) -1);
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"EBUSY", "EINVAL", "ENOMEM", "EIO"})
  @DisplayName("an msync that fails says that the bytes may not be on the media")
  void msyncFails(Errno errno) throws IOException {
    FaultySyscalls calls = new FaultySyscalls();
    try (Machine machine = simulated()) {
      Resource log =
          machine.attach("log", DaxFile.open(cachedFile(4096), false, new Posix(calls), null));
      try (Mapping mapping = machine.memremap(log.range(), MemremapFlag.WB)) {
        calls.fail("msync", errno, 1);
        MemremapException failed =
            catchThrowableOfType(MemremapException.class, () -> mapping.persist(0, 8));
        assertThat(failed.errno()).isEqualTo(errno);
        assertThat(failed.rule()).isEqualTo(Rule.LIB_8);
        assertThat(failed.sentence()).contains("may not be on its media").contains("msync of ");
        calls.fail("msync", Errno.EINTR, 2);
        mapping.persist(0, 8);
      }
    }
  }

  @Test
  @DisplayName("DaxFile.open wants a file system that maps directly, and says how to mount one")
  void notDirect() throws IOException {
    Path file = cachedFile(4096);
    assertThat(
            catchThrowableOfType(
                MemremapException.class,
                () -> DaxFile.open(file, true, new Posix(new FaultySyscalls()), null)))
        .hasMessageContaining("mount it with -o dax")
        .extracting(MemremapException::errno)
        .isEqualTo(Errno.EOPNOTSUPP);
  }

  @Test
  @DisplayName(
      "persist of a page that went away is an error with a name, and libpmem never sees it")
  void wentAway() throws IOException {
    Computer computer = computer();
    try (Machine machine = computer.machine();
        Mapping mapping = machine.memremap(PhysRange.of(0x100200000L, 8192), MemremapFlag.WB)) {
      mapping.store(0, 32, 1);
      computer.memory("dev/dax0.0", 0);
      MemremapException lost =
          catchThrowableOfType(MemremapException.class, () -> mapping.persist(0, 8192));
      assertThat(lost.errno()).isEqualTo(Errno.EIO);
      assertThat(lost.rule()).isEqualTo(Rule.LIB_8);
      assertThat(recorder.calls).isEmpty();
    }
  }
}
