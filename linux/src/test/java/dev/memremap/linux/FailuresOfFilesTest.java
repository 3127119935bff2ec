// SPDX-License-Identifier: Apache-2.0
package dev.memremap.linux;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memremap.Machine;
import dev.memremap.machine.MachineDescription;
import dev.memremap.page.DevPagemap;
import dev.memremap.page.FailureOutcome;
import dev.memremap.page.MemoryType;
import dev.memremap.page.Page;
import dev.memremap.resource.PhysRange;
import dev.memremap.rule.Errno;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a memory failure makes of pages that a file of the system leads to. */
class FailuresOfFilesTest {
  @TempDir private Path root;

  private static FailureOutcome failure(Machine machine, PhysRange range) {
    DevPagemap map = DevPagemap.over(range).type(MemoryType.GENERIC).build();
    machine.memremapPages(map);
    long pfn = range.firstPfn(4096) + 3;
    FailureOutcome outcome = machine.memoryFailure(pfn, 1, 0);
    Page page = machine.pfnToPage(pfn);
    assertThat(page.isPoisoned()).isEqualTo(outcome.isRecovered());
    machine.memunmapPages(map);
    return outcome;
  }

  @Test
  @DisplayName("MF-3 pages of device DAX are mapped by it")
  void deviceDax() {
    Computer computer = Computer.withEverything(root);
    try (Machine machine = computer.machine()) {
      FailureOutcome outcome = failure(machine, machine.device("dax0.0").range());
      assertThat(outcome.isRecovered()).as(outcome.sentence()).isTrue();
    }
  }

  private static Machine simulated() {
    return Machine.simulated(
        MachineDescription.parse("# phys-bits=46\n00001000-3fffffff : System RAM\n"));
  }

  @Test
  @DisplayName("MF-3 pages of a memfd are mapped by a file without DAX: EBUSY")
  void memfd() {
    try (Machine machine = simulated()) {
      FailureOutcome outcome =
          failure(machine, machine.attach("pool", Memfd.of("pages", 4 << 20)).range());
      assertThat(outcome.error()).contains(Errno.EBUSY);
      assertThat(outcome.sentence()).contains("pages", "a file without DAX");
    }
  }

  @Test
  @DisplayName("MF-3 pages of a cached file are mapped by a file without DAX: EBUSY")
  void cached() throws Exception {
    Path file = Files.write(root.resolve("log"), new byte[4 << 20]);
    try (Machine machine = simulated()) {
      FailureOutcome outcome =
          failure(machine, machine.attach("log", DaxFile.orCached(file)).range());
      assertThat(outcome.error()).contains(Errno.EBUSY);
      assertThat(outcome.sentence()).contains(file.toString(), "a file without DAX");
    }
  }
}
