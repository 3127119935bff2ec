// SPDX-License-Identifier: Apache-2.0
package dev.memremap.conformance;

import static org.assertj.core.api.Assertions.assertThat;

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
    assertThat(missing.missing()).isEqualTo("No qemu-none here: run apt-get install qemu-none");
    GuestNeed shell = GuestNeed.look("sh", () -> HostTools.find("sh", "dash", "/bin").toString());
    assertThat(shell).isEqualTo(new GuestNeed("sh", "/bin/sh", ""));
  }

  @Test
  @DisplayName("where all needs are met, a guest can run, and where one is not, none can")
  void all() {
    Optional<String> whatIsMissing = GuestMachine.whatIsMissing();
    boolean met =
        GuestNeed.all().stream()
            .filter(need -> !need.name().equals("compiler"))
            .allMatch(GuestNeed::isMet);
    assertThat(met).isEqualTo(whatIsMissing.isEmpty());
  }
}
