// SPDX-License-Identifier: Apache-2.0
package dev.memremap.benchmarks.pager;

import dev.memremap.benchmarks.Probe.Figure;
import dev.memremap.benchmarks.Probe.NotHere;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * Measures what memories in far nodes do, and prints it beside what {@link FarModel} says, as
 * docs/remote-memory.md shows it.
 */
public final class FarTable {
  private static final double MICROS = 1e3;
  private static final double MILLIS = 1e6;

  private final Map<String, Double> measured = new HashMap<>();

  private FarTable() {}

  /**
   * Prints all of it.
   *
   * @param words {@code quick} where it is enough to see that it works
   */
  public static void main(String... words) throws Exception {
    boolean quick = words.length > 0 && words[0].equals("quick");
    FarTable table = new FarTable();
    try {
      table.add(new FarFaults().measure(quick));
      table.measureNodes(quick ? "quick" : "whole");
    } catch (NotHere e) {
      System.err.println(e.getMessage());
      System.exit(1);
    }
    table.print();
  }

  private void add(List<Figure> figures) {
    figures.forEach(figure -> measured.put(figure.name(), figure.cost()));
  }

  private void measureNodes(String how) throws NotHere, IOException, InterruptedException {
    Path folder = Files.createTempDirectory("memremap-bench-far-");
    Path way = folder.resolve("way");
    Path second = Files.createDirectory(folder.resolve("master"));
    Path third = Files.createDirectory(folder.resolve("replica"));
    PlayedWay played = PlayedWay.in(way);
    // the replica is as far from its master as the application is
    try (ValkeyNode alone = ValkeyNode.start(folder);
        ValkeyNode master = ValkeyNode.start(second);
        FarNode far = FarNode.of(alone.port(), played);
        FarNode farMaster = FarNode.of(master.port(), played);
        ValkeyNode replica = ValkeyNode.replica(third, farMaster.port())) {
      add(
          Pinned.figures(
              FarCosts.class,
              Integer.toString(alone.port()),
              Integer.toString(master.port()),
              Integer.toString(replica.port()),
              how));
      add(
          Pinned.figures(
              FarWrites.class,
              Integer.toString(far.port()),
              Integer.toString(farMaster.port()),
              way.toString(),
              how));
    } finally {
      Pinned.delete(folder);
    }
  }

  private double of(String name) {
    Double found = measured.get(name);
    if (found == null) {
      throw new IllegalStateException("nothing printed the figure '" + name + "'");
    }
    return found;
  }

  /** What the network adds to a question: as it was measured, since a way is never exact. */
  private double way(int micros) {
    return of(FarFigure.question(micros)) - of(FarFigure.question(0));
  }

  private void print() {
    double r = of(FarFigure.question(0));
    double p = of(FarFigure.fault(0, 1)) - r;
    int base = FarFigure.TRIPS[1];
    double b = new FarModel(p, r, 0).flush(way(base), FarWrites.FLUSHED, FarModel.run(), false);
    b = Math.max(0, of(FarFigure.flush(base, false)) - b) / FarWrites.FLUSHED;
    FarModel model = new FarModel(p, r, b);
    System.out.printf(Locale.ROOT, "| taken | |%n|---|---|%n");
    System.out.printf(
        Locale.ROOT,
        "| `p` | %.1f µs |%n| `r` | %.1f µs |%n| `b` | %.1f µs |%n",
        p / MICROS,
        r / MICROS,
        b / MICROS);
    for (int micros : FarFigure.TRIPS) {
      System.out.printf(
          Locale.ROOT, "| `d`, %d µs played | %.0f µs |%n", micros, way(micros) / MICROS);
    }
    costs();
    System.out.printf(
        Locale.ROOT, "%n| what | `d` | model | measured | |%n|---|---|---|---|---|%n");
    faults(model);
    writes(model);
  }

  private void costs() {
    Map<String, Double> all = new TreeMap<>(measured);
    all.keySet().removeIf(name -> !name.contains("processor") && !name.equals(FarCosts.MEMORY));
    all.forEach(
        (name, cost) -> {
          if (name.equals(FarCosts.MEMORY)) {
            System.out.printf(Locale.ROOT, "| %s | %,.0f B |%n", name, cost);
          } else {
            System.out.printf(Locale.ROOT, "| %s | %.1f µs |%n", name, cost / MICROS);
          }
        });
  }

  private void faults(FarModel model) {
    for (int micros : FarFigure.TRIPS) {
      double d = way(micros);
      for (int threads : FarFigure.THREADS) {
        row(
            "a fault of " + threads(threads),
            d,
            model.fault(d, threads),
            of(FarFigure.fault(micros, threads)));
        rate(threads(threads), d, model.each(d, threads), of(FarFigure.each(micros, threads)));
      }
    }
  }

  private static String threads(int count) {
    return count == 1 ? "1 thread" : count + " threads";
  }

  private void writes(FarModel model) {
    for (int i = 1; i < FarFigure.TRIPS.length; i++) {
      int micros = FarFigure.TRIPS[i];
      double d = way(micros);
      for (int threads : FarWrites.WRITERS) {
        rate(
            threads(threads) + ", a page is written for each that comes",
            d,
            model.written(d, threads),
            of(FarFigure.written(micros, threads)));
      }
      for (boolean replica : new boolean[] {false, true}) {
        String to = replica ? ", one replica" : "";
        row(
            "a flush of " + FarWrites.FLUSHED + " pages beside each other" + to,
            d,
            model.flush(d, FarWrites.FLUSHED, FarModel.run(), replica),
            of(FarFigure.flush(micros, replica)));
        row(
            "a flush of " + FarWrites.SCATTERED + " pages that are not" + to,
            d,
            model.flush(d, FarWrites.SCATTERED, 1, replica),
            of(FarFigure.scattered(micros, replica)));
      }
    }
  }

  private static void row(String what, double d, double model, double measured) {
    System.out.printf(
        Locale.ROOT,
        "| %s | %.2f ms | %.2f ms | %.2f ms | %+.0f %% |%n",
        what,
        d / MILLIS,
        model / MILLIS,
        measured / MILLIS,
        100 * (measured / model - 1));
  }

  private static void rate(String what, double d, double model, double measured) {
    System.out.printf(
        Locale.ROOT,
        "| faults a second, %s | %.2f ms | %,.0f | %,.0f | %+.0f %% |%n",
        what,
        d / MILLIS,
        1e9 / model,
        1e9 / measured,
        100 * (model / measured - 1));
  }
}
