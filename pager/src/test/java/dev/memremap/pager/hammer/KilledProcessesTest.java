// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager.hammer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memremap.Seeds;
import dev.memremap.pager.NeedsUserfaultfd;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** No page reads as zeros, no thread waits for ever, and what was flushed is in the store. */
@NeedsUserfaultfd
@Execution(ExecutionMode.CONCURRENT) // its tests wait for JVMs of their own
class KilledProcessesTest {
  @TempDir private Path folder;

  private void kills(int tens, String collector, int platform, int virtual) {
    List<String> options = List.of("-Xmx256m", "-XX:+Use%sGC".formatted(collector));
    Seeds.checkFresh(
        random -> {
          try (KilledProcesses killed =
              new KilledProcesses(folder, options, random, platform, virtual)) {
            for (int i = 0; i < tens; i++) {
              System.out.println(killed.ten());
            }
            assertThat(killed.kills())
                .containsExactlyInAnyOrderEntriesOf(
                    Map.of(
                        KilledProcesses.Kind.WORKER, 4 * tens,
                        KilledProcesses.Kind.GUARDIAN, 3 * tens,
                        KilledProcesses.Kind.ALL, 2 * tens,
                        KilledProcesses.Kind.APPLICATION, tens));
          }
        });
  }

  @Test
  @DisplayName("Workers, guardians, both at once and the application are killed, ten times in all")
  void killed() {
    // with more threads each start of a process takes seconds
    kills(1, "Serial", 4, 16);
  }

  static List<String> collectors() {
    return HammerTest.collectors();
  }

  @Tag("thorough")
  @ParameterizedTest
  @MethodSource("collectors")
  @DisplayName("They are killed a hundred times with each collector")
  void killedForLong(String collector) {
    kills(10, collector, 16, 200);
  }
}
