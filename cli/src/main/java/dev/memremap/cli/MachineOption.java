// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli;

import dev.memremap.Machine;
import dev.memremap.MachineBuilder;
import dev.memremap.machine.MachineDescription;
import dev.memremap.spi.HostMemory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;

/** Which machine a command speaks of. */
final class MachineOption {
  private static final String HOST = "host";

  @Option(
      names = {"-m", "--machine"},
      paramLabel = "FILE|host",
      defaultValue = HOST,
      description =
          "A machine file, or a copy of /proc/iomem; 'host' is this computer, whose tables are read as root. Default: ${DEFAULT-VALUE}.")
  private String machine = HOST;

  @Option(
      names = "--set",
      paramLabel = "KEY=VALUE",
      description = "A fact about the machine that wins over its file's, such as phys-bits=40.")
  private List<String> facts = new ArrayList<>();

  boolean isHost() {
    return machine.equals(HOST);
  }

  MachineDescription describe() {
    MachineDescription description =
        isHost() ? MachineDescription.ofHost() : MachineDescription.read(Path.of(machine));
    for (Fact fact : facts()) {
      description = description.with(fact.key, fact.value);
    }
    return description;
  }

  private record Fact(String key, String value) {}

  private List<Fact> facts() {
    return facts.stream().map(MachineOption::fact).toList();
  }

  private static Fact fact(String written) {
    int equals = written.indexOf('=');
    if (equals < 0) {
      throw new IllegalArgumentException(
          "--set %s: write KEY=VALUE, such as phys-bits=40".formatted(written));
    }
    return new Fact(written.substring(0, equals), written.substring(equals + 1));
  }

  /** A machine whose bytes are simulated, whatever it was read from. */
  Machine simulated() {
    return Machine.simulated(describe());
  }

  /**
   * A machine with the bytes that are meant: the host's own, or simulated ones.
   *
   * @param permissions which unsafe things may be done on the host
   */
  Machine withBytes(HostMemory.Permission... permissions) {
    if (!isHost()) {
      return simulated();
    }
    MachineBuilder builder = Machine.hostBuilder(permissions);
    facts().forEach(fact -> builder.with(fact.key, fact.value));
    return builder.build();
  }
}
