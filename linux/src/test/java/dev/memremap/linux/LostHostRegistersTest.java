// SPDX-License-Identifier: Apache-2.0
package dev.memremap.linux;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memremap.testing.ChildJvm;
import dev.memremap.testing.LostRegisters;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every access to registers of a device that was pulled ends in its exception. */
class LostHostRegistersTest {
  private static final int ROUNDS = Integer.getInteger("dev.memremap.rounds", 60_000);
  private static final int INTERPRETED_ROUNDS = 100;

  @TempDir Path directory;

  @ParameterizedTest(name = "{0}")
  @CsvSource({"-Xint", "-XX:TieredStopAtLevel=1", "-XX:+TieredCompilation"})
  @DisplayName("LIB-8 of 1,000 accesses of each kind to a pulled device, 1,000 end at the access")
  void everyAccess(String compiler) throws Exception {
    int rounds = compiler.equals("-Xint") ? INTERPRETED_ROUNDS : ROUNDS;
    ChildJvm child =
        ChildJvm.run(
            directory,
            List.of(compiler),
            LostHostRegistersProgram.class,
            "" + rounds,
            directory.toString());
    assertThat(child.exitStatus()).as(child.output()).isZero();
    assertThat(child.lines("host"))
        .hasSize(LostRegisters.LINES)
        .allSatisfy(line -> assertThat(line).endsWith(": 1000 of 1000 typed, 0 errors later"));
  }
}
