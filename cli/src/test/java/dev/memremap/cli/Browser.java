// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.deque.html.axecore.playwright.AxeBuilder;
import com.deque.html.axecore.results.Rule;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.options.ColorScheme;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Debian's Chromium, without a window. What a page complains of in its console is kept. */
final class Browser implements AutoCloseable {
  private static final Path CHROMIUM = Path.of("/usr/bin/chromium");
  private static final Path SCREENSHOTS = Path.of("target", "screenshots");

  private final Playwright playwright;
  private final com.microsoft.playwright.Browser chromium;
  private final List<String> complaints = new ArrayList<>();

  private Browser() {
    // its driver would look for browsers of its own, and fetch them
    this.playwright =
        Playwright.create(
            new Playwright.CreateOptions().setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
    this.chromium =
        playwright
            .chromium()
            .launch(
                new BrowserType.LaunchOptions()
                    .setExecutablePath(CHROMIUM)
                    .setArgs(
                        List.of(
                            "--no-sandbox",
                            "--disable-gpu",
                            "--disable-quic",
                            "--no-first-run",
                            "--disable-background-networking",
                            "--disable-component-update",
                            "--disable-sync")));
  }

  /** Starts it; a test is skipped where it is missing, unless CI says that it must be there. */
  static Browser start() {
    if (System.getenv("MEMREMAP_BROWSER_REQUIRED") == null) {
      assumeTrue(
          Files.isExecutable(CHROMIUM), "Chromium is missing; apt-get install chromium brings it");
    }
    return new Browser();
  }

  /** How a page is looked at. */
  record Look(int width, int height, ColorScheme theme, boolean scripts) {
    static final Look DESK = new Look(1280, 900, ColorScheme.LIGHT, true);

    Look withoutScripts() {
      return new Look(width, height, theme, false);
    }
  }

  /** Opens a page in a window of its own. */
  Page open(String url, Look look) {
    BrowserContext context =
        chromium.newContext(
            new com.microsoft.playwright.Browser.NewContextOptions()
                .setViewportSize(look.width, look.height)
                .setColorScheme(look.theme)
                .setJavaScriptEnabled(look.scripts));
    Page page = context.newPage();
    page.onConsoleMessage(
        message -> {
          if (List.of("error", "warning").contains(message.type())) {
            complaints.add(message.text());
          }
        });
    page.onPageError(complaints::add);
    page.navigate(url);
    if (look.scripts) {
      page.locator("html.ready").waitFor();
    }
    return page;
  }

  /** Closes all pages, and forgets what they complained of. */
  void closePages() {
    List.copyOf(chromium.contexts()).forEach(BrowserContext::close);
    complaints.clear();
  }

  /** What axe finds wrong with a page, which has no frames, in words. */
  static List<String> violations(Page page) {
    List<String> found = new ArrayList<>();
    for (Rule rule : new AxeBuilder(page).setLegacyMode(true).analyze().getViolations()) {
      rule.getNodes()
          .forEach(
              node -> found.add(rule.getId() + ": " + node.getHtml() + " " + node.getTarget()));
    }
    return found;
  }

  /** Keeps a picture of a page. */
  static void keep(Page page, String name) {
    page.screenshot(
        new Page.ScreenshotOptions().setPath(SCREENSHOTS.resolve(name + ".png")).setFullPage(true));
  }

  /** Passes if no page complained in its console, as of its own policy. */
  void requireQuiet() {
    assertThat(complaints).isEmpty();
  }

  @Override
  public void close() {
    chromium.close();
    playwright.close();
  }
}
