// SPDX-License-Identifier: Apache-2.0
package dev.memremap;

import static dev.memremap.Machines.PMEM;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.memremap.machine.MachineDescription;
import dev.memremap.page.DevPagemap;
import dev.memremap.page.MemoryType;
import dev.memremap.plan.MemremapFlag;
import dev.memremap.resource.PhysRange;
import dev.memremap.rule.Errno;
import dev.memremap.rule.MemremapException;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Bad input, and the one sentence it gets. */
class BadInputTest {

  @ParameterizedTest(name = "{4}: {0}+{1} flags {2}")
  @CsvSource(
      delimiter = '|',
      value = {
        "0x40000000|0|1|MR-7|the size is 0; give the number of bytes",
        "0x20000800|0|1|D-8|the size is 0; give the number of bytes",
        "0x20000800|0|2|MR-5|the size is 0 and the offset lies inside System RAM; give the number of bytes",
        "0|0|1|MR-3|the size is 0, which here reads as a range over more than System RAM; give the number of bytes",
        "0xfffffffffffff000|8K|1|IO-1|wraps around the end of the 64-bit address space; give a size of at most 0x1000",
        "0x10000000|0xffffffffffffffff|1|D-8|wraps around the end of the 64-bit address space; end it before that",
        "0x10000000000|4K|1|IO-1|0x10000000000 lies beyond the machine's last address, 0xffffffffff (phys-bits 40)",
        "0xfffffff000|8K|1|D-9|0x10000000fff lies beyond the machine's last address, 0xffffffffff (phys-bits 40)",
        "0x40000000|4K|0x20|MR-6|no known flag is among 0x20; give WB, WT or WC",
        "0x40000000|4K|0|MR-2|no flags are given; give WB, WT or WC",
        "0x40000000|4K|8|MR-6|ENC only modifies; give WB, WT or WC with it",
      })
  @DisplayName("D-6 a refused request says what is wrong and what to do, by its rule")
  void refusals(String offset, String size, String flags, String rule, String sentence) {
    try (Machine machine = Machines.machine()) {
      MemremapException e =
          catchThrowableOfType(
              MemremapException.class,
              () ->
                  machine.memremap(
                      dev.memremap.resource.Memparse.parse(offset),
                      dev.memremap.resource.Memparse.parse(size),
                      dev.memremap.resource.Memparse.parse(flags)));
      assertThat(e.rule().id()).isEqualTo(rule);
      assertThat(e.sentence()).endsWith(sentence);
      assertThat(e.getMessage()).contains(e.rule().sentence()).contains(e.errno().name());
    }
  }

