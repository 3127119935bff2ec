// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli;

import dev.memremap.Machine;
import dev.memremap.MachineBuilder;
import dev.memremap.machine.MachineDescription;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which machine a command speaks of. */
final class MachineOption {
  private static final String HOST = "host";

  /**
   * A machine where nothing is in the way: all that is listed lies beyond the addresses of page
   * maps.
   */
  private static final String NOTHING_IN_THE_WAY = "400000000000-400000000fff : Reserved\n";

  /** The facts that say how some addresses are mapped; the others are of the machine as a whole. */
  private static final Set<String> OF_ADDRESSES = Set.of("# mtrr-uc=", "# memtype=");

  @Option(
      names = {"-m", "--machine"},
      paramLabel = "FILE|host",
      description =
          "A machine file, or a copy of /proc/iomem; 'host' is this computer, whose tables are read"
              + " as root. Default: host.")
  private @Nullable String machine;

  @Option(
      names = "--set",
      paramLabel = "KEY=VALUE",
      description = "A fact about the machine that wins over its file's, such as phys-bits=40.")
  private List<String> facts = new ArrayList<>();

  /** Whether a user said anything of a machine. */
  boolean isGiven() {
    return machine != null || !facts.isEmpty();
  }

  boolean isHost() {
    return machine == null || machine.equals(HOST);
  }

  MachineDescription describe() {
    return withFacts(
        machine == null || isHost()
            ? MachineDescription.ofHost()
            : MachineDescription.read(Path.of(machine)));
  }

  /**
   * The machine with nothing in it: its page size, its page structures and all else that it is, and
   * no memory that could be in the way. Without {@code --machine}, an x86_64 machine. This computer
   * needs no privilege for it.
   */
  MachineDescription describeEmpty() {
    MachineDescription empty = MachineDescription.parse(NOTHING_IN_THE_WAY);
    MachineDescription full;
    if (machine == null) {
      full = empty;
    } else if (isHost()) {
      full = MachineDescription.ofHost(empty.root());
    } else {
      full = MachineDescription.read(Path.of(machine));
    }
    String facts =
        withFacts(full)
            .toText()
            .lines()
            .takeWhile(line -> line.startsWith("#"))
            .filter(line -> OF_ADDRESSES.stream().noneMatch(line::startsWith))
            .map(line -> line + "\n")
            .collect(Collectors.joining());
    return MachineDescription.parse(facts + NOTHING_IN_THE_WAY);
  }

  private MachineDescription withFacts(MachineDescription description) {
    MachineDescription result = description;
    for (Fact fact : facts()) {
      result = result.with(fact.key, fact.value);
    }
    return result;
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
   * @param writes whether the command writes, for which {@code --force} counts everywhere
   * @throws IllegalArgumentException if a permission would have no effect
   */
  Machine withBytes(HostPermissions permissions, boolean writes) {
    if (!isHost()) {
      permissions.requireEffectOnSimulated(writes);
      return simulated();
    }
    MachineBuilder builder = Machine.hostBuilder(permissions.granted());
    facts().forEach(fact -> builder.with(fact.key, fact.value));
    return builder.build();
  }
}
