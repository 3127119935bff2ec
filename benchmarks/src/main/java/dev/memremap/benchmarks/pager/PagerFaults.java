// SPDX-License-Identifier: Apache-2.0
package dev.memremap.benchmarks.pager;

import dev.memremap.benchmarks.Probe;
import dev.memremap.benchmarks.Subject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Faults of one application, served by our pager, by a loop in Java without the page map, and by
 * one in C, each with all its processes on one processor: an unpinned pager's faults take ten times
 * as long or not, as the scheduler has it.
 *
 * <p>Thread safety: immutable.
 *
 * @param server whose faults: one of {@link FaultingApp}'s
 */
public record PagerFaults(String server) implements Probe {
  private static final double SECONDS = 13;
  private static final double BARE_SECONDS = 7;
  private static final double QUICK_SECONDS = 3;

  /** A figure of this server. */
  public Subject figure(String name) {
    return new Subject.Probed(this, name);
  }

  @Override
  public String name() {
    return "pager " + server;
  }

  /** Twelve rounds to warm up, of faults and of scans, and what is counted. */
  @Override
  public double seconds(boolean quick) {
    return quick ? QUICK_SECONDS : server.equals(FaultingApp.BARE) ? BARE_SECONDS : SECONDS;
  }

  @Override
  public List<Figure> measure(boolean quick) throws NotHere, IOException, InterruptedException {
    Path folder = Files.createTempDirectory("memremap-bench-pager-");
    try {
      String peer = Pinned.peer(folder).toString();
      return Pinned.figures(
          FaultingApp.class, server, folder.toString(), peer, quick ? "quick" : "whole");
    } finally {
      Pinned.delete(folder);
    }
  }
}
