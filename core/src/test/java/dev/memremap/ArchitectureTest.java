// SPDX-License-Identifier: Apache-2.0
package dev.memremap;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import dev.memremap.internal.space.ResourceTree;
import dev.memremap.resource.Resource;
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
          List.of("dev.memremap.internal.watch"),
          List.of("dev.memremap"),
          List.of("dev.memremap.devres"),
          List.of("dev.memremap.internal.remap"),
          List.of("dev.memremap.nvdimm"),
          List.of(PAGE, BEHIND_PAGE),
          List.of("dev.memremap.internal.space"),
          List.of("dev.memremap.internal.arch"),
          List.of("dev.memremap.plan"),
          List.of("dev.memremap.machine"),
          List.of("dev.memremap.internal.memtype"),
          List.of("dev.memremap.internal.log"),
          List.of("dev.memremap.internal.crypt"),
          List.of("dev.memremap.internal.sim"),
          List.of("dev.memremap.internal.quota"),
          List.of("dev.memremap.ref"),
          List.of("dev.memremap.internal.ref"),
          List.of("dev.memremap.spi"),
          List.of("dev.memremap.internal.geometry"),
          List.of("dev.memremap.cache"),
          List.of("dev.memremap.resource"),
          List.of("dev.memremap.internal.event"),
          List.of("dev.memremap.internal.kernel"),
          List.of("dev.memremap.internal.stack"),
          List.of("dev.memremap.internal.teardown"),
          List.of("dev.memremap.internal.live"),
          List.of("dev.memremap.rule"),
          List.of("dev.memremap.internal.binary"));

  private static final JavaClasses CORE =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("dev.memremap");

  private static final ArchRule NO_CYCLES =
      slices()
          .matching("dev.memremap.(**)")
          .should()
          .beFreeOfCycles()
          .ignoreDependency(resideInAPackage(BEHIND_PAGE), resideInAPackage(PAGE));

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
    downwards(lower, higher).check(CORE);
  }

  private static ArchRule downwards(String[] lower, String[] higher) {
    return noClasses()
        .that()
        .resideInAnyPackage(lower)
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(higher)
        .allowEmptyShould(true);
  }

  @Test
  @DisplayName("an import that goes up, and the cycle that it makes, are noticed")
  void aPlantedViolationIsNoticed() throws ClassNotFoundException {
    // a test of the lower floor uses a class of the higher one, as no class of main may
    JavaClasses planted =
        new ClassFileImporter()
            .importClasses(
                Class.forName("dev.memremap.resource.ResourceTreeTest"),
                ResourceTree.class,
                Resource.class);
    ArchRule floors =
        downwards(
            new String[] {"dev.memremap.resource"}, new String[] {"dev.memremap.internal.space"});
    for (ArchRule rule : List.of(floors, NO_CYCLES)) {
      assertThatThrownBy(() -> rule.check(planted)).isInstanceOf(AssertionError.class);
    }
  }

  @Test
  @DisplayName("every package has a floor, and none depends on itself through another but page")
  void noOtherPackagesAndNoCycles() {
    classes().should().resideInAnyPackage(packages(FLOORS)).check(CORE);
    NO_CYCLES.check(CORE);
  }

  @Test
  @DisplayName("core needs the JDK alone at run time")
  void onlyTheJdk() {
    classes()
        .should()
        .onlyDependOnClassesThat(
            resideInAPackage("java..")
                .or(resideInAPackage("javax.crypto.."))
                .or(resideInAPackage("jdk.jfr.."))
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
