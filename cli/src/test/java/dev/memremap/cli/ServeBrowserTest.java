// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Response;
import com.microsoft.playwright.options.ColorScheme;
import dev.memremap.cli.Browser.Look;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutionException;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a reader can do with the pages of {@code memremap serve}, in Debian's Chromium. */
@Tag("browser")
class ServeBrowserTest {
  private static final Path EXAMPLES = Path.of("..", "examples").toAbsolutePath().normalize();
  private static final String QEMU = EXAMPLES.resolve("machines/qemu-2g.iomem").toString();
  private static final String RUN = EXAMPLES.resolve("teardown-in-order.scenario").toString();
  private static final String ASKED = "?where=0x3ffff000%2B8K&as=WB";

  private static Browser browser;
  private static RunningServe machine;
  private static RunningServe run;

  @BeforeAll
  static void start() throws ExecutionException, InterruptedException {
    browser = Browser.start();
    machine = RunningServe.of("-m", QEMU);
    run = RunningServe.of(RUN);
  }

  @AfterAll
  static void end() throws ExecutionException, InterruptedException {
    if (browser != null) {
      browser.close();
      machine.close();
      run.close();
    }
  }

  @AfterEach
  void closePages() {
    browser.closePages();
  }

  private static Page open(String query) {
    return browser.open(machine.url() + query, Look.DESK);
  }

  private static Locator box(Page page, String name) {
    return page.locator(".picture .box.resource[data-name='" + name + "']").first();
  }

  @Test
  @DisplayName("a page loads, shows the machine, and its policy has nothing to complain of")
  void loads() {
    Page page = open("");
    assertThat(page).hasTitle("qemu-2g.iomem – memremap");
    assertThat(box(page, "Persistent Memory (legacy)")).isVisible();
    assertThat(page.locator("#status")).hasText("live");
    browser.requireQuiet();
  }

  @Test
  @DisplayName("a page follows its file, and says when that cannot be used")
  void follows(@TempDir Path folder) throws Exception {
    Path file = Files.copy(Path.of(QEMU), folder.resolve("map.iomem"));
    try (RunningServe serve = RunningServe.of("-m", file.toString())) {
      Page page = browser.open(serve.url(), Look.DESK);
      assertThat(box(page, "Persistent Memory")).hasCount(0);
      Files.writeString(
          file, "10000000000-101ffffffff : Persistent Memory\n", StandardOpenOption.APPEND);
      assertThat(box(page, "Persistent Memory")).isVisible();
      assertThat(page.locator("#event-list li").first()).containsText("read anew");
      Files.writeString(file, "nonsense\n");
      assertThat(page.locator("#status"))
          .hasText(Pattern.compile(".*map\\.iomem.*; this is what was read before"));
      assertThat(box(page, "Persistent Memory")).isVisible();
      Files.copy(Path.of(QEMU), file, StandardCopyOption.REPLACE_EXISTING);
      assertThat(page.locator("#status")).hasText("live");
      assertThat(box(page, "Persistent Memory")).hasCount(0);
      browser.requireQuiet();
      browser.closePages();
    }
  }

  @Test
  @DisplayName("a double click zooms in, Escape zooms out, and the browser's Back goes back")
  void zooms() {
    Page page = open("");
    box(page, "Kernel code").dblclick();
    assertThat(page).hasURL(Pattern.compile(".*at=0x1000000-0x1600107$"));
    assertThat(page.locator(".path [aria-current]")).hasText("Kernel code");
    assertThat(box(page, "Persistent Memory (legacy)")).hasCount(0);
    page.keyboard().press("Escape");
    assertThat(page.locator(".path [aria-current]")).hasText("System RAM");
    page.goBack();
    assertThat(page.locator(".path [aria-current]")).hasText("Kernel code");
    browser.requireQuiet();
  }

  @Test
  @DisplayName("with the keyboard alone, the arrows go from box to box, and Enter zooms in")
  void keyboard() {
    Page page = open("");
    page.locator(".picture .box[tabindex='0']").focus();
    page.keyboard().press("ArrowDown");
    Locator second = page.locator(".picture .box[data-start]").nth(1);
    assertThat(second).isFocused();
    assertThat(second).hasAttribute("aria-label", Pattern.compile("System RAM.*"));
    page.keyboard().press(" ");
    assertThat(page.locator("#where")).hasValue("0x1000-0x9fbff");
    page.keyboard().press("Enter");
    assertThat(page.locator(".path [aria-current]")).hasText("System RAM");
    page.keyboard().press("/");
    assertThat(page.locator("#find")).isFocused();
  }

  @ParameterizedTest
  @ValueSource(strings = {"kernel CODE", "0x1000010", "0x1000000+4K"})
  @DisplayName("a search finds a resource by name, by address and by range")
  void searches(String words) {
    Page page = open("");
    page.locator("#find").fill(words);
    page.locator("#find").press("Enter");
    Locator found = page.locator("#found a", new Page.LocatorOptions().setHasText("Kernel code"));
    found.click();
    assertThat(page.locator(".path [aria-current]")).hasText("Kernel code");
  }

