// SPDX-License-Identifier: Apache-2.0
package dev.memremap.resource;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.random.RandomGenerator;

/** Trees made at random whose siblings are sorted, lie inside their parent and never overlap. */
final class RandomTrees {
  private static final List<String> NAMES =
      List.of(
          "System RAM",
          "Reserved",
          "Persistent Memory",
          "Persistent Memory (legacy)",
          "CXL Window 0",
          "PCI Bus 0000:00",
          "0000:00:02.0",
          "Kernel code",
          "Video ROM",
          "ACPI Tables",
          "dax0.0",
          "nvme",
          "",
          " x : y ",
          "Gerät ☃ 🦀");

  private RandomTrees() {}

  /** A tree at most this many levels deep, the root not counted. */
  static Resource tree(RandomGenerator random, int levels) {
    return filled(Resource.memoryRoot(), random, levels);
  }

  private static Resource filled(Resource parent, RandomGenerator random, int levels) {
    if (levels == 0) {
      return parent;
    }
    List<Resource> children = new ArrayList<>();
    for (PhysRange range : siblings(parent.range(), random)) {
      String name = random.nextInt(20) == 0 ? null : NAMES.get(random.nextInt(NAMES.size()));
      Resource child = Resource.of(ResourceKind.of(name), range, name, parent);
      children.add(filled(child, random, random.nextInt(4) == 0 ? 0 : levels - 1));
    }
    return children.isEmpty() ? parent : parent.withChildren(children);
  }

  private static List<PhysRange> siblings(PhysRange in, RandomGenerator random) {
    TreeSet<Long> edges = new TreeSet<>(Long::compareUnsigned);
    int wanted = 2 * random.nextInt(1, 5);
    for (int tries = 0; edges.size() < wanted && tries < 4 * wanted; tries++) {
      edges.add(addressIn(in, random));
    }
    List<PhysRange> ranges = new ArrayList<>();
    while (edges.size() >= 2) {
      ranges.add(new PhysRange(edges.pollFirst(), edges.pollFirst()));
    }
    return ranges;
  }

  /** Any address of a range, its ends and the low addresses more often than chance has it. */
  static long addressIn(PhysRange range, RandomGenerator random) {
    return switch (random.nextInt(6)) {
      case 0 -> range.start();
      case 1 -> range.endInclusive();
      default -> {
        long size = range.sizeBytes();
        long offset = random.nextLong() >>> random.nextInt(64);
        yield range.start() + (size == 0 ? offset : Long.remainderUnsigned(offset, size));
      }
    };
  }

  /** An address at an edge of something in the tree, or beside one, or anywhere. */
  static long addressNear(Resource root, RandomGenerator random) {
    List<Resource> nodes = PlainRules.descendants(root);
    if (nodes.isEmpty() || random.nextInt(8) == 0) {
      return addressIn(root.range(), random);
    }
    PhysRange range = nodes.get(random.nextInt(nodes.size())).range();
    return (random.nextBoolean() ? range.start() : range.endInclusive()) + random.nextInt(-1, 2);
  }
}
