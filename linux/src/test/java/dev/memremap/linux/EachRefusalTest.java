// SPDX-License-Identifier: Apache-2.0
package dev.memremap.linux;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import dev.memremap.rule.Errno;
import dev.memremap.rule.Rule;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** The condition "each refusal a Refusal", for what reaches real memory. */
class EachRefusalTest {
  private static boolean holds(JavaClass type, Class<?> held) {
    return type.getFields().stream()
        .flatMap(field -> field.getType().getAllInvolvedRawTypes().stream())
        .anyMatch(involved -> involved.isEquivalentTo(held));
  }

  @Test
  @DisplayName("each refusal a Refusal: an errno with a reason is one of them, too")
  void eachRefusalIsOne() {
    assertThat(
            new ClassFileImporter()
                .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                .importPackages("dev.memremap.linux"))
        .isNotEmpty()
        .noneMatch(type -> holds(type, Errno.class) && holds(type, Rule.class));
  }
}
