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

  /** Notes how late events are shown, when the page was first painted, and when the map was. */
  private static final String OBSERVER =
      """
      window.latest = 0;
      new MutationObserver((changes) => {
        for (const change of changes) {
          for (const item of change.addedNodes) {
            const time = item.querySelector?.("time");
            if (time) {
              window.latest = Math.max(window.latest, Date.now() - Date.parse(time.dateTime));
            }
          }
        }
      }).observe(document.getElementById("event-list"), { childList: true });
      """;

  private static final Pattern AFTER = Pattern.compile("->([0-9]+)M\\(");

  @TempDir private Path folder;

  private record Seen(long paint, long latest, List<Integer> heap) {}

  private Seen load(int resources, int pagemaps, int seconds) throws Exception {
    Path log = folder.resolve("gc");
    try (Browser browser = Browser.start();
        ServedJvm jvm = ServedJvm.start(resources, pagemaps)) {
      Process serve =
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "-Xmx256m",
                  "-XX:+UseSerialGC",
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
        jvm.order("storm %d %d".formatted(seconds, RATE));
        String all = "%,d".formatted((long) seconds * RATE / 2);
        assertThat(page.locator("[data-total='remapped']")).hasText(all);
        assertThat(page.locator("[data-total='unmapped']")).hasText(all);
        long latest = ((Number) page.evaluate("window.latest")).longValue();
        Browser.keep(page, "load-%d".formatted(resources));
        assertThat(serve.isAlive()).as("it has room enough in a heap of 256 MiB").isTrue();
        return new Seen(paint, latest, heap(log));
      } finally {
        serve.destroyForcibly().waitFor();
      }
    }
  }

  /** What was in use after each collection, in MiB. */
  private static List<Integer> heap(Path log) throws IOException {
    return AFTER
        .matcher(Files.readString(log))
        .results()
        .map(found -> Integer.parseInt(found.group(1)))
        .toList();
  }

  private static void tell(String what, Seen seen) {
    System.out.printf(
        "%s: first paint %d ms, an event is shown at most %d ms late, heap after collections %s%n",
        what, seen.paint, seen.latest, seen.heap);
  }

  @Test
  @Tag("browser")
  @DisplayName("no event is lost in the figures: 10,000 resources, 1,000 page maps, 5 seconds")
  void shortly() throws Exception {
    tell("10,000 resources", load(10_000, 1_000, 5));
  }

  @Test
  @Tag("thorough")
  @DisplayName("memory stays flat: 100,000 resources, 10,000 page maps, a minute of 1,000 events/s")
  void minute() throws Exception {
    Seen seen = load(100_000, 10_000, 60);
    tell("100,000 resources", seen);
    List<Integer> heap = seen.heap;
    int half = heap.size() / 2;
    int first = heap.subList(half / 2, half).stream().mapToInt(each -> each).max().orElse(0);
    int last =
        heap.subList(heap.size() - half / 2, heap.size()).stream()
            .mapToInt(each -> each)
            .min()
            .orElse(0);
    assertThat(last).as("what stays after collections: %s", heap).isLessThanOrEqualTo(first);
  }
}
