// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memremap.cli.doctor.Check;
import dev.memremap.cli.doctor.Checkup;
import dev.memremap.cli.terminal.ExitStatus;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class DoctorTest {
  private static final Checkup POOR =
      new Checkup(
          List.of(
              new Check(
                  Check.Group.LIBRARY, "Java", Check.State.OK, "25.0.3 of a vendor in /jdk", ""),
              new Check(
                  Check.Group.LIBRARY,
                  "simulated memory",
                  Check.State.MISSING,
                  "no file can be made in /full",
                  "free room there"),
              new Check(
                  Check.Group.HOST,
                  "huge pages",
                  Check.State.NOTE,
                  "0 set aside",
                  "sysctl -w vm.nr_hugepages=N")));

  @Test
  @DisplayName("what is found stands below what needs it, and what to do in a line of its own")
  void lines() {
    assertThat(new DoctorView(POOR).lines())
        .containsExactly(
            "the library and simulated machines:",
            "  ok       Java              25.0.3 of a vendor in /jdk",
            "  missing  simulated memory  no file can be made in /full",
            "                             to do: free room there",
            "the memory of this computer:",
            "  note     huge pages        0 set aside",
            "                             to do: sysctl -w vm.nr_hugepages=N",
            "1 in order, 1 could be better, 1 missing");
  }

  @Test
  @DisplayName("a computer is usable where nothing is missing that the library needs")
  void usable() {
    assertThat(POOR.isUsable()).isFalse();
    Checkup withoutHost =
        new Checkup(
            List.of(
                new Check(Check.Group.HOST, "/proc/iomem", Check.State.MISSING, "zeros", "sudo"),
                new Check(Check.Group.GUESTS, "QEMU", Check.State.MISSING, "none", "")));
    assertThat(withoutHost.isUsable()).isTrue();
  }

  @Test
  @DisplayName("this computer, which runs these tests, can run the library")
  void here() {
    CommandRun run = CommandRun.run("doctor");
    assertThat(run.status()).isEqualTo(ExitStatus.OK);
    assertThat(run.out())
        .contains("  ok       Java ", "  ok       mappings ", " QEMU ", " /proc/iomem ");
    assertThat(run.err()).isEmpty();
  }

  @Test
  @DisplayName("as JSON, each check has its group, name, state, finding and remedy")
  void json() {
    JsonNode root = Schemas.check(new DoctorView(POOR).toJson());
    assertThat(root.get("usable").asBoolean()).isFalse();
    JsonNode second = root.get("checks").get(1);
    assertThat(second.get("group").asString()).isEqualTo("library");
    assertThat(second.get("state").asString()).isEqualTo("missing");
    assertThat(second.get("remedy").asString()).isEqualTo("free room there");
  }
}
