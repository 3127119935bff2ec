// SPDX-License-Identifier: Apache-2.0
package dev.memremap.stress;

import java.util.SortedSet;
import java.util.TreeSet;
import org.openjdk.jcstress.JCStress;
import org.openjdk.jcstress.Options;
import org.openjdk.jcstress.infra.Status;
import org.openjdk.jcstress.infra.collectors.DiskReadCollector;
import org.openjdk.jcstress.infra.collectors.InProcessCollector;
import org.openjdk.jcstress.infra.collectors.TestResult;

/**
 * Runs the jcstress tests, and fails also where one of them did not run.
 *
 * <p>jcstress itself is content with a test that it skips: one with more actors than the machine
 * has cores, one whose classes the forked Java cannot load. Options are jcstress's own; exit status
 * 1 and one sentence if an outcome was forbidden or a test gave no result.
 */
public final class Races {
  private Races() {}

  /** Runs them; see the class. */
  public static void main(String[] args) throws Exception {
    Options options = new Options(args);
    if (!options.parse()) {
      System.exit(2);
    }
    JCStress stress = new JCStress(options);
    SortedSet<String> left = new TreeSet<>(stress.getTests());
    if (left.isEmpty()) {
      fail("no test was selected; look at what -t says");
    }
    // throws where an outcome was forbidden
    stress.run();

    InProcessCollector results = new InProcessCollector();
    DiskReadCollector disk = new DiskReadCollector(options.getResultFile(), results);
    disk.dump();
    disk.close();
    for (TestResult result : results.getTestResults()) {
      if (result.status() != Status.NORMAL || result.isEmpty()) {
        fail("%s gave no result: %s".formatted(result.getName(), reason(result)));
      }
      left.remove(result.getName());
    }
    if (!left.isEmpty()) {
      fail(
          "these did not run, and %d processors may be too few for their actors: %s"
              .formatted(Runtime.getRuntime().availableProcessors(), String.join(", ", left)));
    }
  }

  private static String reason(TestResult result) {
    return result.getMessages().isEmpty()
        ? result.status().toString()
        : result.getMessages().getFirst();
  }

  private static void fail(String sentence) {
    System.err.println("jcstress: " + sentence);
    System.exit(1);
  }
}
