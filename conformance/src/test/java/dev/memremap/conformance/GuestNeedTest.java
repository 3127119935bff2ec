// SPDX-License-Identifier: Apache-2.0
package dev.memremap.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memremap.scenario.Kernel;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class GuestNeedTest {
  @Test
  @DisplayName("what is missing is said with what to install, and what is there with its place")
  void look() {
    GuestNeed missing =
        GuestNeed.look("QEMU", () -> HostTools.find("qemu-none", "qemu-none", "/bin").toString());
    assertThat(missing.isMet()).isFalse();
    assertThat(missing.missing()).isEqualTo("no qemu-none here");
    assertThat(missing.remedy()).isEqualTo("apt-get install qemu-none");
    GuestNeed shell = GuestNeed.look("sh", () -> HostTools.find("sh", "dash", "/bin").toString());
    assertThat(shell).isEqualTo(new GuestNeed("sh", "/bin/sh", "", "", false));
  }

  @Test
  @DisplayName("what cannot be looked for is said in a sentence, and ends no other look")
  void failing() {
    GuestNeed closed =
        GuestNeed.kernel(
            "5.10",
            "it",
            () -> {
              throw new UncheckedIOException(new AccessDeniedException("/c/kernels"));
            });
    assertThat(closed.isMet()).isFalse();
    assertThat(closed.missing()).isEqualTo("cannot be looked for: /c/kernels (permission denied)");
    GuestNeed odd =
        GuestNeed.look(
            "QEMU",
            () -> {
              throw new IllegalArgumentException("Nul character not allowed: /a?");
            });
    assertThat(odd.missing()).isEqualTo("cannot be looked for: Nul character not allowed: /a?");
  }

  @Test
  @DisplayName("a kernel that is not here yet is fetched on demand, and is said to be")
  void fetched() {
    assertThat(GuestNeed.kernel("5.10", "memremap conformance --kernel 5.10", Optional::empty))
        .isEqualTo(
            new GuestNeed(
                "Linux 5.10",
                "",
                "not here yet",
                "memremap conformance --kernel 5.10 fetches it",
                true));
    List<String> all = GuestKernel.allSeries();
    assertThat(all)
        .containsExactly("5.10", "6.1", "6.12", "7.3")
        .contains(Kernel.FOLLOWED.version());
    assertThat(GuestKernel.SERIES).isEqualTo(String.join(", ", all) + " or newest");
  }

  @Test
  @DisplayName("where all needs are met, a guest can run, and where one is not, none can")
  void all() {
    Optional<String> whatIsMissing = GuestMachine.whatIsMissing();
    boolean met =
        GuestNeed.all().stream()
            .filter(need -> List.of("QEMU", "busybox", "Linux 6.1").contains(need.name()))
            .allMatch(GuestNeed::isMet);
    assertThat(met).isEqualTo(whatIsMissing.isEmpty());
  }
}
