// SPDX-License-Identifier: Apache-2.0
package dev.memremap.scenario;

import dev.memremap.Machine;
import dev.memremap.MachineBuilder;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/**
 * Carries scenarios out on a machine of this library, simulated or the computer itself: every
 * operation of the language.
 *
 * <p>A scenario's machine has the kernel's page structures unless it says otherwise, and where it
 * encrypts memory its key is fixed, so that a run can be repeated.
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
   * @throws ScenarioSyntaxException if there is no such machine, or its description is wrong
   * @throws dev.memremap.rule.MemremapException if there is no place for its memory
   */
  public static MachineExecutor open(Scenario scenario) {
    MachineBuilder builder = MachineSpec.builder(scenario);
    try {
      return new MachineExecutor(builder.encryptionKey(KEY.clone()).build());
    } catch (IllegalArgumentException e) {
      throw MachineSpec.mistake(scenario, scenario.machine().specColumn(), e);
    }
  }

  /** The machine that the scenario works on, for those who look at what it did. */
  public Machine machine() {
    return machine;
  }

  @Override
  public Answer execute(Operation operation) {
    Optional<String> lost = operation.names().stream().filter(unknowable::contains).findFirst();
    Answer answer = lost.map(MachineExecutor::dependsOn).orElseGet(() -> carryOut(operation));
    if (answer.isUnsupported()) {
      // Whatever this would have done to what these names stand for, nobody can say it now.
      unknowable.addAll(operation.names());
    }
    return answer;
  }

  private Answer carryOut(Operation operation) {
    return switch (operation) {
      case SelectMachine selected -> Answer.of(Answer.OK);
      case MemremapOperation onMapping -> mappings.execute(onMapping);
      case DeviceOperation onDevice -> devices.execute(onDevice);
      case RefOperation onRef -> refs.execute(onRef);
      case PagemapOperation onMap -> pagemaps.execute(onMap);
    };
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
