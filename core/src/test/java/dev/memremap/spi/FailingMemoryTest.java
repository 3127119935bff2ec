// SPDX-License-Identifier: Apache-2.0
package dev.memremap.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.memremap.cache.CacheMode;
import dev.memremap.internal.sim.SparseMemory;
import dev.memremap.resource.PhysRange;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FailingMemoryTest {
  private static final PhysRange PAGE = new PhysRange(0x1000, 0x1fff);

  private static final AccessPath.Open PATH = AccessPath.only(CacheMode.WB, CacheMode.WB).orThrow();

  @TempDir Path directory;

  @Test
  @DisplayName("the call named fails, the others map, and open mappings are counted")
  void failsAndCounts() {
    FailingMemory memory = new FailingMemory(SparseMemory.open(directory));
    memory.failMap(2, () -> new IllegalStateException("as told"));
    try (memory;
        Arena kept = Arena.ofShared()) {
      memory.map(PAGE, PATH, kept);
      assertThatThrownBy(() -> memory.map(PAGE, PATH, kept)).hasMessage("as told");
      try (Arena brief = Arena.ofConfined()) {
        memory.map(PAGE, PATH, brief);
        assertThat(memory.openMappings()).isEqualTo(2);
      }
      assertThat(memory.openMappings()).isEqualTo(1);
      assertThat(memory.mapCalls()).isEqualTo(3);
      assertThatThrownBy(() -> memory.failMap(3, IllegalStateException::new))
          .hasMessageContaining("already made");
    }
    assertThat(memory.isClosed()).isTrue();
  }
}
