// SPDX-License-Identifier: Apache-2.0
package dev.memremap.house;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import dev.memremap.internal.space.AttachedMemory;
import dev.memremap.internal.space.DeviceArena;
import dev.memremap.internal.space.MappedRegion;
import dev.memremap.internal.space.MemoryLayer;
import dev.memremap.resource.PhysRange;
import dev.memremap.spi.AccessPath;
import dev.memremap.spi.MappedBytes;
import dev.memremap.spi.PhysicalMemory;
import java.lang.foreign.Arena;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** The condition "each mapped thing a MappedRegion". */
class EachMappedThingTest {
  private static final JavaClasses CORE =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("dev.memremap");

  /** A device's regions share an arena, and it counts them. */
  private static final ArchRule QUOTA =
      noClasses()
          .that()
          .doNotBelongToAnyOf(MappedRegion.class, DeviceArena.class)
          .should()
          .callMethod(MappedRegion.Quota.class, "take");

  private static final ArchRule ARENAS =
      noClasses()
          .that()
          .doNotBelongToAnyOf(MappedRegion.class, DeviceArena.class)
          .should()
          .callMethod(Arena.class, "ofShared");

  /** A layer over the memory passes the call on to the memory below. */
  private static final ArchRule MAPPINGS =
      noClasses()
          .that()
          .doNotBelongToAnyOf(MappedRegion.class, AttachedMemory.class, MemoryLayer.class)
          .should()
          .callMethod(
              PhysicalMemory.class, "map", PhysRange.class, AccessPath.Open.class, Arena.class);

  @Test
  @DisplayName("each mapped thing a MappedRegion: it alone takes of the quota, and maps")
  void eachMappedThingIsOne() {
    QUOTA.check(CORE);
    ARENAS.check(CORE);
    MAPPINGS.check(CORE);
  }

  private record Planted(MappedRegion.Quota quota, PhysicalMemory memory) {
    MappedBytes map(PhysRange range, AccessPath.Open path) {
      quota.take();
      return memory.map(range, path, Arena.ofShared());
    }
  }

  @Test
  @DisplayName("a class that maps by itself is noticed")
  void aPlantedViolationIsNoticed() {
    JavaClasses planted = new ClassFileImporter().importClasses(Planted.class);
    for (ArchRule rule : new ArchRule[] {QUOTA, ARENAS, MAPPINGS}) {
      assertThatThrownBy(() -> rule.check(planted)).isInstanceOf(AssertionError.class);
    }
  }
}
