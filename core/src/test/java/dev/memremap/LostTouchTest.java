// SPDX-License-Identifier: Apache-2.0
package dev.memremap;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memremap.testing.ChildJvm;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Memory is touched whatever compiled the touch. */
@EnabledOnOs(value = OS.LINUX, disabledReason = "other systems keep a mapped file as long as it is")
class LostTouchTest {

  @ParameterizedTest(name = "{0}")
  @ValueSource(strings = {"-XX:TieredStopAtLevel=1", "-XX:-TieredCompilation"})
  @DisplayName("LIB-2, LIB-8 no compiler leaves a touch of memory out")
  void everyTouch(String compiler, @TempDir Path directory) throws Exception {
    ChildJvm child = ChildJvm.run(directory, List.of(compiler), LostTouchProgram.class);
    assertThat(child.exitStatus()).as(child.output()).isZero();
    assertThat(child.lines("touched"))
        .containsExactly("touched: %1$d of %1$d".formatted(LostTouchProgram.TOUCHES));
  }
}
