// SPDX-License-Identifier: Apache-2.0
package dev.memremap;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The floors of the house: imports go down, never up. */
class ArchitectureTest {
  /** Highest first. */
  private static final List<String> FLOORS =
      List.of(
          "dev.memremap",
          "dev.memremap.devres",
          "dev.memremap.page",
          "dev.memremap.memory",
          "dev.memremap.cache",
          "dev.memremap.plan",
          "dev.memremap.resource",
          "dev.memremap.ref",
          "dev.memremap.event",
          "dev.memremap.rule");

  private static final JavaClasses CORE =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("dev.memremap");

  static Stream<Arguments> floors() {
    return IntStream.range(1, FLOORS.size())
        .mapToObj(
            floor ->
                Arguments.of(FLOORS.get(floor), FLOORS.subList(0, floor).toArray(String[]::new)));
  }

  @ParameterizedTest
  @MethodSource("floors")
  @DisplayName("a lower floor never imports a higher one")
  void importsGoDown(String lower, String[] higher) {
    noClasses()
        .that()
        .resideInAPackage(lower)
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(higher)
        .allowEmptyShould(true)
        .check(CORE);
  }

  @Test
  @DisplayName("every package has a floor, and none depends on itself through another")
  void noOtherPackagesAndNoCycles() {
    classes().should().resideInAnyPackage(FLOORS.toArray(String[]::new)).check(CORE);
    slices().matching("dev.memremap.(*)..").should().beFreeOfCycles().check(CORE);
  }

  @Test
  @DisplayName("core needs the JDK alone at run time")
  void onlyTheJdk() {
    classes()
        .should()
        .onlyDependOnClassesThat(
            resideInAPackage("java..")
                .or(resideInAPackage("javax.crypto.."))
                .or(resideInAPackage("jdk.jfr"))
                .or(resideInAPackage("dev.memremap.."))
                .or(resideInAPackage("org.jspecify.annotations")))
        .check(CORE);
  }

  @Test
  @DisplayName("names say what a thing is")
  void namesAreNouns() {
    noClasses()
        .should()
        .haveSimpleNameEndingWith("Manager")
        .orShould()
        .haveSimpleNameEndingWith("Helper")
        .orShould()
        .haveSimpleNameEndingWith("Util")
        .orShould()
        .haveSimpleNameEndingWith("Utils")
        .orShould()
        .haveSimpleNameEndingWith("Impl")
        .check(CORE);
  }
}
