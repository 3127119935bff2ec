// SPDX-License-Identifier: Apache-2.0
package dev.memremap.machine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.tuple;

import dev.memremap.Machine;
import dev.memremap.Mapping;
import dev.memremap.plan.MemremapFlag;
import dev.memremap.plan.RemapPlan;
import dev.memremap.resource.PhysRange;
import dev.memremap.rule.Fact;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A host is recorded from what its Linux shows, and replayed from the file alone. */
class HostTablesTest {
  private static final String IOMEM =
      """
      00001000-7ffeffff : System RAM
      80000000-febfffff : PCI Bus 0000:00
      fed00000-fed003ff : HPET 0
      """;

  @TempDir private Path root;

  private void file(String path, String text) throws IOException {
    Path file = root.resolve(path);
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
  }

  private MachineDescription read() {
    return new HostTables(root, "amd64").read();
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
            # recorded: arch from uname -m, phys-bits from /proc/cpuinfo, mtrr from /proc/mtrr without the default type (assumed to be write-back), memtype from pat_memtype_list
            # arch=x86_64
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

  private void firmware(int entry, String start, String end, String type) throws IOException {
    file("sys/firmware/memmap/" + entry + "/start", start + "\n");
    file("sys/firmware/memmap/" + entry + "/end", end + "\n");
    file("sys/firmware/memmap/" + entry + "/type", type + "\n");
  }

  @ParameterizedTest(name = "kernel {0}: {1}")
  @CsvSource(
      delimiter = '|',
      value = {
        "6.19.3 | ",
        "7.0.1 | # soft-reserved=0x100000000+0x40000000,0xfffffffff0000000+0x10000000",
      })
  @DisplayName("since 7.0 firmware's list tells what the kernel lists apart")
  void softReserved(String kernel, @org.jspecify.annotations.Nullable String line)
      throws IOException {
    file("proc/iomem", IOMEM + "200000000-23fffffff : Soft Reserved\n");
    file("proc/sys/kernel/osrelease", kernel + "\n");
    firmware(0, "0x1000", "0x7ffeffff", "System RAM");
    firmware(1, "0x100000000", "0x13fffffff", "Soft Reserved");
    firmware(2, "0x200000000", "0x23fffffff", "Soft Reserved");
    firmware(3, "", "0xfff", "Soft Reserved");
    firmware(4, "0xfffffffff0000000", "0xffffffffffffffff", "soft reserved");
    MachineDescription host = read();
    assertThat(host.toText().lines().filter(each -> each.startsWith("# soft-reserved")).toList())
        .isEqualTo(line == null ? List.of() : List.of(line));
    // a map that a kernel printed is as it is
    try (Machine machine = Machine.simulated(host)) {
      assertThat(machine.resource("Soft Reserved").range())
          .isEqualTo(PhysRange.parse("0x200000000-0x23fffffff"));
    }
  }

  @ParameterizedTest(name = "{0} entries: {1}")
  @CsvSource(
      delimiter = '|',
      value = {
        "1 | read: /sys/firmware/memmap",
        "0 | assumed: what firmware leaves for a driver is not known, so nothing; /sys/firmware/memmap would tell",
      })
  @DisplayName(
      "firmware's list without such memory tells that, too; without a list nothing is known")
  void noSoftReserved(int entries, String known) throws IOException {
    // what the kernel printed may have been put back by a driver, and is not all
    file("proc/iomem", IOMEM + "200000000-23fffffff : Soft Reserved\n");
    file("proc/sys/kernel/osrelease", "7.0.1\n");
    if (entries > 0) {
      firmware(0, "0x1000", "0x7ffeffff", "System RAM");
    }
    MachineDescription host = read();
    assertThat(host.facts())
        .filteredOn(each -> each.fact() == Fact.SOFT_RESERVED)
        .extracting(Fact.Known::toString, Fact.Known::value)
        .containsExactly(tuple(known, "none"));
    assertThat(MachineDescription.parse(host.toText()).facts())
        .as("recorded")
        .filteredOn(each -> each.fact() == Fact.SOFT_RESERVED)
        .extracting(Fact.Known::toString)
        .containsExactly(known.replace("read:", "recorded:"));
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

  @ParameterizedTest
  @ValueSource(strings = {"0", "31", "57", "99999999999"})
  @DisplayName("an odd width of addresses is left out, and all else is read")
  void oddWidth(String bits) throws IOException {
    file("proc/iomem", IOMEM);
    file(
        "proc/cpuinfo",
        "flags\t\t: fpu pat\naddress sizes\t: %s bits physical, 48 bits virtual\n".formatted(bits));
    assertThat(read().toText())
        .isEqualTo("# recorded: arch from uname -m\n# arch=x86_64\n" + IOMEM);
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
    assertThat(read().toText())
        .isEqualTo("# recorded: arch from uname -m\n# arch=x86_64\n" + IOMEM);
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

  private static Fact.Known known(MachineDescription description, Fact fact) {
    return description.facts().stream()
        .filter(known -> known.fact() == fact)
        .findFirst()
        .orElseThrow(() -> new AssertionError(fact + " is not among " + description.facts()));
  }

  private static RemapPlan wb(MachineDescription description, long start) {
    try (Machine machine = Machine.simulated(description)) {
      return machine.explain(PhysRange.of(start, 4096), MemremapFlag.WB);
    }
  }

  @Test
  @DisplayName("the kernel is the one that runs, which a record keeps with its source")
  void kernel() throws IOException {
    file("proc/iomem", IOMEM);
    assertThat(known(read(), Fact.KERNEL))
        .hasToString("assumed: the kernel is not known, so 6.1; uname -r would tell");
    file("proc/sys/kernel/osrelease", "6.12.9-amd64\n");
    MachineDescription host = read();
    assertThat(host.toText()).contains("kernel from uname -r").contains("# kernel=6.12.9-amd64\n");
    assertThat(known(host, Fact.KERNEL)).hasToString("read: uname -r");
    MachineDescription replayed = MachineDescription.parse(host.toText());
    assertThat(known(replayed, Fact.KERNEL)).hasToString("recorded: uname -r");
    assertThat(known(replayed, Fact.KERNEL).value()).isEqualTo("6.12.9-amd64");
    assertThat(known(replayed.with("kernel", "6.1"), Fact.KERNEL).source())
        .isEqualTo(Fact.Source.STATED);
    assertThat(known(host, Fact.KERNEL_RULES)).hasToString("proven: the kernel's own");
    assertThat(known(host, Fact.KERNEL_RULES).value()).isEqualTo("6.12");
    assertThat(new HostTables(root, "aarch64").read().facts())
        .as("rules of another architecture are missing whatever its kernel")
        .extracting(Fact.Known::fact)
        .contains(Fact.KERNEL)
        .doesNotContain(Fact.KERNEL_RULES);
    file("proc/sys/kernel/osrelease", "6.16.3\n");
    MachineDescription unread = read();
    assertThat(known(unread, Fact.KERNEL_RULES))
        .as("a host's release needs no suffix, and is not refused")
        .hasToString(
            "assumed: what 6.16.3 answers otherwise than 6.14 is not known, so nothing;"
                + " 'memremap conformance' with that kernel would tell");
    assertThat(MachineDescription.parse(unread.toText()).facts())
        .contains(known(unread, Fact.KERNEL_RULES));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> unread.with("kernel", "6.16.3"))
        .withMessageContaining("kernel=6.16.3: 6.16.3 lies between 6.14 and 6.18, ");
    file("proc/sys/kernel/osrelease", "no release, at all");
    assertThat(known(read(), Fact.KERNEL).isAssumed()).isTrue();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> host.with("kernel", "six"))
        .withMessageContaining("kernel=six: the value must be what uname -r prints");
  }

  @Test
  @DisplayName("without /proc/mtrr no MTRRs are known, and what they say is assumed")
  void noMtrrs() throws IOException {
    file("proc/iomem", IOMEM);
    MachineDescription host = read();
    assertThat(host.mtrrUncachable()).isNull();
    assertThat(known(host, Fact.MTRRS))
        .hasToString("assumed: no MTRRs are known; /proc/mtrr would tell");
    assertThat(wb(host, 0x80000000L).assumptions()).contains(known(host, Fact.MTRRS));
  }

  @Test
  @DisplayName("an empty /proc/mtrr says that the MTRRs are off, which a record keeps")
  void mtrrsOff() throws IOException {
    file("proc/iomem", IOMEM);
    file("proc/mtrr", "");
    MachineDescription host = read();
    assertThat(host.toText()).contains("# mtrr=off\n").doesNotContain("mtrr-uc");
    MachineDescription replayed = MachineDescription.parse(host.toText());
    assertThat(known(replayed, Fact.MTRRS)).hasToString("recorded: /proc/mtrr");
    RemapPlan plan = wb(replayed, 0x80000000L);
    assertThat(plan.lines().getFirst()).endsWith("WB gives a new mapping, UC-");
    assertThat(plan.assumptions()).extracting(Fact.Known::fact).doesNotContain(Fact.MTRRS);
  }

  @Test
  @DisplayName("registers are known; the default type is assumed where none of them says more")
  void defaultType() throws IOException {
    file("proc/iomem", IOMEM);
    file(
        "proc/mtrr",
        """
        reg00: base=0x000000000 (    0MB), size= 2048MB, count=1: write-back
        reg01: base=0x0fe000000 ( 4064MB), size=   32MB, count=1: uncachable
        """);
    MachineDescription host = read();
    assertThat(known(host, Fact.MTRRS)).hasToString("read: /proc/mtrr");
    String assumed =
        "assumed: the MTRRs' default type, and on AMD TOM2, are not known, so uncachable where no"
            + " register says more, but for memory above 4 GiB on AMD; rdmsr 0x2ff, and 0xc001001d"
            + " for TOM2, would tell";
    assertThat(wb(host, 0x80000000L).lines()).contains("  " + assumed);
    assertThat(wb(host, 0xfed00000L).lines()).doesNotContain("  " + assumed);
    MachineDescription replayed = MachineDescription.parse(host.toText());
    assertThat(wb(replayed, 0x80000000L).lines()).contains("  " + assumed);
    assertThat(MachineDescription.parse(replayed.toText()).toText()).isEqualTo(host.toText());
  }

  @ParameterizedTest
  @CsvSource({
    "uncachable, write-back",
    "write-combining, write-back",
    "write-back, uncachable",
  })
  @DisplayName("the default type that was assumed is the same once it was recorded, and so answers")
  void recordedDefaultType(String type, String assumed) throws IOException {
    file("proc/iomem", IOMEM);
    file("proc/mtrr", "reg00: base=0x080000000 (2048MB), size=2048MB, count=1: " + type + "\n");
    MachineDescription host = read();
    assertThat(known(host, Fact.MTRR_DEFAULT).value()).isEqualTo(assumed);
    MachineDescription replayed = MachineDescription.parse(host.toText());
    assertThat(known(replayed, Fact.MTRR_DEFAULT)).isEqualTo(known(host, Fact.MTRR_DEFAULT));
    assertThat(wb(replayed, 0x40000000L).lines()).isEqualTo(wb(host, 0x40000000L).lines());
    assertThat(replayed.toText()).as("recorded again").isEqualTo(host.toText());
    MachineDescription earlier =
        MachineDescription.parse(host.toText().replace(" (assumed to be write-back)", ""));
    assertThat(known(earlier, Fact.MTRR_DEFAULT))
        .as("of a record that does not say it")
        .isEqualTo(known(host, Fact.MTRR_DEFAULT));
  }

  @Test
  @DisplayName("an odd line of a list is left out, and said, and all else is read")
  void oddLines() throws IOException {
    file("proc/iomem", IOMEM);
    file(
        "proc/mtrr",
        """
        reg00: base=0x080000000 ( 2048MB), size= 2048MB, count=1: uncachable
        reg01: base=0x0zz000000 ( what?), size=   32MB, count=1: uncachable
        """);
    file(
        "sys/kernel/debug/x86/pat_memtype_list",
        """
        PAT memtype list:
        PAT: [mem 0x00000000fed00000-0x00000000fed01000] uncached-minus
        PAT: [mem 0x00000000fed00000-0x00000000fed01000] something-new
        PAT: [mem 0x00000000fee00000-0x00000000fee01000] write-combining
        """);
    MachineDescription host = read();
    assertThat(host.memtypes())
        .extracting(MachineDescription.Memtype::toString)
        .containsExactly("0xfed00000+0x1000:UC-", "0xfee00000+0x1000:WC");
    assertThat(host.mtrrUncachable()).containsExactly(new PhysRange(0x80000000L, 0xffffffffL));
    assertThat(known(host, Fact.MTRRS).because()).contains("line 2", "reg01");
    assertThat(known(host, Fact.MEMORY_TYPES).because()).contains("line 3", "something-new");
  }

  @ParameterizedTest
  @CsvSource({"3, ''", "4, '; and 1 more'", "2000, '; and 1997 more'"})
  @DisplayName("of many odd lines the first three are shown, and how many more there are")
  void manyOddLines(int lines, String more) throws IOException {
    file("proc/iomem", IOMEM);
    file(
        "proc/mtrr",
        "?\n".repeat(lines) + "reg00: base=0x080000000 ( 2048MB), size= 2048MB,: uncachable\n");
    file("sys/kernel/debug/x86/pat_memtype_list", "PAT: ?\n".repeat(lines));
    MachineDescription host = read();
    assertThat(host.origins().get(Fact.MTRRS).from())
        .isEqualTo("/proc/mtrr (skipped: line 1, '?'; line 2, '?'; line 3, '?'%s)".formatted(more));
    assertThat(host.origins().get(Fact.MEMORY_TYPES).from())
        .isEqualTo(
            "pat_memtype_list (skipped: line 1, 'PAT: ?'; line 2, 'PAT: ?'; line 3, 'PAT: ?'%s)"
                .formatted(more));
  }

  @ParameterizedTest
  @CsvSource({"aarch64, arm64", "riscv64, riscv64", "s390x, s390x", "ppc64le, ppc64"})
  @DisplayName("C-19 a computer is what its JVM says, whatever the names in its map")
  void anotherArchitecture(String jvm, String expected) throws IOException {
    file("proc/iomem", IOMEM);
    MachineDescription host = new HostTables(root, jvm).read();
    assertThat(host.architecture().id()).isEqualTo(expected);
    assertThat(known(host, Fact.ARCH)).hasToString("read: uname -m");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new HostTables(root, "z80").read())
        .withMessageContaining("z80");
  }

  @ParameterizedTest
  @CsvSource({"4096, 4K", "16384, 16K", "65536, 64K"})
  @DisplayName("the page size is the system's, as the auxiliary vector tells it")
  void pageSize(long bytes, String expected) throws IOException {
    file("proc/iomem", IOMEM);
    ByteBuffer auxv = ByteBuffer.allocate(48).order(ByteOrder.nativeOrder());
    auxv.putLong(16).putLong(0xbfebfbffL).putLong(6).putLong(bytes).putLong(0).putLong(0);
    Path file = root.resolve("proc/self/auxv");
    Files.createDirectories(file.getParent());
    Files.write(file, auxv.array());
    MachineDescription host = new HostTables(root, "aarch64").read();
    assertThat(host.pageSize()).isEqualTo(bytes);
    assertThat(host.toText()).contains("# pages=" + expected + "\n");
  }
}
