// SPDX-License-Identifier: Apache-2.0
package dev.memremap.machine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.memremap.Machine;
import dev.memremap.Mapping;
import dev.memremap.plan.MemremapFlag;
import dev.memremap.resource.PhysRange;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A host is recorded from what its Linux shows, and replayed from the file alone. */
class HostTablesTest {
  private static final String IOMEM =
      """
      00001000-7ffeffff : System RAM
      80000000-febfffff : PCI Bus 0000:00
      fed00000-fed003ff : HPET 0
      """;

  @TempDir private Path root;

  @BeforeEach
  void x86() {
    assumeTrue(
        System.getProperty("os.arch").equals("amd64"), "the tables below are an x86-64 machine's");
  }

  private void file(String path, String text) throws IOException {
    Path file = root.resolve(path);
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
  }

  private MachineDescription read() {
    return new HostTables(root).read();
  }

  @Test
  @DisplayName("the header says what cpuinfo, the MTRRs and the memory type list tell")
  void everything() throws IOException {
    file("proc/iomem", IOMEM);
    file(
        "proc/cpuinfo",
        "processor\t: 0\nflags\t\t: fpu pat\naddress sizes\t: 39 bits physical, 48 bits virtual\n");
    file("proc/mtrr", "reg00: base=0x080000000 ( 2048MB), size= 2048MB, count=1: uncachable\n");
    file(
        "sys/kernel/debug/x86/pat_memtype_list",
        "PAT memtype list:\nPAT: [mem 0x00000000fed00000-0x00000000fed01000] uncached-minus\n");
    MachineDescription host = read();
    assertThat(host.toText())
        .isEqualTo(
            """
            # phys-bits=39
            # mtrr-uc=0x80000000+0x80000000
            # memtype=0xfed00000+0x1000:UC-
            """
                + IOMEM);
    try (Machine replayed = Machine.simulated(MachineDescription.parse(host.toText()));
        Mapping timer = replayed.memremap(PhysRange.of(0xfed00000L, 4096), MemremapFlag.WB)) {
      assertThat(timer.cacheMode()).hasToString("UC-");
    }
  }

  @Test
  @DisplayName(
      "write-back registers over an uncachable default leave the gaps between them uncachable")
  void writeBackRegisters() throws IOException {
    file("proc/iomem", IOMEM);
    file("proc/cpuinfo", "address sizes\t: 36 bits physical, 48 bits virtual\n");
    file(
        "proc/mtrr",
        """
        reg00: base=0x000000000 (    0MB), size= 2048MB, count=1: write-back
        reg01: base=0x100000000 ( 4096MB), size= 4096MB, count=1: write-back
        reg02: base=0x07ff00000 ( 2047MB), size=    1MB, count=1: uncachable
        """);
    assertThat(read().mtrrUncachable())
        .containsExactly(
            PhysRange.of(0x7ff00000L, 1 << 20),
            new PhysRange(0x80000000L, 0xffffffffL),
            new PhysRange(0x200000000L, 0xfffffffffL));
  }

  @Test
  @DisplayName("a guest with private memory says so in its flags")
  void encryptedGuest() throws IOException {
    file("proc/iomem", IOMEM);
    file("proc/cpuinfo", "flags\t\t: fpu tdx_guest pat\n");
    assertThat(read().encryption()).isEqualTo(MemEncryption.TDX);
  }

  @Test
  @DisplayName(
      "what cannot be read is left to the defaults; without the resource tree there is a sentence")
  void missing() throws IOException {
    assertThatExceptionOfType(UncheckedIOException.class)
        .isThrownBy(this::read)
        .withMessageContaining("/proc/iomem cannot be read");
    file("proc/iomem", IOMEM);
    assertThat(read().toText()).isEqualTo(IOMEM);
  }

  @Test
  @DisplayName("PRC-3 zeros for every address: the file was read without privilege")
  void unprivileged() throws IOException {
    file("proc/iomem", "00000000-00000000 : System RAM\n  00000000-00000000 : Kernel code\n");
    assertThatIllegalArgumentException()
        .isThrownBy(this::read)
        .withMessageContaining("/proc/iomem:1: ")
        .withMessageContaining("root");
  }
}
