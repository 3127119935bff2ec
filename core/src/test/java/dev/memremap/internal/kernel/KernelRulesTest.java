// SPDX-License-Identifier: Apache-2.0
package dev.memremap.internal.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import dev.memremap.internal.geometry.PageGeometry;
import dev.memremap.internal.space.ResourceTree;
import dev.memremap.resource.Intersection;
import dev.memremap.resource.IomemText;
import dev.memremap.resource.PhysRange;
import dev.memremap.resource.ResourceDesc;
import dev.memremap.resource.ResourceFlags;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which rules hold for which release. What each change does is in {@code KernelVectorTest}. */
class KernelRulesTest {
  private static final String WINDOW_WITH_RAM =
      "100000000-1ffffffff : CXL Window 0\n  100000000-1ffffffff : System RAM\n";

  @Test
  @DisplayName("every change is read by a rule")
  void eachIsRead() {
    JavaClass changes =
        new ClassFileImporter()
            .importUrl(KernelChange.class.getProtectionDomain().getCodeSource().getLocation())
            .get(KernelChange.class);
    assertThat(
            Arrays.stream(KernelChange.values())
                .filter(
                    change ->
                        changes.getField(change.name()).getAccessesToSelf().stream()
                            .allMatch(access -> access.getOriginOwner().equals(changes))))
        .isEmpty();
  }

  @Test
  @DisplayName("RI-4 a tree keeps how its kernel looks at windows, whatever is changed in it")
  void laterSnapshots() {
    assertThat(toRam(KernelRules.LINUX_6_1)).isEqualTo(Intersection.INTERSECTS);
    assertThat(toRam(KernelRules.choose("5.10").rules())).isEqualTo(Intersection.DISJOINT);
  }

  private static Intersection toRam(KernelRules kernel) {
    ResourceTree tree =
        ResourceTree.of(IomemText.parse(WINDOW_WITH_RAM), PageGeometry.X86_64, kernel);
    tree.requestRegion(PhysRange.of(0x1000, 0x1000), "a later snapshot", 0);
    return tree.snapshot()
        .regionIntersects(0x100000000L, 0x1000, ResourceFlags.SYSTEM_RAM, ResourceDesc.NONE);
  }

  @ParameterizedTest(name = "{0} follows {1}, assumed {2}")
  @CsvSource({
    "5.10, 5.10, false",
    "5.10.262, 5.10, false",
    "5.10.0-46-amd64, 5.10, true",
    "6.1, 6.1, false",
    "6.1.192, 6.1, false",
    "6.1.158, 6.1, false",
    "6.1.157, 6.1, true",
    "6.1.20, 6.1, true",
    "6.1.0-57-amd64, 6.1, true",
    "6.12.118+deb13-amd64, 6.12, false",
    "6.13.4-arch1-1, 6.12, false",
    "6.14, 6.14, false",
    "6.14.0-24-generic, 6.14, true",
    "6.16.3-amd64, 6.14, true",
    "6.17.13, 6.14, true",
    "6.18.2, 6.18, false",
    "7.2.13+deb14-amd64, 7.2, false",
    "7.3-rc7-amd64, 7.3, false",
    "7.3.4+deb13-amd64, 7.3, false",
    "7.10.1-generic, 7.3, true",
    "8.0.3, 7.3, true",
    "4.18.0-553.el8, 5.10, true",
    "5.14.0-503.el9.x86_64, 5.10, true",
    "6.8.0-45-generic, 6.1, true",
    "5.9.16, 5.10, true",
    "10.0, 7.3, true",
    "five, 6.1, true",
  })
  @DisplayName("C-12 a kernel that was not read follows the one before it, which is said")
  void recorded(String release, String series, boolean assumed) {
    KernelRules.Choice choice = KernelRules.choose(release);
    assertThat(choice.rules().release()).isEqualTo(series);
    assertThat(choice.isAssumed()).as(choice.assumption()).isEqualTo(assumed);
    assertThat(choice.assumption().contains(release)).isEqualTo(assumed);
  }

  @Test
  @DisplayName("C-12 a machine of which no kernel is known follows 6.1")
  void unknown() {
    assertThat(KernelRules.choose(null))
        .isEqualTo(new KernelRules.Choice(KernelRules.LINUX_6_1, ""));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "5.10",
        "5.10.262",
        "6.1",
        "6.1.20",
        "6.12",
        "6.13",
        "6.14.11",
        "6.18.2",
        "6.19",
        "7.0",
        "7.1.3",
        "7.2",
        "7.3",
        "6.16.3-amd64",
        "5.14.0-503.el9",
        "4.19.0-27-amd64",
        "8.0-custom"
      })
  @DisplayName("C-12 a kernel that may be chosen: its series was read, or it is one that exists")
  void chosen(String release) {
    assertThatCode(() -> KernelRules.requireChosen(release)).doesNotThrowAnyException();
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      value = {
        "5.11 | 5.10 and 6.1, | rows 9, 10, 12, 18, 19, 20, 21, 23, 26, 28, 29, 30, 31 of",
        "6.0.19 | 5.10 and 6.1, | rows 9, 10, 12, 18, 19, 20, 21, 23, 26, 28, 29, 30, 31 of",
        "6.2 | 6.1 and 6.12, | rows 15, 24, 27 of",
        "6.11 | 6.1 and 6.12, | rows 15, 24, 27 of",
        "6.15 | 6.14 and 6.18, | rows 1, 2, 3, 8, 13, 14 of",
        "6.17.13 | 6.14 and 6.18, | rows 1, 2, 3, 8, 13, 14 of",
        "5.9 | from 5.10 to 7.3 | ",
        "7.4 | from 5.10 to 7.3 | ",
        "8.0.1 | from 5.10 to 7.3 | ",
      })
  @DisplayName("C-12 a kernel that was chosen and may answer as either neighbour is refused")
  void refused(String release, String neighbours, @org.jspecify.annotations.Nullable String rows) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> KernelRules.requireChosen(release))
        .withMessageContaining(neighbours)
        .withMessageContaining(rows == null ? "" : rows);
  }

  @Test
  @DisplayName("C-12 a later kernel has every change of those before it")
  void growing() {
    List<KernelRules> all =
        KernelRules.READ.stream().map(series -> KernelRules.choose(series).rules()).toList();
    for (int i = 1; i < all.size(); i++) {
      assertThat(all.get(i).changes()).containsAll(all.get(i - 1).changes());
    }
    assertThat(all.getFirst().changes()).isEmpty();
    assertThat(all.getLast().changes()).containsExactlyInAnyOrder(KernelChange.values());
  }
}