  @Test
  @DisplayName("MR-6 unknown bits beside a known flag are ignored, as in kernels")
  void unknownBits() {
    try (Machine machine = Machines.machine();
        Mapping mapping = machine.memremap(PMEM, 4096, 0x21)) {
      assertThat(mapping.cacheMode()).hasToString("WB");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "colour|red|a machine file has no key 'colour'; the keys are arch, kernel, phys-bits",
        "kernel|six|kernel=six: the value must be what uname -r prints",
        "kernel|6.16|kernel=6.16: 6.16 lies between 6.14 and 6.18, which answer differently",
        "kernel|4.19|kernel=4.19: there are rules for the kernels from 5.10 to 7.3; give one of these",
        "physmem-end|1023G|physmem-end=0xffc0000000: the value must be the first address beyond the direct map, 1T to 64T",
        "physmem-end|65T|physmem-end=0x410000000000: the value must be the first address beyond the direct map, 1T to 64T",
        "physmem-end|far|physmem-end=far: the value must be the first address beyond the direct map",
        "mtrr|on|mtrr=on: the value must be off",
        "phys-bits|60|phys-bits=60: the value must be a number of bits, 32 to 52",
        "phys-bits|many|phys-bits=many: the value must be",
        "arch|z80|arch=z80: the value must be what uname -m prints, such as x86_64 or aarch64",
        "mem-encrypt|rot13|mem-encrypt=rot13: the value must be none, sme or tdx",
        "memmap|flat|memmap=flat: the value must be kernel or compact",
        "pages|8K|pages=8K: the value must be 4K, 16K or 64K",
        "pages|64K|pages of 65536 bytes do not exist on x86_64",
        "mtrr-uc|0x1000|mtrr-uc=0x1000: the value must be START+SIZE",
        "mtrr-uc|0x1000+0|mtrr-uc=0x1000+0: '0x1000+0' is not a range",
        "mtrr-uc|40000000+1M|mtrr-uc=40000000+1M: '40000000+1M' is not a range (40000000: did you mean 0x40000000 or 40000000 (0x2625a00)?)",
        "mtrr-uc|fd000000+1M|mtrr-uc=fd000000+1M: 'fd000000+1M' is not a range (fd000000: did you mean 0xfd000000?)",
        "mtrr-uc|0x1000-0x1fff+1|mtrr-uc=0x1000-0x1fff+1: '0x1000-0x1fff+1' is not a range",
        "memtype|40000000+4K:WB|memtype=40000000+4K:WB: '40000000+4K' is not a range (40000000: did you mean 0x40000000",
        "bar|edu,0,1000+4K|bar=edu,0,1000+4K: '1000+4K' is not a range (1000: did you mean 0x1000 or 1000 (0x3e8)?)",
        "bar|edu,0,0x1000+4K,prefetch,prefetch|a BAR's driver cannot be named 'prefetch'",
        "kernel|6.1\u2003x|the value must be what uname -r prints",
        "memtype|0x1000+4K|memtype=0x1000+4K: the value must be START+SIZE:MODE",
        "memtype|0x1000+4K:XX|the value must be START+SIZE:MODE[,…] with MODE WB, WT, WC",
      })
  @DisplayName("a machine file's wrong key or value is named")
  void wrongFacts(String key, String value, String sentence) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Machines.qemu().with(key, value))
        .withMessageContaining(sentence);
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                MachineDescription.parse(
                    "# a comment\n# "
                        + key
                        + "="
                        + value
                        + "\n"
                        + "00001000-00001fff : System RAM\n"))
        .withMessageContaining("machine text:2: ")
        .withMessageContaining(sentence);
  }

  @Test
  @DisplayName("a machine file says the same after it was written and read")
  void machineFileRoundTrip() {
    MachineDescription description =
        Machines.qemu()
            .with("memtype", "0xfed00000+4K:UC-")
            .with("mem-encrypt", "sme")
            .with("memmap", "kernel");
    MachineDescription again = MachineDescription.parse(description.toText());
    assertThat(again.toText()).isEqualTo(description.toText());
    assertThat(again.memtypes()).isEqualTo(description.memtypes());
    assertThat(again.uncachable()).isEqualTo(description.uncachable());
  }

  @Test
  @DisplayName(
      "without mtrr-uc the MTRRs are uncachable from the end of RAM below 4 GiB up to 4 GiB")
  void mtrrDefault() {
    MachineDescription description =
        MachineDescription.parse(
            "00001000-7ffdefff : System RAM\n100000000-1ffffffff : System RAM\n");
    assertThat(description.uncachable()).containsExactly(new PhysRange(0x7ffdf000L, 0xffffffffL));
  }

  @Test
  @DisplayName("C-19 a machine of another architecture is read and shown, and maps nothing")
  void otherArchitecture() {
    MachineDescription arm = Machines.qemu().with("arch", "arm64");
    assertThat(arm.toText()).startsWith("# arch=arm64\n");
    try (Machine machine = Machine.simulated(arm)) {
      PhysRange range = PhysRange.of(PMEM, 2 << 20);
      DevPagemap map = DevPagemap.over(range).type(MemoryType.GENERIC).build();
      for (ThrowingCallable call :
          List.<ThrowingCallable>of(
              () -> machine.memremap(PMEM, 4096, 1),
              () -> machine.explain(PMEM, 4096, 1),
              () -> machine.explain(range, MemremapFlag.WB),
              () -> machine.ioremap(range),
              () -> machine.explainIoremap(range),
              () -> machine.memremapPages(map),
              () -> machine.explainPages(map))) {
        MemremapException e = catchThrowableOfType(MemremapException.class, call);
        assertThat(e.errno()).isEqualTo(Errno.EOPNOTSUPP);
        assertThat(e.rule().id()).isEqualTo("C-19");
        assertThat(e).hasMessageContaining("architecture arm64 can be read and shown");
      }
    }
  }

  @Test
  @DisplayName("memory types that conflict in a machine file are refused when the machine is made")
  void conflictingMemtypes() {
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                Machine.simulated(
                    Machines.qemu().with("memtype", "0x40000000+4K:WB,0x40000000+4K:WC")))
        .withMessageContaining("memtype=0x40000000+0x1000:WC cannot be")
        .withMessageContaining("mapped WB already");
  }
}
