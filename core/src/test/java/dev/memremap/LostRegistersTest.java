// SPDX-License-Identifier: Apache-2.0
package dev.memremap;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memremap.testing.ChildJvm;
import dev.memremap.testing.LostRegisters;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Every access to registers whose memory is gone ends in its exception, whatever compiled it. With
 * {@code -Ddev.memremap.rounds=400000}, as the thorough build runs it, each access is long since
 * compiled before the memory goes; a short build makes do with less.
 */
@EnabledOnOs(
    value = OS.LINUX,
    disabledReason = "simulated memory is cut short through /proc/self/fd")
class LostRegistersTest {
  private static final int ROUNDS = Integer.getInteger("dev.memremap.rounds", 60_000);
  private static final int INTERPRETED_ROUNDS = 100;

  @TempDir Path directory;

  @ParameterizedTest(name = "{0}")
  @CsvSource({"-Xint", "-XX:TieredStopAtLevel=1", "-XX:+TieredCompilation"})
  @DisplayName("LIB-2, LIB-8 of 1,000 accesses of each kind, 1,000 end at the access")
  void everyAccess(String compiler) throws Exception {
    int rounds = compiler.equals("-Xint") ? INTERPRETED_ROUNDS : ROUNDS;
    ChildJvm child =
        ChildJvm.run(directory, List.of(compiler), LostRegistersProgram.class, "" + rounds);
    assertThat(child.exitStatus()).as(child.output()).isZero();
    for (String route : List.of("simulated", "attached")) {
      assertThat(child.lines(route))
          .hasSize(LostRegisters.LINES)
          .allSatisfy(line -> assertThat(line).endsWith(": 1000 of 1000 typed, 0 errors later"));
    }
  }
}
