// SPDX-License-Identifier: Apache-2.0
package dev.memremap.conformance.generator;

import dev.memremap.machine.MachineDescription;
import dev.memremap.resource.PhysRange;
import dev.memremap.resource.Resource;
import dev.memremap.resource.ResourceKind;
import dev.memremap.resource.ResourceSnapshot;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * The interesting places of a machine: the edges of what lies there, memory that page maps may
 * cover, and memory whose bytes are free to use.
 *
 * <p>Thread safety: immutable.
 *
 * @param machine the line that selects it: {@code machine FILE KEY=VALUE…}
 * @param directory what FILE is relative to
 * @param edges first bytes and ends of resources and of address widths, sorted as unsigned numbers
 * @param pageable ranges that page maps may lie in
 * @param scratch ranges whose bytes scenarios may store to; on a real machine too; RAM first
 * @param lastAddress the machine's last byte
 */
public record Terrain(
    String machine,
    Path directory,
    List<Long> edges,
    List<PhysRange> pageable,
    List<PhysRange> scratch,
    long lastAddress) {
  private static final long SUBSECTION = 2L << 20;
  private static final long SECTION = 128L << 20;
  private static final int MOST_ADDRESS_BITS = 46;
  private static final Set<ResourceKind> PAGEABLE =
      EnumSet.of(ResourceKind.PERSISTENT_MEMORY_LEGACY, ResourceKind.PERSISTENT_MEMORY);

  /** Keeps copies. */
  public Terrain {
    edges = List.copyOf(edges);
    pageable = List.copyOf(pageable);
    scratch = List.copyOf(scratch);
    if (pageable.isEmpty() || scratch.isEmpty()) {
      throw new IllegalArgumentException(
          "%s has no persistent memory for page maps, or none to store to".formatted(machine));
    }
  }

  /**
   * Looks a machine over.
   *
   * @param file the machine file, as scenarios in {@code directory} name it
   * @param settings what their machine line says after the file, such as {@code phys-bits=40}
   * @param scratch ranges whose bytes scenarios may store to
   */
  public static Terrain of(Path directory, String file, String settings, List<PhysRange> scratch) {
    MachineDescription description = MachineDescription.read(directory.resolve(file));
    for (String setting : settings.isBlank() ? new String[0] : settings.strip().split(" +", -1)) {
      int equals = setting.indexOf('=');
      description = description.with(setting.substring(0, equals), setting.substring(equals + 1));
    }
    TreeSet<Long> edges = new TreeSet<>(Long::compareUnsigned);
    List<PhysRange> pageable = new ArrayList<>();
    new ResourceSnapshot(description.root())
        .walk(
            (resource, depth) -> {
              edges.add(resource.range().start());
              edges.add(resource.range().endInclusive() + 1);
              if (PAGEABLE.contains(resource.kind())) {
                pageable.add(resource.range());
                addSections(edges, resource);
              }
            });
    edges.add(description.lastAddress() + 1);
    edges.add(1L << MOST_ADDRESS_BITS);
    return new Terrain(
        "machine %s %s".formatted(file, settings).strip(),
        directory,
        new ArrayList<>(edges),
        pageable,
        scratch,
        description.lastAddress());
  }

  private static void addSections(Set<Long> edges, Resource resource) {
    long first = (resource.range().start() + SECTION - 1) & -SECTION;
    for (long at = first; resource.range().contains(at); at += SECTION) {
      edges.add(at);
      edges.add(at + SUBSECTION);
    }
  }

  /** Whether every byte of a range may be stored to. */
  boolean isScratch(long start, long size) {
    return size > 0
        && start + size - 1 >= start
        && scratch.stream().anyMatch(range -> range.contains(PhysRange.of(start, size)));
  }
}
