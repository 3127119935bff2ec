// SPDX-License-Identifier: Apache-2.0
package dev.memremap.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memremap.rule.Rule;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** C-12: how Linux 5.10 answers remap-pages for each kind of page map, and what of it departs. */
class OlderKernelTest {
  private static final Path FILE = Path.of("/older/a.scenario");

  private static Comparison compare(String kernel, String keys, String ours, String theirs) {
    return Comparison.of(
        Scenario.parse(FILE, "machine m\nref r\npgmap p range=0+2M " + keys + "\nremap-pages p\n"),
        List.of(Answer.of("ok"), Answer.of("ok"), Answer.of("ok"), Answer.of(ours)),
        new Kernel(kernel),
        Answers.parse(FILE, "1: ok\n2: ok\n3: ok\n4: " + theirs + "\n"),
        Optional.empty());
  }

  @ParameterizedTest(name = "{0}: ours {1}, 5.10 {2}: departs {3}")
  @CsvSource({
    "type=COHERENT,        ok direct=yes, error EINVAL, true",
    "type=PRIVATE,         ok direct=yes, error EINVAL, true",
    "type=GENERIC shift=9, ok direct=yes, error EINVAL, true",
    "type=GENERIC shift=1, ok direct=yes, error EINVAL, true",
    "type=GENERIC,         ok direct=yes, error EINVAL, false",
    "type=FS_DAX,          ok direct=yes, error EINVAL, false",
    "type=PCI_P2PDMA,      ok direct=yes, error EINVAL, false",
    "type=0,               ok direct=yes, error EINVAL, false",
    "type=COHERENT,        ok direct=yes, error ENOMEM, false",
    "type=GENERIC,         error EINVAL,  error E2BIG,  true",
    "type=GENERIC,         error ENXIO,   error E2BIG,  false",
    "type=GENERIC,         error EINVAL,  error ENXIO,  false",
    "type=GENERIC ref=r,   error EINVAL,  ok direct=yes, true",
    "type=GENERIC,         error EINVAL,  ok direct=yes, false",
    "type=GENERIC ref=r,   error ENXIO,   ok direct=yes, false",
  })
  @DisplayName("C-12 an answer departs only where 5.10 is known to lack or to accept the map")
  void answersDiffer(String keys, String ours, String theirs, boolean departs) {
    Comparison old = compare("5.10", keys, ours, theirs);
    assertThat(old.departed().map(Comparison.Departed::rule))
        .isEqualTo(departs ? Optional.of(Rule.C_12) : Optional.empty());
    assertThat(old.holds()).isEqualTo(departs);
    assertThat(compare("6.12", keys, ours, theirs).differences()).hasSize(1);
  }

  @ParameterizedTest(name = "{0}: both {1}: departs {2}")
  @CsvSource({
    "type=GENERIC ref=r,    error ENXIO,   true",
    "type=FS_DAX ref=r,     error ENXIO,   true",
    "type=0 ref=r,          error EINVAL,  true",
    "type=PCI_P2PDMA ref=r, error EEXIST,  true",
    "type=PRIVATE ref=r,    error ENXIO,   false",
    "type=COHERENT ref=r,   error ENXIO,   false",
    "type=GENERIC,          error ENXIO,   false",
    "type=GENERIC ref=r,    ok direct=yes, false",
    "type=GENERIC ref=r,    refused,       false",
  })
  @DisplayName("D-11 a map that fails takes a caller's reference along in 5.10 alone")
  void statesPart(String keys, String answer, boolean departs) {
    Comparison old = compare("5.10", keys, answer, answer);
    assertThat(old.departed().map(Comparison.Departed::rule))
        .isEqualTo(departs ? Optional.of(Rule.D_11) : Optional.empty());
    assertThat(old.holds()).isTrue();
    assertThat(old.compared()).isEqualTo(4);
    assertThat(compare("6.12", keys, answer, answer).departed()).isEmpty();
  }
}
