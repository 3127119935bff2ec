// SPDX-License-Identifier: Apache-2.0
package dev.memremap.benchmarks.pager;

import dev.memremap.benchmarks.Probe;
import dev.memremap.benchmarks.Subject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Faults of one application whose pages are in a node of Valkey, served by our pager or by a loop
 * in C. Node, server and application are on one processor: on two, each fault would wait twice for
 * a processor to wake up, which takes longer than all else, and would hide what either client
 * costs.
 *
 * <p>Thread safety: immutable.
 *
 * @param server whose faults: one of {@link ValkeyApp}'s
 */
public record ValkeyFaults(String server) implements Probe {
  private static final double SECONDS = 12;
  private static final double QUICK_SECONDS = 4;

  /** A figure of this server. */
  public Subject figure(String name) {
    return new Subject.Probed(this, name);
  }

  @Override
  public String name() {
    return "pager valkey " + server;
  }

  @Override
  public double seconds(boolean quick) {
    return quick ? QUICK_SECONDS : SECONDS;
  }

  @Override
  public List<Figure> measure(boolean quick) throws NotHere, IOException, InterruptedException {
    Path folder = Files.createTempDirectory("memremap-bench-valkey-");
    try (ValkeyNode node = ValkeyNode.start(folder)) {
      return Pinned.figures(
          ValkeyApp.class,
          server,
          folder.toString(),
          Pinned.peer(folder).toString(),
          Integer.toString(node.port()),
          quick ? "quick" : "whole");
    } finally {
      Pinned.delete(folder);
    }
  }
}
