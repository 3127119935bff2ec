// SPDX-License-Identifier: Apache-2.0
package dev.memremap.house;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** The condition "no constructor of more than five parameters (records apart)". */
class ConstructorsTest {
  private static final int LIMIT = 5;

  private static Set<String> tooLong(JavaClasses classes) {
    Set<String> found = new TreeSet<>();
    for (JavaClass type : classes) {
      if (!type.isRecord() && longest(type) > LIMIT) {
        found.add(type.getName());
      }
    }
    return found;
  }

  /** Parameters as written, without those that the compiler adds. */
  private static int longest(JavaClass type) {
    boolean isInner = type.isInnerClass() && !type.getModifiers().contains(JavaModifier.STATIC);
    int added = type.isEnum() ? 2 : isInner ? 1 : 0;
    return type.getConstructors().stream()
            .mapToInt(constructor -> constructor.getRawParameterTypes().size())
            .max()
            .orElse(0)
        - added;
  }

  @Test
  @DisplayName("no constructor of more than five parameters (records apart)")
  void atMostFive() {
    JavaClasses core =
        new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("dev.memremap");
    assertThat(tooLong(core)).isEmpty();
  }

  private static class Planted {
    private final int sum;

    private Planted(int a, int b, int c, int d, int e, int f) {
      sum = a + b + c + d + e + f;
    }
  }

  @Test
  @DisplayName("a constructor of six parameters is noticed")
  void aPlantedViolationIsNoticed() {
    assertThat(tooLong(new ClassFileImporter().importClasses(Planted.class)))
        .containsExactly(Planted.class.getName());
    assertThat(new Planted(1, 2, 3, 4, 5, 6).sum).isEqualTo(21);
  }
}
