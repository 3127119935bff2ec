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
  private static final String PAGE = "dev.memremap.page";
  private static final String BEHIND_PAGE = "dev.memremap.internal.pages";

  /** Highest first. The public types of pages and what stands behind them are one floor. */
  private static final List<List<String>> FLOORS =
      List.of(
          List.of("dev.memremap"),
          List.of("dev.memremap.devres"),
          List.of("dev.memremap.internal.remap"),
          List.of(PAGE, BEHIND_PAGE),
          List.of("dev.memremap.internal.space"),
          List.of("dev.memremap.internal.arch"),
          List.of("dev.memremap.plan"),
          List.of("dev.memremap.machine"),
          List.of("dev.memremap.internal.memtype"),
          List.of("dev.memremap.internal.crypt"),
          List.of("dev.memremap.internal.sim"),
          List.of("dev.memremap.ref"),
          List.of("dev.memremap.internal.ref"),
          List.of("dev.memremap.spi"),
          List.of("dev.memremap.internal.geometry"),
          List.of("dev.memremap.cache"),
          List.of("dev.memremap.resource"),
          List.of("dev.memremap.internal.event"),
          List.of("dev.memremap.internal.kernel"),
          List.of("dev.memremap.rule"));

  private static final JavaClasses CORE =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("dev.memremap");

  private static String[] packages(List<List<String>> floors) {
    return floors.stream().flatMap(List::stream).toArray(String[]::new);
  }

  static Stream<Arguments> floors() {
    return IntStream.range(1, FLOORS.size())
        .mapToObj(
            floor ->
                Arguments.of(
                    packages(List.of(FLOORS.get(floor))), packages(FLOORS.subList(0, floor))));
  }

  @ParameterizedTest
  @MethodSource("floors")
  @DisplayName("a lower floor never imports a higher one")
  void importsGoDown(String[] lower, String[] higher) {
    noClasses()
        .that()
        .resideInAnyPackage(lower)
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(higher)
        .allowEmptyShould(true)
        .check(CORE);
  }

  @Test
  @DisplayName("every package has a floor, and none depends on itself through another but page")
  void noOtherPackagesAndNoCycles() {
    classes().should().resideInAnyPackage(packages(FLOORS)).check(CORE);
    slices()
        .matching("dev.memremap.(**)")
        .should()
        .beFreeOfCycles()
        .ignoreDependency(resideInAPackage(BEHIND_PAGE), resideInAPackage(PAGE))
        .check(CORE);
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
