// SPDX-License-Identifier: Apache-2.0
package dev.memremap.linux;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.simpleName;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import dev.memremap.Machine;
import dev.memremap.Mapping;
import dev.memremap.plan.MemremapFlag;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** This computer, whatever it is and whoever runs the test. */
class HostTest {
  private static final JavaClasses LINUX =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("dev.memremap.linux");

  @Test
  @DisplayName("Machine.host finds this module; memory that anyone may have can be attached")
  void host() {
    try (Machine machine = Machine.host()) {
      assertThat(machine.hardware()).doesNotContainNull();
      try (Mapping mapping =
          machine.memremap(
              machine.attach("anyone", Memfd.of("anyone", 4096)).range(), MemremapFlag.WB)) {
        mapping.store(8, 64, 3);
        assertThat(mapping.load(8, 64)).isEqualTo(3);
        assertThat(mapping.backing()).isEqualTo("memfd:anyone");
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"Windows 11", "Mac OS X", "FreeBSD"})
  @DisplayName("another system is named, with what to do there")
  void otherSystems(String system) {
    assertThatThrownBy(() -> Native.requireLinux(system))
        .isInstanceOf(UnsupportedOperationException.class)
        .hasMessageContaining("this is " + system)
        .hasMessageContaining("use a simulated machine here");
    assertThatCode(() -> Native.requireLinux("Linux")).doesNotThrowAnyException();
  }

  /** What a JVM with these options says. */
  private static String child(String... options) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of(options));
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.add(PersistingProgram.class.getName());
    Path file = Files.createTempFile(Path.of("target"), "child", ".bin");
    Files.write(file, new byte[8192]);
    command.add(file.toString());
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    int status = process.waitFor();
    Files.delete(file);
    return output + "exit " + status;
  }

  @ParameterizedTest
  @ValueSource(strings = {"-Xint", "-XX:TieredStopAtLevel=1"})
  @DisplayName("persist never reaches the JDK's force(), which kills a JVM without C2's stubs")
  void jvmLivesOn(String option) throws IOException, InterruptedException {
    assertThat(child("--enable-native-access=ALL-UNNAMED", option))
        .contains("persisted\nforce is refused\nlost: EIO\n")
        .endsWith("exit 0");
  }

  @Test
  @DisplayName("a JVM that denies native access hears which option allows it")
  void nativeAccessDenied() throws IOException, InterruptedException {
    assertThat(child("--illegal-native-access=deny"))
        .contains("--enable-native-access=dev.memremap.linux")
        .endsWith("exit 3");
  }

  @Test
  @DisplayName(
      "native functions are called through two doors alone, and core's tables are not ours")
  void doors() {
    noClasses()
        .that()
        .doNotHaveSimpleName("NativeSyscalls")
        .and()
        .haveNameNotMatching(".*Libpmem.*")
        .should()
        .dependOnClassesThat()
        .haveFullyQualifiedName("java.lang.foreign.Linker")
        .check(LINUX);
    noClasses()
        .should()
        .dependOnClassesThat(
            resideInAnyPackage(
                    "dev.memremap", "dev.memremap.page", "dev.memremap.devres", "dev.memremap.ref")
                // a service of core, which lies where it is used
                .and(not(simpleName("Membarrier"))))
        .check(LINUX);
    classes()
        .that()
        .arePublic()
        .should()
        .haveSimpleNameNotEndingWith("Impl")
        .andShould()
        .haveSimpleNameNotEndingWith("Util")
        .check(LINUX);
  }
}
