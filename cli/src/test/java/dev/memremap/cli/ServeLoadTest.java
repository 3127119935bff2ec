// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Page;
import dev.memremap.cli.Browser.Look;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A server with a small heap and much to show. What took how long is printed and kept beside the
 * pictures, and no verdict depends on it.
 */
class ServeLoadTest {
  private static final int RATE = 1_000;

  /** Notes how late events are shown: what is in the list once a frame was painted is shown. */
  private static final String OBSERVER =
      """
      window.late = [];
      window.added = [];
      function painted() {
        const now = Date.now();
        window.added.forEach((millis) => window.late.push(now - millis));
        window.added = [];
      }
      new MutationObserver((changes) => {
        for (const change of changes) {
          for (const item of change.addedNodes) {
            const time = item.querySelector?.("time");
            if (time) {
              if (window.added.length === 0) {
                requestAnimationFrame(() => setTimeout(painted, 0));
              }
              window.added.push(Date.parse(time.dateTime));
            }
          }
        }
      }).observe(document.getElementById("event-list"), { childList: true });
      """;

  /** What was in use after a collection of all that is not, which {@code jcmd} asked for. */
  private static final Pattern AFTER =
      Pattern.compile("Pause Full \\(Diagnostic Command\\) [0-9]+M->([0-9]+)M\\(");

  /** So many parts has a storm; what memory is in use is looked at after each. */
  private static final int PARTS = 3;

  /** So much more, in MiB, may be in use after the last part than after the first one. */
  private static final int SLACK = 2;

  @TempDir private Path folder;

  /** So many events are seen alone, and so many follow each other in a second. */
  private static final int ALONE = 10;

  /**
   * What was seen.
   *
   * @param paint when the page was first painted, in milliseconds
   * @param late how late each event was shown, in milliseconds, the latest last
   * @param heap what was in use after each part, in MiB
   */
  private record Seen(long paint, List<Integer> late, List<Integer> heap) {}

  /** Looks at a server in a storm that takes so many seconds for each of its parts. */
  private Seen load(int resources, int pagemaps, String name, int seconds) throws Exception {
    Path log = folder.resolve("gc");
    try (Browser browser = Browser.start();
        ServedJvm jvm = ServedJvm.start(resources, pagemaps, name)) {
      Process serve =
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "-Xmx256m",
                  "-XX:+UseSerialGC",
                  // else three of four collections leave some of what is dead, which counts as used
                  "-XX:MarkSweepAlwaysCompactCount=1",
                  "-Xlog:gc:file=" + log,
                  "-cp",
                  System.getProperty("java.class.path"),
                  MemremapCommand.class.getName(),
                  "serve",
                  "-p",
                  "0",
                  "--attach",
                  jvm.pid())
              .redirectError(ProcessBuilder.Redirect.INHERIT)
              .start();
      try (BufferedReader out =
          new BufferedReader(
              new InputStreamReader(serve.getInputStream(), StandardCharsets.UTF_8))) {
        Page page = browser.open(out.readLine(), Look.DESK);
        long paint =
            ((Number)
                    page.evaluate(
                        "performance.getEntriesByName('first-contentful-paint')[0].startTime"))
                .longValue();
        assertThat(page.locator(".picture .box.resource").first()).isVisible();
        assertThat(page.locator("[data-total='pagemaps']")).hasText("%,d".formatted(pagemaps));
        page.evaluate(OBSERVER);
        for (int part = 1; part <= PARTS; part++) {
          jvm.order("storm %d %d".formatted(seconds, RATE));
          requireCounted(page, part * seconds * RATE);
          // a picture that is being drawn is in use, too
          await(page, "document.body.dataset.told === document.body.dataset.version");
          collect(serve);
        }
        jvm.order("storm 1 " + ALONE);
        requireCounted(page, PARTS * seconds * RATE + ALONE);
        await(page, "window.added.length === 0");
        List<Integer> late =
            ((List<?>) page.evaluate("window.late"))
                .stream().map(each -> ((Number) each).intValue()).sorted().toList();
        Browser.keep(page, "load-%d".formatted(resources));
        assertThat(serve.isAlive()).as("it has room enough in a heap of 256 MiB").isTrue();
        return new Seen(paint, late, heap(log));
      } finally {
        serve.destroyForcibly().waitFor();
      }
    }
  }

  /** Asks from outside: the page's own policy lets nothing be evaluated in it again and again. */
  private static void await(Page page, String condition) {
    while (!page.evaluate(condition).equals(true)) {
      page.waitForTimeout(50);
    }
  }

  /** Passes if half of so many events were mappings that were made, and half those closed. */
  private static void requireCounted(Page page, int events) {
    String all = "%,d".formatted(events / 2);
    assertThat(page.locator("[data-total='remapped']")).hasText(all);
    assertThat(page.locator("[data-total='unmapped']")).hasText(all);
  }

  private static void collect(Process serve) throws IOException, InterruptedException {
    Path jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd");
    Process collecting =
        new ProcessBuilder(jcmd.toString(), String.valueOf(serve.pid()), "GC.run")
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    assertThat(collecting.waitFor()).isZero();
  }

  /** What was in use after each part of the storm, in MiB. */
  private static List<Integer> heap(Path log) throws IOException {
    return AFTER
        .matcher(Files.readString(log))
        .results()
        .map(found -> Integer.parseInt(found.group(1)))
        .toList();
  }

  private static void requireFlat(String what, Seen seen) {
    System.out.printf(
        "%s: first paint %d ms, half of %,d shown events at most %d ms late, all at most %d ms,"
            + " %s MiB in use%n",
        what,
        seen.paint,
        seen.late.size(),
        seen.late.get(seen.late.size() / 2),
        seen.late.getLast(),
        seen.heap);
    assertThat(seen.heap).hasSize(PARTS);
    assertThat(seen.heap.getLast())
        .as("what stays in use, in MiB: %s", seen.heap)
        .isLessThanOrEqualTo(seen.heap.getFirst() + SLACK);
  }

  @Test
  @Tag("browser")
  @DisplayName("each event is counted: 10,000 page maps of one name, 3 s of 1,000 events a second")
  void shortly() throws Exception {
    requireFlat("10,000 resources", load(10_000, 10_000, "pool", 1));
  }

  @Test
  @Tag("thorough")
  @DisplayName("memory stays flat: 100,000 resources, 10,000 page maps, a minute of 1,000 events/s")
  void minute() throws Exception {
    requireFlat("100,000 resources", load(100_000, 10_000, "pool %d", 60 / PARTS));
  }
}
