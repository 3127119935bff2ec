// SPDX-License-Identifier: Apache-2.0
package dev.memremap.testkit;

import dev.memremap.Machine;
import dev.memremap.MachineBuilder;
import dev.memremap.machine.MachineDescription;
import java.nio.file.Path;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;

/**
 * Hands a {@linkplain StrictMachine strict machine} to each JUnit test and closes it after the
 * test. {@link MachineFile} is shorter if a machine file says all; this extension takes options,
 * too:
 *
 * <pre>{@code
 * class CardDriverTest {
 *   @RegisterExtension
 *   static final MachineExtension MACHINES =
 *       MachineExtension.of(DESCRIPTION, machine -> machine.mappingLimit(2));
 *
 *   @Test
 *   void probes(Machine machine) {
 *     …
 *   }
 * }
 * }</pre>
 *
 * <p>Each test has a machine of its own. Its {@code @BeforeEach} and {@code @AfterEach} methods and
 * the constructor of its class get the same machine. A machine that {@code @BeforeAll} asks for
 * belongs to the class, and is closed after {@code @AfterAll}. A test that leaves something open
 * fails with a {@link dev.memremap.LeakException}. If the test itself fails, too, the leak is
 * suppressed in its failure.
 *
 * <p>A parameter whose machine is named by {@link MachineFile} or {@link MachineText}, on itself,
 * its method or its class, gets that machine. It works with JUnit 5.13 and later.
 *
 * <p>Thread safety: may be used by tests that run in parallel.
 */
public final class MachineExtension extends HandingExtension {
  private final Supplier<Machine> made;

  private MachineExtension(Supplier<Machine> made) {
    this.made = made;
  }

  /** Hands out machines from a machine file, which is read for each of them. */
  public static MachineExtension of(Path machineFile) {
    return new MachineExtension(() -> StrictMachine.of(machineFile));
  }

  /** Hands out machines of a description. */
  public static MachineExtension of(MachineDescription description) {
    return new MachineExtension(() -> StrictMachine.of(description));
  }

  /**
   * Hands out machines of a description with options.
   *
   * @param choices sets the options on the builder of each machine
   */
  public static MachineExtension of(
      MachineDescription description, UnaryOperator<MachineBuilder> choices) {
    return new MachineExtension(() -> StrictMachine.of(description, choices));
  }

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    return parameter.getParameter().getType() == Machine.class
        && NearestName.of(parameter, context).isEmpty();
  }

  @Override
  public Machine resolveParameter(ParameterContext parameter, ExtensionContext context) {
    return HandedMachines.machine(parameter, context, this, made);
  }
}
