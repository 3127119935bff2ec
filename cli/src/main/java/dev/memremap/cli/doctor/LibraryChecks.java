// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli.doctor;

import static dev.memremap.cli.doctor.Check.Group.LIBRARY;

import dev.memremap.Machine;
import dev.memremap.MachineBuilder;
import dev.memremap.Mapping;
import dev.memremap.machine.MachineDescription;
import dev.memremap.plan.MemremapFlag;
import dev.memremap.resource.PhysRange;
import dev.memremap.rule.MemremapException;
import dev.memremap.spi.MappingLimit;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** What every user needs: a JDK, room for simulated memory, mappings. */
final class LibraryChecks {
  private static final long WRITTEN = 0x6d656d72656d6170L;
  private static final MachineDescription SMALL =
      MachineDescription.parse("# phys-bits=46\n00100000-001fffff : System RAM\n");

  private static final String AOT_CACHE = "-XX:AOTCache=";

  /** Linux's own number; a JVM has some hundreds of mappings itself. */
  private static final long USUAL_MAPPINGS = 65_530 / 2;

  /** What simulated memory asks of /dev/shm before it lies there. */
  private static final long LITTLE_ROOM = 1L << 30;

  private LibraryChecks() {}

  static List<Check> all() {
    List<Check> all = new ArrayList<>(List.of(java()));
    all.addAll(Check.looked(LIBRARY, "start", () -> start(Path.of("/proc/self"))));
    all.addAll(Check.looked(LIBRARY, "simulated memory", () -> List.of(simulatedMemory())));
    all.addAll(
        Check.looked(LIBRARY, "mappings", () -> List.of(mappings(MappingLimit.ofThisSystem()))));
    return all;
  }

  private static Check java() {
    return Check.ok(
        LIBRARY,
        "Java",
        "%s of %s in %s"
            .formatted(
                Runtime.version(),
                System.getProperty("java.vendor", "an unknown vendor"),
                System.getProperty("java.home", "an unknown place")));
  }

  /**
   * Whether the JVM took the AOT cache that it was started with, which it refuses without a word;
   * nothing where it was started without one, or the system does not tell.
   */
  static List<Check> start(Path process) {
    Optional<String> cache;
    boolean isMapped;
    try {
      cache =
          Arrays.stream(Files.readString(process.resolve("cmdline")).split("\0"))
              .filter(word -> word.startsWith(AOT_CACHE))
              .map(word -> word.substring(AOT_CACHE.length()))
              .findFirst();
      String name = cache.map(file -> file.substring(file.lastIndexOf('/'))).orElse("");
      isMapped = Files.readString(process.resolve("maps")).lines().anyMatch(l -> l.endsWith(name));
    } catch (IOException noSuchSystem) {
      return List.of();
    }
    return cache
        .map(
            file ->
                isMapped
                    ? Check.ok(LIBRARY, "start", "uses the AOT cache")
                    : Check.note(
                        LIBRARY,
                        "start",
                        "takes longer than it need: the JVM does not take the AOT cache " + file,
                        "unpack it again, or copy with cp -a: the cache notes the times of files;"
                            + " or leave out what JAVA_TOOL_OPTIONS and JDK_JAVA_OPTIONS change"))
        .stream()
        .toList();
  }

  /** Maps memory of a simulated machine, stores into it and reads it back. */
  private static Check simulatedMemory() {
    String name = "simulated memory";
    try (Machine machine = Machine.simulated(SMALL)) {
      Mapping mapping = machine.memremap(PhysRange.of(0x100000, 0x1000), MemremapFlag.WB);
      mapping.segment().set(ValueLayout.JAVA_LONG, 0, WRITTEN);
      if (mapping.segment().get(ValueLayout.JAVA_LONG, 0) != WRITTEN) {
        return Check.missing(LIBRARY, name, "what was stored did not come back", "report this");
      }
      mapping.close();
      return room(name, MachineBuilder.simulatedMemoryDirectory());
    } catch (MemremapException e) {
      return Check.missing(LIBRARY, name, String.valueOf(e.getMessage()), "");
    }
  }

  private static Check room(String name, Path directory) {
    long bytes;
    try {
      bytes = Files.getFileStore(directory).getUsableSpace();
    } catch (IOException e) {
      return Check.ok(LIBRARY, name, "lies in %s".formatted(directory));
    }
    String says = "lies in %s, where %d MiB are free".formatted(directory, bytes >>> 20);
    return bytes >= LITTLE_ROOM
        ? Check.ok(LIBRARY, name, says)
        : Check.note(
            LIBRARY,
            name,
            says,
            "free room there, or name another directory with -Ddev.memremap.dir");
  }

  static Check mappings(MappingLimit limit) {
    OptionalLong most = limit.mappings();
    if (most.isEmpty()) {
      return Check.ok(LIBRARY, "mappings", limit.source());
    }
    String says = "%d at once in a JVM: half of %s".formatted(most.getAsLong(), limit.source());
    return most.getAsLong() >= USUAL_MAPPINGS
        ? Check.ok(LIBRARY, "mappings", says)
        : Check.note(LIBRARY, "mappings", says, "as root: sysctl -w vm.max_map_count=65530");
  }
}
