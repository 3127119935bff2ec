// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Page;
import dev.memremap.cli.Browser.Look;
import java.io.IOException;
import java.util.concurrent.ExecutionException;
import java.util.regex.Pattern;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Another JVM's machines, in Debian's Chromium, as they change. */
@Tag("browser")
class ServeLiveTest {
  private static void total(Page page, String id, String value) {
    assertThat(page.locator("[data-total='" + id + "']")).hasText(value);
  }

  @Test
  @DisplayName("mappings, references and page maps of another JVM are seen, and that it ended")
  void live() throws IOException, ExecutionException, InterruptedException {
    try (Browser browser = Browser.start();
        ServedJvm jvm = ServedJvm.start(0, 3)) {
      jvm.order("map");
      try (RunningServe serve = RunningServe.of("--attach", jvm.pid())) {
        Page page = browser.open(serve.url(), Look.DESK);
        assertThat(page).hasURL(serve.url().replaceFirst("\\?.*", ""));
        assertThat(page.locator("#status")).hasText("live");
        assertThat(page.locator("h1")).containsText("ServedJvm");
        // made before anybody looked
        total(page, "mappings", "1");
        assertThat(page.locator(".picture .box.mapping").first()).isVisible();
        total(page, "pagemaps", "3");
        total(page, "remapped", "0");

        jvm.order("map");
        total(page, "mappings", "2");
        total(page, "remapped", "1");
        assertThat(page.locator("#event-list li").first())
            .containsText("0x48000000+0x1000 remapped, WB");
        assertThat(page.locator(".picture .box.overlay.mapping")).hasCount(2);

        jvm.order("hold");
        total(page, "references", "1");
        assertThat(
                page.locator(
                    ".picture .box.overlay", new Page.LocatorOptions().setHasText("pool 0")))
            .containsText("references held: 1");
        jvm.order("drop");
        total(page, "references", "0");
        jvm.order("kill");
        total(page, "pagemaps", "2");
        total(page, "pagemaps_killed", "1");
        total(page, "pagemaps_released", "1");
        assertThat(page.locator(".picture")).not().containsText("pool 2");
        jvm.order("unmap");
        total(page, "unmapped", "1");
        total(page, "mappings", "1");
        assertThat(page.locator(".picture .box.overlay.mapping")).hasCount(1);
        Browser.keep(page, "live-1280-light");
        assertThat(Browser.violations(page)).isEmpty();
        browser.requireQuiet();

        // at once: a JVM that closes its machine first could be seen without its mappings
        jvm.close();
        assertThat(page.locator("#status"))
            .hasText(Pattern.compile("JVM [0-9]+ \\(.*ServedJvm\\) ended at .*"));
        page.reload();
        assertThat(page.locator("#status")).containsText("this is what was seen last");
        assertThat(page.locator(".picture .box.overlay.mapping")).hasCount(1);
      }
    }
  }
}
