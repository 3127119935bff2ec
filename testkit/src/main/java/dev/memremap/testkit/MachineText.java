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
 * Gives tests a machine whose file is short enough to write here:
 *
 * <pre>{@code
 * @MachineText("100000000-13fffffff : Persistent Memory")
 * }</pre>
 *
 * <p>It applies as {@link MachineFile} does.
 */
@Documented
@Inherited
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.TYPE, ElementType.METHOD, ElementType.PARAMETER})
@ExtendWith(NamedMachineExtension.class)
public @interface MachineText {
  /** The lines of a machine file. */
  String value();
}
