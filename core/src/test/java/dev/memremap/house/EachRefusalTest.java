// SPDX-License-Identifier: Apache-2.0
package dev.memremap.house;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import dev.memremap.plan.Plan;
import dev.memremap.rule.Errno;
import dev.memremap.rule.Refusal;
import dev.memremap.rule.Rule;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** The condition "each refusal a Refusal". */
class EachRefusalTest {
  private static final JavaClasses CORE =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("dev.memremap");

  private static final ArchCondition<JavaClass> HAVE_NOT_BOTH =
      new ArchCondition<>("have not both an errno and a rule of their own") {
        @Override
        public void check(JavaClass type, ConditionEvents events) {
          if (holds(type, Errno.class) && holds(type, Rule.class)) {
            events.add(
                SimpleConditionEvent.violated(
                    type, type.getName() + " holds an errno and its rule; let it hold a Refusal"));
          }
        }
      };

  /** Whether a field is of this type, or of a type that has it as an argument. */
  private static boolean holds(JavaClass type, Class<?> held) {
    return type.getFields().stream()
        .filter(
            field ->
                !field
                    .getModifiers()
                    .contains(com.tngtech.archunit.core.domain.JavaModifier.STATIC))
        .flatMap(field -> field.getType().getAllInvolvedRawTypes().stream())
        .anyMatch(involved -> involved.isEquivalentTo(held));
  }

  @Test
  @DisplayName("each refusal a Refusal: no other type has fields of both Errno and Rule")
  void eachRefusalIsOne() {
    classes()
        .that()
        .doNotHaveFullyQualifiedName(Refusal.class.getName())
        .should(HAVE_NOT_BOTH)
        .check(CORE);
  }

  private record Planted(Optional<Errno> errno, @Nullable Rule rule) {}

  @Test
  @DisplayName("a type with an errno of its own is noticed, also where it may be absent")
  void aPlantedViolationIsNoticed() {
    JavaClass planted = new ClassFileImporter().importClass(Planted.class);
    assertThat(holds(planted, Errno.class) && holds(planted, Rule.class)).isTrue();
    assertThat(new Planted(Optional.of(Errno.EBUSY), Rule.MT_8).errno()).contains(Errno.EBUSY);
  }

  @Test
  @DisplayName("what explains a remap, registers and a page map is a Plan, and nothing else is")
  void plans() {
    Set<String> plans =
        CORE.stream()
            .filter(type -> type.isAssignableTo(Plan.class) && !type.isInterface())
            .map(JavaClass::getSimpleName)
            .collect(Collectors.toSet());
    assertThat(plans).containsExactlyInAnyOrder("RemapPlan", "IoremapPlan", "PagemapPlan");
  }
}
