// SPDX-License-Identifier: Apache-2.0
package dev.memremap.benchmarks;

import dev.memremap.machine.MachineDescription;
import dev.memremap.resource.Intersection;
import dev.memremap.resource.IomemText;
import dev.memremap.resource.ResourceDesc;
import dev.memremap.resource.ResourceFlags;
import dev.memremap.resource.ResourceSnapshot;
import java.util.Locale;
import java.util.SplittableRandom;

/**
 * Parsing, asking and printing resource trees of 10,000 and 100,000 nodes: what one node costs must
 * not grow with their number.
 *
 * <pre>{@code java -cp benchmarks/target/benchmarks.jar dev.memremap.benchmarks.ManyResources}
 * </pre>
 */
public final class ManyResources {
  private static final int FEW = 10_000;
  private static final int MANY = 100_000;

  /**
   * So many that the heap is used up and over again: else memory fresh from the system counts, too.
   */
  private static final int ROUNDS = 50;

  private ManyResources() {}

  /** Measures and prints. */
  public static void main(String[] args) {
    boolean quick = args.length > 0;
    int rounds = quick ? 1 : ROUNDS;
    // as many nodes in all, so that the compiler has seen as much
    measure("warm", FEW, rounds * (MANY / FEW));
    measure("few", FEW, rounds * (MANY / FEW));
    measure("many", quick ? FEW : MANY, rounds);
  }

  /** Windows with ten devices each, and RAM between them. */
  private static String map(int nodes) {
    StringBuilder text = new StringBuilder("# phys-bits=46\n");
    long at = 1L << 32;
    for (int i = 0; i < nodes; i += 12) {
      text.append(line(0, at, 1 << 20, "System RAM"));
      at += 1 << 20;
      text.append(line(0, at, 10 << 12, "PCI Bus 0000:00"));
      for (int k = 0; k < 10; k++) {
        text.append(line(2, at + (k << 12), 1 << 12, "0000:00:02.%d".formatted(k & 7)));
      }
      at += 1 << 20;
    }
    return text.toString();
  }

  private static String line(int indent, long start, long size, String name) {
    return "%s%08x-%08x : %s\n".formatted(" ".repeat(indent), start, start + size - 1, name);
  }

  private static void measure(String what, int nodes, int rounds) {
    String text = map(nodes);
    double parse = Double.MAX_VALUE;
    double ask = Double.MAX_VALUE;
    double print = Double.MAX_VALUE;
    for (int round = 0; round < rounds; round++) {
      long begun = System.nanoTime();
      ResourceSnapshot tree = new ResourceSnapshot(MachineDescription.parse(text).root());
      parse = Math.min(parse, since(begun) / nodes);
      begun = System.nanoTime();
      int ram = intersections(tree, nodes);
      ask = Math.min(ask, since(begun) / nodes);
      begun = System.nanoTime();
      int printed = IomemText.format(tree.root()).length();
      print = Math.min(print, since(begun) / nodes);
      if (ram == 0 || printed < nodes) {
        throw new IllegalStateException("the tree is not the one that was written");
      }
    }
    if (!what.equals("warm")) {
      Program.print("parse, " + what, parse, Unit.NANOSECONDS);
      Program.print("intersect, " + what, ask, Unit.NANOSECONDS);
      Program.print("print, " + what, print, Unit.NANOSECONDS);
    }
    System.out.printf(
        Locale.ROOT,
        "%,d nodes: parse %.0f ns, intersect %.0f ns, print %.0f ns each%n",
        nodes,
        parse,
        ask,
        print);
  }

  private static double since(long begun) {
    return System.nanoTime() - begun;
  }

  private static int intersections(ResourceSnapshot tree, int count) {
    SplittableRandom random = new SplittableRandom(42);
    int ram = 0;
    for (int i = 0; i < count; i++) {
      long start = (1L << 32) + random.nextLong(count / 12 * (2L << 20));
      Intersection found =
          tree.regionIntersects(start, 4096, ResourceFlags.SYSTEM_RAM, ResourceDesc.NONE);
      ram += found == Intersection.INTERSECTS ? 1 : 0;
    }
    return ram;
  }
}
