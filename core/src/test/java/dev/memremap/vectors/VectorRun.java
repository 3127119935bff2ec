// SPDX-License-Identifier: Apache-2.0
package dev.memremap.vectors;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Counts the rows that a test class runs, prints the count per prefix at its end, and fails the
 * class if a prefix it answers for ran none.
 *
 * <pre>{@code
 * @RegisterExtension static final VectorRun RUN = VectorRun.of("RI");
 * }</pre>
 *
 * <p>Thread safety: its methods may be called from any thread.
 */
public final class VectorRun implements AfterAllCallback {
  private final List<String> prefixes;
  private final Map<String, Integer> ran = new TreeMap<>();

  private VectorRun(List<String> prefixes) {
    this.prefixes = prefixes;
  }

  /** For a class that runs the rows of these prefixes. */
  public static VectorRun of(String... prefixes) {
    return new VectorRun(List.of(prefixes));
  }

  /** Counts a row, and checks that an answer is what the row or its exception asks for. */
  public void check(VectorRow row, String ourAnswer) {
    count(row);
    String why =
        VectorExceptions.of(row)
            .map(exception -> exception.winner().id() + " wins: " + exception.why())
            .orElse(row.rule());
    assertThat(ourAnswer).as("%s [%s]", row, why).isEqualTo(VectorExceptions.answer(row));
  }

  /** Counts a row whose answer the caller checks. */
  public synchronized void count(VectorRow row) {
    ran.merge(row.prefix(), 1, Integer::sum);
  }

  @Override
  public synchronized void afterAll(ExtensionContext context) {
    ran.forEach((prefix, rows) -> System.out.printf("vectors: %s %d rows ran%n", prefix, rows));
    assertThat(ran).as("prefixes of which a row ran").containsKeys(prefixes.toArray(String[]::new));
  }
}
