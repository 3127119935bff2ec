// SPDX-License-Identifier: Apache-2.0
package dev.memremap.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.memremap.IoMemory;
import dev.memremap.Machine;
import dev.memremap.Mapping;
import dev.memremap.plan.MemremapFlag;
import dev.memremap.resource.PhysRange;
import dev.memremap.resource.Resource;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A system whose pages are larger than 4 KiB, as on Arm and PowerPC. */
class SystemPageSizeTest {
  @TempDir private Path root;

  /** The offset and the length of each mmap. */
  private final List<long[]> mapped = new ArrayList<>();

  /** The offset and the length of each fallocate. */
  private final List<long[]> allocated = new ArrayList<>();

  /** The C library's door on a system with pages of this size. */
  private Syscalls door(int pageBytes) {
    Syscalls real = Native.calls();
    return (Syscalls)
        Proxy.newProxyInstance(
            Syscalls.class.getClassLoader(),
            new Class<?>[] {Syscalls.class},
            (proxy, method, arguments) -> {
              if (method.getName().equals("pageSize")) {
                return pageBytes;
              }
              if (method.getName().equals("mmap")) {
                mapped.add(new long[] {(long) arguments[4], (long) arguments[0]});
              }
              if (method.getName().equals("fallocate")) {
                allocated.add(new long[] {(long) arguments[2], (long) arguments[3]});
              }
              return method.invoke(real, arguments);
            });
  }

  private void assertWholePages(int pageBytes) {
    assertWholePages(mapped, pageBytes);
  }

  private static void assertWholePages(List<long[]> calls, int pageBytes) {
    assertThat(calls)
        .isNotEmpty()
        .allSatisfy(
            call -> {
              assertThat(call[0]).as("offset").isEqualTo(call[0] & -pageBytes);
              assertThat(call[1]).as("length").isPositive().isEqualTo(call[1] & -pageBytes);
            });
  }

  @ParameterizedTest
  @ValueSource(ints = {4096, 16384, 65536})
  @DisplayName("files are mapped by whole pages of the system, and a user gets the bytes asked for")
  void wholePages(int pageBytes) {
    Computer computer = new Computer(root, door(pageBytes));
    computer.pci(Computer.GPU, "10de", "20f1");
    computer.bar(Computer.GPU, 1, Computer.WINDOW, true);
    computer.devMem();
    PhysRange inside = PhysRange.of(Computer.WINDOW.start() + 0x5678, 0x100);
    try (Machine machine = computer.machine()) {
      for (MemremapFlag type : List.of(MemremapFlag.WC, MemremapFlag.WB)) {
        try (Mapping window = machine.memremap(inside, type);
            Mapping whole = machine.memremap(Computer.WINDOW, type)) {
          window.store(0, 32, 0x600df00d + type.ordinal());
          assertThat(whole.load(0x5678, 32)).isEqualTo(0x600df00d + type.ordinal());
        }
      }
      PhysRange firmware = PhysRange.of(Computer.FIRMWARE.start() + 0x1008, 8);
      try (Mapping through = machine.memremap(firmware, MemremapFlag.WB)) {
        assertThat(through.segment().byteSize()).isEqualTo(8);
      }
    }
    assertWholePages(pageBytes);
  }

  @ParameterizedTest
  @ValueSource(ints = {4096, 16384, 65536})
  @DisplayName("a UIO device has one page of offsets for each map, of the system's size")
  void uio(int pageBytes) {
    Computer computer = new Computer(root, door(pageBytes));
    computer.uio("uio0", Computer.UIO);
    computer.uioMap("uio0", 1, PhysRange.of(0xfe900000L, 0x100));
    computer.memory("dev/uio0", 4L * pageBytes);
    try (Machine machine = computer.machine();
        IoMemory registers = machine.ioremap(PhysRange.of(0xfe900000L, 0x100))) {
      assertThat(registers.range().sizeBytes()).isEqualTo(0x100);
      assertThat(mapped.getLast()).containsExactly(pageBytes, pageBytes);
    }
  }

  @Test
  @DisplayName("a memfd has pages of the system; smaller ones do not exist")
  void memfd() {
    Posix posix = new Posix(door(65536));
    Computer computer = new Computer(root, door(65536));
    try (Machine machine = computer.machine()) {
      Resource pool = machine.attach("pool", Memfd.open(posix, "pool", 100_000, 65536));
      try (Mapping memory = machine.memremap(pool.range(), MemremapFlag.WB)) {
        memory.store(99_992, 64, 1);
        assertThat(memory.load(99_992, 64)).isEqualTo(1);
      }
    }
    assertWholePages(65536);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Memfd.open(posix, "small", 4096, 4096))
        .withMessageContaining("a page of 4096 bytes");
  }

  @ParameterizedTest
  @ValueSource(ints = {4096, 16384, 65536})
  @DisplayName("a file is mapped and allocated by whole pages of the system")
  void file(int pageBytes) throws IOException {
    Path path = Files.write(root.resolve("log"), new byte[3 * 65536]);
    try (DaxFile file = DaxFile.open(path, false, new Posix(door(pageBytes)), null).populate();
        Arena arena = Arena.ofConfined()) {
      MemorySegment part = file.map(70_000, 5, arena).segment();
      assertThat(part.byteSize()).isEqualTo(5);
      part.fill((byte) 3);
    }
    assertThat(Files.readAllBytes(path)[70_004]).isEqualTo((byte) 3);
    // the mapping that asks for MAP_SYNC is of the file's first byte
    assertWholePages(mapped.subList(1, mapped.size()), pageBytes);
    assertWholePages(allocated, pageBytes);
  }

  @Test
  @DisplayName("the C library tells the page size")
  void real() {
    long bytes = new Posix(Native.calls()).pageBytes();
    assertThat(bytes).isGreaterThanOrEqualTo(4096);
    assertThat(Long.bitCount(bytes)).isEqualTo(1);
  }

  @ParameterizedTest
  @CsvSource({
    "amd64, 324",
    "aarch64, 283",
    "riscv64, 283",
    "ppc64le, 365",
    "s390x, 356",
    "mips64, -1"
  })
  @DisplayName("membarrier has a number of its own on each architecture")
  void membarrier(String architecture, long number) {
    assertThat(NativeSyscalls.membarrier(architecture)).isEqualTo(number);
  }
}
