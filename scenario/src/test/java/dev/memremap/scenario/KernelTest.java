// SPDX-License-Identifier: Apache-2.0
package dev.memremap.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memremap.rule.Rule;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
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

  @ParameterizedTest(name = "{1} of {0}: ours {2}, theirs {3}: {4}")
  @CsvSource({
    // rules of kernel=5.10 excuse nothing: the range is not addressable
    "GENERIC,               remap-pages p, error EINVAL, error E2BIG,",
    // nor do a type and compound pages that it does not have
    "COHERENT,              remap-pages p, ok,           error EINVAL,",
    "GENERIC shift=1,       remap-pages p, ok,           error EINVAL,",
    // Debian's has no PRIVATE pages
    "PRIVATE,               remap-pages p, ok,           error EINVAL, C_12",
    "PRIVATE,               remap-pages p, ok,           error ENOMEM,",
    "FS_DAX,                remap-pages p, ok,           error EINVAL,",
    "GENERIC,               remap-pages p, ok,           error EINVAL,",
    // a reference that is dead already
    "GENERIC ref=r,         remap-pages p, error EINVAL, ok,           D_20",
    "GENERIC,               remap-pages p, error EINVAL, ok,",
    "GENERIC ref=r,         remap-pages p, error ENOMEM, ok,",
    // it waits for a caller's reference
    "GENERIC ref=r,         unmap-pages p, ok,           busy,         D_20",
    "GENERIC,               unmap-pages p, ok,           busy,",
    "GENERIC ref=r,         unmap-pages p, refused,      busy,",
    "GENERIC ref=r,         unmap-pages p, ok,           not-live,",
    "GENERIC ref=r,         device-release d, ok,        busy,         D_20",
    "GENERIC,               device-release d, ok,        busy,",
    "GENERIC,               device-release e, ok,        busy,         D_20",
    "GENERIC ref=r,         device-release d, refused,   busy,",
    "GENERIC ref=r,         device-release d, ok,        not-live,",
    "GENERIC ref=r,         lookup l 0,    none,         busy,",
  })
  @DisplayName(
      "D-20 5.10 answers otherwise where a map has its caller's reference, nowhere near it")
  void differs(String map, String operation, String ours, String theirs, @Nullable Rule rule) {
    Scenario scenario = scenario(map, operation);
    Operation last = scenario.operations().getLast();
    assertThat(new Kernel("5.10").departure(scenario, last, ours, theirs))
        .isEqualTo(Optional.ofNullable(rule));
    assertThat(new Kernel("5.17").departure(scenario, last, ours, theirs)).isEmpty();
    assertThat(new Kernel("6.1").departure(scenario, last, ours, theirs)).isEmpty();
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
  @DisplayName("D-20 5.10 ends a caller's reference when the map fails on its ranges")
  void ends(String map, String operation, String answer, boolean ends) {
    Scenario scenario = scenario(map, operation);
    Operation last = scenario.operations().getLast();
    assertThat(new Kernel("5.10").endsReference(scenario, last, answer)).isEqualTo(ends);
    assertThat(new Kernel("6.1").endsReference(scenario, last, answer)).isFalse();
  }
}