  @Test
  @DisplayName("a click on the map chooses its bytes, and the page says what explain says of them")
  void explains() {
    Page page = open("");
    box(page, "Persistent Memory (legacy)").click();
    assertThat(page.locator("#where")).hasValue("0x40000000-0x4fffffff");
    page.locator("#as").selectOption("WC");
    page.locator("#ask button").click();
    assertThat(page.locator(".verdict h3")).hasText("Granted");
    CommandRun said = CommandRun.run("explain", "0x40000000-0x4fffffff", "WC", "-m", QEMU);
    assertThat(page.locator(".verdict p").allTextContents())
        .isEqualTo(said.lines().stream().map(String::strip).toList());
    assertThat(page.locator(".picture .box.granted").first()).isVisible();
    page.locator("#as").selectOption("pages:FS_DAX");
    page.locator("#ask button").click();
    assertThat(page.locator(".verdict p").first()).containsText("FS_DAX");
    browser.requireQuiet();
  }

  @Test
  @DisplayName("drawing over two boxes chooses the range of both")
  void draws() {
    Page page = open("");
    box(page, "Kernel code").hover();
    page.mouse().down();
    box(page, "Kernel data").hover();
    page.mouse().up();
    assertThat(page.locator("#where")).hasValue("0x1000000-0x1adaf3f");
    assertThat(page.locator(".picture .box.selected")).hasCount(3);
  }

  @Test
  @DisplayName("words that mean nothing are answered with a sentence where the answer would stand")
  void problem() {
    Page page = open("");
    page.locator("#where").fill("40000000");
    page.locator("#ask button").click();
    assertThat(page.locator(".verdict.problem")).containsText("did you mean 0x40000000");
  }

  @Test
  @DisplayName("a run is stepped forward and back, and each answer is explained")
  void steps() {
    Page page = browser.open(run.url(), Look.DESK);
    assertThat(page.locator("#steps h2")).hasText("Step 0 of 17");
    for (int i = 0; i < 6; i++) {
      page.keyboard().press("ArrowRight");
      assertThat(page.locator("#steps h2")).hasText("Step " + (i + 1) + " of 17");
    }
    assertThat(page.locator(".picture .pagemap-live").first()).isVisible();
    page.locator("#next").click();
    assertThat(page.locator(".step code").first()).hasText("ref-kill r");
    assertThat(page.locator(".picture .box.pagemap-killed").first()).isVisible();
    page.keyboard().press("ArrowLeft");
    assertThat(page.locator(".step code").first()).hasText("lookup l 0x40000");
    assertThat(page).hasURL(Pattern.compile(".*step=6$"));
    Page linked = browser.open(run.url() + "?step=8", Look.DESK);
    assertThat(linked.locator(".step .answer")).hasText("none");
    assertThat(linked.locator(".step .why li").first()).isVisible();
    browser.requireQuiet();
  }

  @Test
  @DisplayName("without scripts, links and forms do the same")
  void withoutScripts() {
    Page page = browser.open(machine.url(), Look.DESK.withoutScripts());
    page.locator("#find").fill("Kernel code");
    page.locator("#find").press("Enter");
    page.locator("#found a").first().click();
    assertThat(page.locator(".path [aria-current]")).hasText("Kernel code");
    page.locator("#zoom-out").click();
    assertThat(page.locator(".path [aria-current]")).hasText("System RAM");
    Page stepped = browser.open(run.url(), Look.DESK.withoutScripts());
    stepped.locator("#next").click();
    assertThat(stepped.locator("#steps h2")).hasText("Step 1 of 17");
  }

  @Test
  @DisplayName("what Chromium is told keeps other sites out of the page")
  void headers() {
    Page page = open("");
    Response reply = page.reload();
    assertThat(reply.headers())
        .containsEntry("x-content-type-options", "nosniff")
        .containsKey("content-security-policy")
        .doesNotContainKey("access-control-allow-origin");
    assertThat(reply.headers().get("content-security-policy"))
        .contains("default-src 'none'")
        .doesNotContain("unsafe-inline");
  }

  @Test
  @DisplayName(
      "on a telephone, the first view of a machine and of a run needs no scrolling sideways")
  void telephone() {
    for (String url : List.of(machine.url(), run.url())) {
      Page page = browser.open(url, Look.DESK);
      page.setViewportSize(390, 844);
      for (String what : List.of("html", ".picture")) {
        String script = "element => element.scrollWidth - element.clientWidth";
        assertThat(page.locator(what).evaluate(script)).as(url + " " + what).isEqualTo(0);
      }
    }
  }

  private static final int[] WIDTHS = {390, 1280, 2560};

  static Stream<Arguments> looks() {
    return Stream.of(
        Arguments.of("machine", machine.url()),
        Arguments.of("asked", machine.url() + ASKED),
        Arguments.of("found", machine.url() + "?find=e&at=0x80000000-0xfebfffff"),
        Arguments.of("step", run.url() + "?step=11"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource
  @DisplayName("axe finds nothing wrong with a page, light or dark; pictures of pages are kept")
  void looks(String name, String url) {
    Page page = browser.open(url, Look.DESK);
    for (int width : WIDTHS) {
      page.setViewportSize(width, Look.DESK.height());
      assertThat(
              (boolean) page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))
          .as("%s fits into %d pixels", name, width)
          .isTrue();
      for (ColorScheme theme : List.of(ColorScheme.LIGHT, ColorScheme.DARK)) {
        page.emulateMedia(new Page.EmulateMediaOptions().setColorScheme(theme));
        String light = theme.name().toLowerCase(Locale.ROOT);
        Browser.keep(page, "%s-%d-%s".formatted(name, width, light));
        assertThat(Browser.violations(page)).as("%d %s", width, light).isEmpty();
      }
    }
    browser.requireQuiet();
  }
}
