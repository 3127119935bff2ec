// SPDX-License-Identifier: Apache-2.0
package dev.memremap.benchmarks.run;

import dev.memremap.benchmarks.Probe;
import dev.memremap.benchmarks.Program;
import dev.memremap.benchmarks.Subject.Benchmarked;
import dev.memremap.benchmarks.WarmStarts;
import dev.memremap.benchmarks.version.Version;
import java.io.IOException;
import java.util.List;

/** Measures a version in a JVM of its own, once a call. */
public interface Forks {
  /**
   * What a fork measured.
   *
   * @param cost of one operation, in nanoseconds
   * @param conditions under which; two forks whose conditions differ compare with care
   */
  record Forked(Cost.Fork cost, String conditions) {}

  /**
   * A fork of a benchmark.
   *
   * @throws IOException if it fails
   */
  Forked benchmark(Version version, Benchmarked benchmark) throws IOException, InterruptedException;

  /**
   * A run of a program.
   *
   * @throws IOException if it fails
   */
  List<Probe.Figure> program(Version version, Program program)
      throws IOException, InterruptedException;

  /**
   * What a fork of starts measured.
   *
   * @param here of this version
   * @param there of the other
   */
  record Started(Cost.Fork here, Cost.Fork there) {}

  /**
   * A fork of starts of the command, in both versions in turn.
   *
   * @param hereFirst which of the two begins
   * @throws Probe.NotHere if one of the two has no launcher
   * @throws WarmStarts.NotThere if the other version's command does not do it
   * @throws IOException if one fails
   */
  Started starts(WarmStarts command, boolean hereFirst)
      throws Probe.NotHere, WarmStarts.NotThere, IOException, InterruptedException;

  /** One of the others failed, or what it gave is not all that is needed. */
  void failed(Exception failure);
}
