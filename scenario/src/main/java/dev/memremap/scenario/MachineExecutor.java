// SPDX-License-Identifier: Apache-2.0
package dev.memremap.scenario;

import dev.memremap.Machine;
import dev.memremap.MachineBuilder;
import dev.memremap.machine.MachineDescription;
import dev.memremap.machine.MemmapGeometry;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Carries scenarios out on a machine of this library, simulated or the computer itself: every
 * operation of the language.
 *
 * <p>A scenario's machine has the kernel's page structures unless it says otherwise (C-8), and
 * where it encrypts memory its key is fixed, so that a run can be repeated.
 *
 * <p>Thread safety: an executor belongs to the thread that runs its scenario.
 */
public final class MachineExecutor implements ScenarioExecutor {
  private static final byte[] KEY =
      "every scenario has this same key".getBytes(StandardCharsets.US_ASCII);

  private final Machine machine;
  private final MappingOperations mappings;
  private final RefOperations refs = new RefOperations();
  private final DeviceOperations devices;
  private final PagemapOperations pagemaps;
  private final Set<String> unknowable = new HashSet<>();

  private MachineExecutor(Machine machine) {
    this.machine = machine;
    this.mappings = new MappingOperations(machine);
    Lookups lookups = new Lookups();
    this.devices = new DeviceOperations(machine, lookups);
    this.pagemaps = new PagemapOperations(machine, refs, devices, lookups);
  }

  /**
   * Makes the machine that a scenario names; no operation has been carried out when it returns.
   *
   * @throws ScenarioSyntaxException if the machine is unknown, or its description is wrong
   * @throws dev.memremap.rule.MemremapException if its memory file cannot be made
   */
  public static MachineExecutor open(Scenario scenario) {
    return open(scenario, null);
  }

  /**
   * Makes the machine that a scenario names, with another kernel.
   *
   * @param kernel the release, which wins over the scenario's; null leaves it to the scenario
   * @throws ScenarioSyntaxException if the machine is unknown, or its description is wrong
   * @throws IllegalArgumentException if there are no rules for the kernel
   * @throws dev.memremap.rule.MemremapException if its memory file cannot be made
   */
  public static MachineExecutor open(Scenario scenario, @Nullable String kernel) {
    MachineBuilder builder = builder(scenario);
    if (kernel != null) {
      builder.kernel(kernel);
    }
    return made(scenario, builder);
  }

  /**
   * Makes the machine that a scenario names, with chosen rows of {@code docs/kernels.md}: {@link
   * KernelSides.Machines}.
   *
   * @param kernel the release, which wins over the scenario's
   * @param rows the rows that it has in place of the kernel's
   * @throws ScenarioSyntaxException if the machine is unknown, or its description is wrong
   * @throws IllegalArgumentException if a machine cannot follow the kernel
   * @throws dev.memremap.rule.MemremapException if its memory file cannot be made
   */
  public static MachineExecutor open(
      Scenario scenario, String kernel, Set<MachineBuilder.KernelRow> rows) {
    return made(scenario, builder(scenario).kernel(kernel).kernelRows(rows));
  }

  private static MachineExecutor made(Scenario scenario, MachineBuilder builder) {
    try {
      return new MachineExecutor(builder.encryptionKey(KEY.clone()).build());
    } catch (IllegalArgumentException e) {
      throw mistake(scenario, scenario.machine().specColumn(), e);
    }
  }

  private static MachineBuilder builder(Scenario scenario) {
    Arguments.Machine machine = scenario.machine();
    MachineBuilder builder = machine.isHost() ? host(scenario) : simulated(scenario);
    for (Arguments.Machine.Setting setting : machine.settings()) {
      try {
        builder.with(setting.key(), setting.value());
      } catch (IllegalArgumentException e) {
        throw mistake(scenario, setting.column(), e);
      }
    }
    return builder;
  }

  private static MachineBuilder host(Scenario scenario) {
    try {
      return Machine.hostBuilder().with("memmap", MemmapGeometry.KERNEL.id());
    } catch (UnsupportedOperationException e) {
      throw mistake(scenario, scenario.machine().specColumn(), e);
    }
  }

  private static MachineBuilder simulated(Scenario scenario) {
    Arguments.Machine machine = scenario.machine();
    try {
      return Machine.builder(
          MachineDescription.read(scenario.path().resolveSibling(machine.spec()))
              .memmapOr(MemmapGeometry.KERNEL));
    } catch (IllegalArgumentException | UncheckedIOException e) {
      throw mistake(scenario, machine.specColumn(), e);
    }
  }

  private static ScenarioSyntaxException mistake(
      Scenario scenario, int column, RuntimeException cause) {
    return new ScenarioSyntaxException(
        scenario.path().toString(),
        scenario.machineLine(),
        column,
        String.valueOf(cause.getMessage()));
  }

  /** The machine that the scenario works on, to look at what it did. */
  public Machine machine() {
    return machine;
  }

  MappingOperations mappings() {
    return mappings;
  }

  RefOperations refs() {
    return refs;
  }

  DeviceOperations devices() {
    return devices;
  }

  PagemapOperations pagemaps() {
    return pagemaps;
  }

  /** The machine was made before the first operation. */
  Answer select(Arguments.Machine machine) {
    return Answer.of(Answer.OK);
  }

  @Override
  public Answer execute(Operation operation) {
    Optional<String> lost = operation.names().stream().filter(unknowable::contains).findFirst();
    Answer answer = lost.map(MachineExecutor::dependsOn).orElseGet(() -> carryOut(operation));
    if (answer.isUnsupported()) {
      // It would have changed what these names stand for, and how is not known.
      unknowable.addAll(operation.names());
    }
    return answer;
  }

  /** D-5: whatever an operation meets that was misused before, it answers. */
  private Answer carryOut(Operation operation) {
    try {
      return operation.verb().carryOut(this, operation.arguments());
    } catch (IllegalStateException misuse) {
      return RefOperations.misuse(misuse);
    }
  }

  private static Answer dependsOn(String name) {
    return Answer.unsupported(
        "what %s stands for depends on an operation that is not supported".formatted(name));
  }

  /** Closes the machine with all that the scenario left mapped. */
  @Override
  public void close() {
    mappings.closeAll();
    pagemaps.putAll();
    refs.killAll();
    pagemaps.unmapAll();
    devices.releaseAll();
    refs.putAll();
    machine.close();
  }
}
