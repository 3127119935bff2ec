// SPDX-License-Identifier: Apache-2.0
package dev.memremap.testkit;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Gives tests a machine from a machine file or a copy of {@code /proc/iomem}. It applies to a
 * parameter, or to all parameters of type {@link dev.memremap.Machine} of a method or class; the
 * nearest annotation wins. {@link MachineExtension} says how long a machine lives.
 */
@Documented
@Inherited
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.TYPE, ElementType.METHOD, ElementType.PARAMETER})
@ExtendWith(NamedMachineExtension.class)
public @interface MachineFile {
  /**
   * A resource of the test's class, as {@link Class#getResource} finds it: {@code "card.iomem"}
   * beside the class, {@code "/machines/card.iomem"} from the root of the class path.
   */
  String value();
}
