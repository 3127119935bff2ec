// SPDX-License-Identifier: Apache-2.0
package dev.memremap.house;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaMethodCall;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import dev.memremap.internal.arch.ArchitectureRules;
import dev.memremap.internal.arch.MachineFacts;
import dev.memremap.internal.arch.Platform;
import dev.memremap.internal.space.SoftReserve;
import dev.memremap.machine.MachineDescription;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/**
 * The condition "a rule cannot read a fact without its being recorded": the packages of rules read
 * facts from {@link MachineFacts} alone, each of whose questions takes a reader that notes them.
 */
class FactsAreNotedTest {
  private static final Set<String> RULES =
      Set.of(
          "dev.memremap.internal.arch",
          "dev.memremap.internal.memtype",
          "dev.memremap.internal.pages",
          "dev.memremap.internal.remap",
          "dev.memremap.internal.space");

  /** What a description says of a machine; whoever made the file chooses the memmap. */
  private static final Set<String> FACTS =
      Set.of(
          "architecture",
          "physBits",
          "lastAddress",
          "lastProvenAddress",
          "pageSize",
          "mtrrs",
          "mtrrUncachable",
          "uncachable",
          "memtypes",
          "encryption",
          "bootData",
          "softReserved",
          "origins",
          "facts");

  /** What makes the rules of a machine, before any question is asked. */
  private static final Set<Class<?>> MAKES_RULES =
      Set.of(MachineFacts.class, ArchitectureRules.class, Platform.class, SoftReserve.class);

  private static Set<String> unnoted(JavaClasses classes) {
    Set<String> found = new TreeSet<>();
    for (JavaClass type : classes) {
      String outermost = type.getName().replaceFirst("\\$.*", "");
      if (MAKES_RULES.stream().anyMatch(each -> each.getName().equals(outermost))) {
        continue;
      }
      for (JavaMethodCall call : type.getMethodCallsFromSelf()) {
        if (call.getTargetOwner().isEquivalentTo(MachineDescription.class)
            && FACTS.contains(call.getName())) {
          found.add(outermost + " reads " + call.getName());
        }
      }
    }
    return found;
  }

  @Test
  @DisplayName("a rule cannot read a fact without its being recorded")
  void throughMachineFacts() {
    JavaClasses rules =
        new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages(RULES);
    assertThat(rules).hasSizeGreaterThan(RULES.size());
    assertThat(unnoted(rules)).isEmpty();
  }

  private record Planted(MachineDescription machine) {
    boolean isBeyond(long address) {
      return address > machine.lastAddress();
    }
  }

  @Test
  @DisplayName("a rule that asks a description for a fact is noticed")
  void aPlantedViolationIsNoticed() {
    assertThat(unnoted(new ClassFileImporter().importClasses(Planted.class)))
        .containsExactly(FactsAreNotedTest.class.getName() + " reads lastAddress");
    MachineDescription machine = MachineDescription.parse("00001000-00001fff : System RAM\n");
    assertThat(new Planted(machine).isBeyond(0)).isFalse();
  }
}
