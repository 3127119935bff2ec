// SPDX-License-Identifier: Apache-2.0
package dev.memremap.benchmarks.pager;

import dev.memremap.benchmarks.Probe;
import dev.memremap.benchmarks.Subject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Faults of one and of many threads whose pages are in a node of Valkey behind a network that is
 * played. All but that network is on one processor, as with {@link ValkeyFaults}.
 *
 * <p>Thread safety: immutable.
 */
public record FarFaults() implements Probe {
  private static final double SECONDS = 60;
  private static final double QUICK_SECONDS = 10;

  /** One of {@link FarFigure}'s. */
  public Subject figure(String name) {
    return new Subject.Probed(this, name);
  }

  @Override
  public String name() {
    return "pager valkey far";
  }

  @Override
  public double seconds(boolean quick) {
    return quick ? QUICK_SECONDS : SECONDS;
  }

  @Override
  public List<Figure> measure(boolean quick) throws NotHere, IOException, InterruptedException {
    Path folder = Files.createTempDirectory("memremap-bench-far-");
    Path way = folder.resolve("way");
    // not in the application, which may have to wait for a page before it could carry anything
    try (ValkeyNode node = ValkeyNode.start(folder);
        FarNode far = FarNode.of(node.port(), PlayedWay.in(way))) {
      return Pinned.figures(
          FarApp.class,
          Integer.toString(node.port()),
          Integer.toString(far.port()),
          way.toString(),
          quick ? "quick" : "whole");
    } finally {
      Pinned.delete(folder);
    }
  }
}
