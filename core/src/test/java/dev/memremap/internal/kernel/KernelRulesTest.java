// SPDX-License-Identifier: Apache-2.0
package dev.memremap.internal.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaMethod;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import dev.memremap.cache.CacheMode;
import dev.memremap.cache.Pat;
import dev.memremap.internal.geometry.PageGeometry;
import dev.memremap.internal.memtype.MemtypeTable;
import dev.memremap.internal.memtype.Mtrrs;
import dev.memremap.internal.space.ResourceTree;
import dev.memremap.resource.Intersection;
import dev.memremap.resource.IomemText;
import dev.memremap.resource.PhysRange;
import dev.memremap.resource.ResourceDesc;
import dev.memremap.resource.ResourceFlags;
import dev.memremap.rule.Errno;
import dev.memremap.rule.MemremapException;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Each switch turned over. Those of a page's count are in {@code PageCountsTest}. */
class KernelRulesTest {
  private static final String WINDOW_WITH_RAM =
      "100000000-1ffffffff : CXL Window 0\n  100000000-1ffffffff : System RAM\n";

  /** Linux 6.1, but for two switches. */
  private static KernelRules rules(boolean insideWindows, boolean freesTails) {
    return new KernelRules("6.1, nearly", insideWindows, freesTails, 1, 1, true);
  }

  @Test
  @DisplayName("every switch is read by a rule")
  void eachIsRead() {
    JavaClass rules =
        new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("dev.memremap")
            .get(KernelRules.class);
    List<String> unread =
        Arrays.stream(KernelRules.class.getRecordComponents())
            .map(component -> rules.getMethod(component.getName()))
            .filter(
                accessor ->
                    accessor.getCallsOfSelf().stream()
                        .allMatch(call -> call.getOriginOwner().equals(rules)))
            .map(JavaMethod::getName)
            .collect(Collectors.toList());
    assertThat(unread).as("the release is for sentences alone").containsExactly("release");
  }

  @Test
  @DisplayName("RI-4 RAM inside a window counts where region_intersects looks inside")
  void insideWindows() {
    assertThat(toRam(rules(true, true))).isEqualTo(Intersection.INTERSECTS);
    assertThat(toRam(rules(false, true))).isEqualTo(Intersection.DISJOINT);
  }

  private static Intersection toRam(KernelRules kernel) {
    ResourceTree tree =
        ResourceTree.of(IomemText.parse(WINDOW_WITH_RAM), PageGeometry.X86_64, kernel);
    tree.requestRegion(PhysRange.of(0x1000, 0x1000), "a later snapshot", 0);
    return tree.snapshot()
        .regionIntersects(0x100000000L, 0x1000, ResourceFlags.SYSTEM_RAM, ResourceDesc.NONE);
  }

  @Test
  @DisplayName("MT-6 the free of a tail shortens the reservation, or is EINVAL and changes nothing")
  void tails() {
    MemtypeTable shortening = table(rules(true, true));
    shortening.free(0x2000, 0x3000);
    assertThat(shortening.list().entries())
        .singleElement()
        .satisfies(entry -> assertThat(entry.range()).isEqualTo(PhysRange.of(0x1000, 0x1000)));
    MemtypeTable refusing = table(rules(true, false));
    assertThatExceptionOfType(MemremapException.class)
        .isThrownBy(() -> refusing.free(0x2000, 0x3000))
        .satisfies(e -> assertThat(e.errno()).isEqualTo(Errno.EINVAL));
    assertThat(refusing.list().entries())
        .singleElement()
        .satisfies(entry -> assertThat(entry.range()).isEqualTo(PhysRange.of(0x1000, 0x2000)));
  }

  private static MemtypeTable table(KernelRules kernel) {
    MemtypeTable table =
        new MemtypeTable(
            (pages, visit) -> {}, new Mtrrs(List.of()), Pat.FULL, PageGeometry.X86_64, kernel);
    assertThat(table.reserve(0x1000, 0x3000, CacheMode.WC, false).isGranted()).isTrue();
    return table;
  }
}
