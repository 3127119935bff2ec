// SPDX-License-Identifier: Apache-2.0
package dev.memremap.testkit;

import dev.memremap.LeakException;
import dev.memremap.Machine;
import dev.memremap.MachineBuilder;
import dev.memremap.machine.MachineDescription;
import java.nio.file.Path;
import java.util.Objects;
import java.util.function.UnaryOperator;

/**
 * Makes strict machines, for tests with any framework or none:
 *
 * <pre>{@code
 * try (Machine machine = StrictMachine.of(Path.of("machines/card.iomem"))) {
 *   new CardDriver(machine).probe();
 * } // throws a LeakException if the driver left something open
 * }</pre>
 *
 * <p>{@link Machine#close} of such a machine closes everything first. Then it throws a {@link
 * LeakException} that names each mapping, page map, hold and reference that was left, with the line
 * that made it. An access through a slice of the direct map that was closed is refused, and so is a
 * put too many ({@link MachineBuilder#strict}).
 */
public final class StrictMachine {
  private StrictMachine() {}

  /**
   * A strict machine, as a machine file or a copy of {@code /proc/iomem} says.
   *
   * @throws IllegalArgumentException if the file is not one; the sentence names the line
   * @throws java.io.UncheckedIOException if it cannot be read
   * @throws dev.memremap.rule.MemremapException as {@link MachineBuilder#build}
   */
  public static Machine of(Path machineFile) {
    return of(MachineDescription.read(machineFile));
  }

  /**
   * A strict machine of this description.
   *
   * @throws dev.memremap.rule.MemremapException as {@link MachineBuilder#build}
   */
  public static Machine of(MachineDescription description) {
    return of(description, builder -> builder);
  }

  /**
   * A strict machine with choices of one's own.
   *
   * @param choices sets them, such as a limit of mappings to test against {@code ENOMEM}
   * @throws dev.memremap.rule.MemremapException as {@link MachineBuilder#build}
   */
  public static Machine of(MachineDescription description, UnaryOperator<MachineBuilder> choices) {
    MachineBuilder chosen = choices.apply(Machine.builder(description));
    return Objects.requireNonNull(chosen, "choices returned no builder").strict().build();
  }
}
