// SPDX-License-Identifier: Apache-2.0
package dev.memremap.conformance;

import dev.memremap.scenario.Scenario;
import dev.memremap.scenario.ScenarioExecutor;
import dev.memremap.scenario.Summary;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;

/**
 * Many scenarios held against a judge, one after the other. A difference is shrunk at once, and the
 * run goes on.
 *
 * <p>Thread safety: none; one thread runs.
 */
public final class ConformanceRun {
  /** So many generated scenarios should leave nothing uncovered; fewer may by chance. */
  private static final int FEWEST_TO_COVER = 200;

  /** Hears how far the run is. */
  public interface Progress {
    /**
     * One more scenario was compared, or a difference is being shrunk.
     *
     * @param done scenarios that were compared
     * @param findings how many of them do not hold
     */
    void at(int done, int findings);
  }

  /**
   * What a run gave.
   *
   * @param summary all comparisons added up
   * @param coverage how hard an examiner it was
   * @param findings scenarios that do not hold, shrunk
   * @param stopped whether scenarios were left out, after many findings or a QEMU that was killed
   * @param killed why the run could not go on, if QEMU was killed repeatedly, which is not a
   *     finding
   */
  public record Result(
      Summary summary,
      Coverage coverage,
      List<Finding> findings,
      boolean stopped,
      Optional<GuestKilledException> killed) {
    /** Keeps a copy. */
    public Result {
      findings = List.copyOf(findings);
    }

    /**
     * What generated scenarios asked too seldom, in sentences; empty if they were too few to tell,
     * or if the run stopped early.
     *
     * @param generated how many scenarios were to be compared
     */
    public List<String> shortcomings(int generated) {
      return stopped || generated < FEWEST_TO_COVER ? List.of() : coverage.shortcomings();
    }
  }

  private final Judge judge;
  private final Conformance conformance;
  private final int mostFindings;

  /**
   * A run that has not begun.
   *
   * @param mostFindings after how many it stops; at least 1
   */
  public ConformanceRun(Judge judge, ScenarioExecutor.Factory ours, int mostFindings) {
    this.judge = judge;
    this.conformance = new Conformance(judge, ours);
    this.mostFindings = mostFindings;
  }

  /**
   * Compares all of them.
   *
   * @throws GuestException if the kernel cannot be booted
   * @throws InterruptedException if this thread was interrupted
   */
  public Result compare(Iterator<Scenario> scenarios, Progress progress)
      throws InterruptedException {
    Summary summary = new Summary();
    Coverage coverage = new Coverage(judge.dialect());
    List<Finding> findings = new ArrayList<>();
    int done = 0;
    while (scenarios.hasNext() && findings.size() < mostFindings) {
      Scenario scenario = scenarios.next();
      try {
        Conformance.Outcome outcome = conformance.compare(scenario);
        summary.add(outcome.comparison());
        coverage.add(outcome);
        if (!outcome.comparison().holds()) {
          progress.at(done, findings.size() + 1);
          findings.add(new Finding.Differs(conformance.shrink(outcome), judge.kernel()));
        }
      } catch (GuestKilledException killed) {
        return new Result(summary, coverage, findings, true, Optional.of(killed));
      } catch (ScenarioCrashException crash) {
        findings.add(new Finding.Crashes(scenario, crash));
      }
      done++;
      progress.at(done, findings.size());
    }
    return new Result(summary, coverage, findings, scenarios.hasNext(), Optional.empty());
  }
}
