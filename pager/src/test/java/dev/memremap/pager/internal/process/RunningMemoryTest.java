// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager.internal.process;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What is said of a process that may not be looked at. */
class RunningMemoryTest {
  @Test
  @DisplayName("What was refused is named, and root is not told to become root")
  void denied() {
    assertThat(RunningMemory.denied(1, "/proc/1/fd/0", false))
        .isEqualTo(
            "process 1 belongs to another user, so the system refuses to read /proc/1/fd/0; run this as that user or as root");
    assertThat(RunningMemory.denied(1, "/proc/1/fd/0", true))
        .isEqualTo(
            "process 1 cannot be looked at: the system refuses root to read /proc/1/fd/0, which takes CAP_SYS_PTRACE; run this outside of the container, or give it that");
  }
}
