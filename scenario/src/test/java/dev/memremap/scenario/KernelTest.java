// SPDX-License-Identifier: Apache-2.0
package dev.memremap.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memremap.rule.Rule;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KernelTest {
  @ParameterizedTest
  @DisplayName("versions are ordered by their numbers, not by their letters")
  @CsvSource({
    "6.12, 6, 5, true",
    "6.5, 6, 5, true",
    "6.1, 6, 5, false",
    "5.10, 5, 9, true",
    "5.10, 6, 0, false",
    "7.0, 6, 5, true"
  })
  void isAtLeast(String version, int major, int minor, boolean expected) {
    assertThat(new Kernel(version).isAtLeast(major, minor)).isEqualTo(expected);
  }

  /** A map, and another on another device that brings a reference. */
  private static Scenario scenario(String map, String operation) {
    return Scenario.parse(
        Path.of("x.scenario"),
        """
        machine m
        device d
        device e
        ref r
        pgmap p range=0+0 type=%s
        pgmap q range=0+0 type=GENERIC ref=r
        remap-pages p dev=d
        remap-pages q dev=e
        %s
        """
            .formatted(map, operation));
  }

  private static Optional<Rule> departure(
      String version, Scenario scenario, String ours, String theirs) {
    return new Kernel(version)
        .differsFromFollowed(scenario, scenario.operations().getLast(), ours, theirs);
  }

  @ParameterizedTest(name = "{1} of {0}: ours {2}, theirs {3}: {4}")
  @CsvSource({
    // the range is not addressable
    "GENERIC,               remap-pages p, error EINVAL, error E2BIG,  true",
    "GENERIC,               remap-pages p, error ENOMEM, error E2BIG,  false",
    "GENERIC,               remap-pages p, error EINVAL, error ENOMEM, false",
    // types and compound pages that it does not have
    "COHERENT,              remap-pages p, ok,           error EINVAL, true",
    "COHERENT,              remap-pages p, ok,           error ENOMEM, false",
    "PRIVATE,               remap-pages p, ok,           error EINVAL, true",
    "PRIVATE,               remap-pages p, ok,           error ENOMEM, false",
    "FS_DAX,                remap-pages p, ok,           error EINVAL, false",
    "GENERIC,               remap-pages p, ok,           error EINVAL, false",
    "GENERIC shift=0,       remap-pages p, ok,           error EINVAL, false",
    "GENERIC shift=1,       remap-pages p, ok,           error EINVAL, true",
    "GENERIC shift=1,       remap-pages p, ok,           error ENOMEM, false",
    // a reference that is dead already
    "GENERIC ref=r,         remap-pages p, error EINVAL, ok,           true",
    "GENERIC,               remap-pages p, error EINVAL, ok,           false",
    "GENERIC ref=r,         remap-pages p, error ENOMEM, ok,           false",
    // it waits for a caller's reference
    "GENERIC ref=r,         unmap-pages p, ok,           busy,         true",
    "GENERIC,               unmap-pages p, ok,           busy,         false",
    "GENERIC ref=r,         unmap-pages p, refused,      busy,         false",
    "GENERIC ref=r,         unmap-pages p, ok,           not-live,     false",
    "GENERIC ref=r,         device-release d, ok,        busy,         true",
    "GENERIC,               device-release d, ok,        busy,         false",
    "GENERIC,               device-release e, ok,        busy,         true",
    "GENERIC ref=r,         device-release d, refused,   busy,         false",
    "GENERIC ref=r,         device-release d, ok,        not-live,     false",
    "GENERIC ref=r,         lookup l 0,    none,         busy,         false",
  })
  @DisplayName("C-12 5.10 answers otherwise where it is known to, and nowhere near that")
  void differs(String map, String operation, String ours, String theirs, boolean differs) {
    Scenario scenario = scenario(map, operation);
    assertThat(departure("5.10", scenario, ours, theirs))
        .isEqualTo(differs ? Optional.of(Rule.C_12) : Optional.empty());
    assertThat(departure("5.9", scenario, ours, theirs)).isEmpty();
    assertThat(departure("6.1", scenario, ours, theirs)).isEmpty();
  }

  @ParameterizedTest(name = "{1} of {0} answered {2}: {3}")
  @CsvSource({
    "GENERIC ref=r,  remap-pages p, error ENOMEM, true",
    "FS_DAX ref=r,   remap-pages p, error ENOMEM, true",
    "GENERIC,        remap-pages p, error ENOMEM, false",
    "GENERIC ref=r,  remap-pages p, ok,           false",
    "GENERIC ref=r,  remap-pages p, refused,      false",
    "PRIVATE ref=r,  remap-pages p, error ENOMEM, false",
    "COHERENT ref=r, remap-pages p, error ENOMEM, false",
    "GENERIC ref=r,  unmap-pages p, error ENOMEM, false",
  })
  @DisplayName("C-12, D-11 5.10 kills a caller's reference when the map fails on its ranges")
  void parts(String map, String operation, String answer, boolean parts) {
    Scenario scenario = scenario(map, operation);
    Operation last = scenario.operations().getLast();
    assertThat(new Kernel("5.10").partsFromFollowed(scenario, last, answer)).isEqualTo(parts);
    assertThat(new Kernel("6.1").partsFromFollowed(scenario, last, answer)).isFalse();
  }
}
