// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli;

import dev.memremap.Machine;
import dev.memremap.MachineDescription;
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
    for (String fact : facts) {
      int equals = fact.indexOf('=');
      if (equals < 0) {
        throw new IllegalArgumentException(
            "--set %s: write KEY=VALUE, such as phys-bits=40".formatted(fact));
      }
      description = description.with(fact.substring(0, equals), fact.substring(equals + 1));
    }
    return description;
  }

  /** A machine whose bytes are simulated, whatever it was read from. */
  Machine simulated() {
    return Machine.simulated(describe());
  }

  /** The same, for a command that works on bytes: the host's own cannot be reached yet. */
  Machine withBytes() {
    if (isHost()) {
      throw new IllegalArgumentException(
          "the host's own memory cannot be reached yet; give a machine file with --machine FILE, whose memory is simulated");
    }
    return simulated();
  }
}
