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
 * LeakException} that names each mapping, page map, hold and reference that was left open, with the
 * line that made it. It also refuses an access through a closed slice of the direct map, and a put
 * too many ({@link MachineBuilder#strict}).
 */
public final class StrictMachine {
  private StrictMachine() {}

  /**
   * Makes a strict machine from a machine file or a copy of {@code /proc/iomem}.
   *
   * @throws IllegalArgumentException if the file is neither; the message names the line
   * @throws java.io.UncheckedIOException if it cannot be read
   * @throws dev.memremap.rule.MemremapException as {@link MachineBuilder#build}
   */
  public static Machine of(Path machineFile) {
    return of(MachineDescription.read(machineFile));
  }

  /**
   * Makes a strict machine of this description.
   *
   * @throws dev.memremap.rule.MemremapException as {@link MachineBuilder#build}
   */
  public static Machine of(MachineDescription description) {
    return of(description, builder -> builder);
  }

  /**
   * Makes a strict machine with options.
   *
   * @param choices sets the options, such as a limit of mappings to test for {@code ENOMEM}
   * @throws dev.memremap.rule.MemremapException as {@link MachineBuilder#build}
   */
  public static Machine of(MachineDescription description, UnaryOperator<MachineBuilder> choices) {
    MachineBuilder chosen = choices.apply(Machine.builder(description));
    return Objects.requireNonNull(chosen, "choices returned no builder").strict().build();
  }
}
