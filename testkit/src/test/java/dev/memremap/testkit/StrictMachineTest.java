// SPDX-License-Identifier: Apache-2.0
package dev.memremap.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.memremap.LeakException;
import dev.memremap.LeakException.Leak;
import dev.memremap.Machine;
import dev.memremap.Mapping;
import dev.memremap.machine.MachineDescription;
import dev.memremap.plan.MemremapFlag;
import dev.memremap.resource.PhysRange;
import dev.memremap.rule.Errno;
import dev.memremap.rule.MemremapException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Machines for tests without JUnit. */
class StrictMachineTest {
  private static final String TEXT = "100000000-13fffffff : Persistent Memory\n";
  private static final PhysRange PMEM = PhysRange.of(0x1_0000_0000L, 0x1000);

  @Test
  @DisplayName("a machine of a file names what leaked when its block ends")
  void ofAFile(@TempDir Path folder) throws Exception {
    Path file = Files.writeString(folder.resolve("m.iomem"), TEXT);

    LeakException thrown =
        catchThrowableOfType(
            LeakException.class,
            () -> {
              try (Machine machine = StrictMachine.of(file)) {
                machine.memremap(PMEM, MemremapFlag.WB);
              }
            });

    assertThat(thrown.leaks())
        .extracting(Leak::what)
        .containsExactly("mapping 0x100000000-0x100000fff WB");
  }

  @Test
  @DisplayName("choices count, and the machine is strict whatever they are")
  void withChoices() {
    try (Machine machine =
            StrictMachine.of(MachineDescription.parse(TEXT), builder -> builder.mappingLimit(1));
        Mapping mapping = machine.memremap(PMEM, MemremapFlag.WB)) {
      assertThat(mapping.madeAt()).get().asString().contains("StrictMachineTest.java");
      assertThat(
              catchThrowableOfType(
                  MemremapException.class, () -> machine.memremap(PMEM, MemremapFlag.WB)))
          .extracting(MemremapException::errno)
          .isEqualTo(Errno.ENOMEM);
    }
  }

  @Test
  @DisplayName("choices that return no builder are refused")
  void noBuilder() {
    MachineDescription description = MachineDescription.parse(TEXT);
    assertThatNullPointerException()
        .isThrownBy(() -> StrictMachine.of(description, builder -> null))
        .withMessageContaining("choices");
  }
}
