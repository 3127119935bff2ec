// SPDX-License-Identifier: Apache-2.0
package dev.memremap.drawing.svg;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memremap.drawing.model.AddressMap;
import dev.memremap.drawing.model.Area;
import dev.memremap.drawing.model.GeneratedScenes;
import dev.memremap.drawing.model.Kind;
import dev.memremap.drawing.model.MachineMap;
import dev.memremap.drawing.model.Metrics;
import dev.memremap.drawing.model.Scene;
import dev.memremap.drawing.model.View;
import dev.memremap.resource.PhysRange;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;

/** What pictures are as SVG. */
class SvgWriterTest {
  private static AddressMap drawn(Scene scene) {
    return AddressMap.of(scene, View.ALL, Metrics.PIXELS);
  }

  private static AddressMap of(String name) {
    Area area = new Area(PhysRange.of(0x1000, 0x2000), name, Kind.SYSTEM_RAM, false, List.of());
    return drawn(
        new Scene("t", List.of(), List.of(new MachineMap("", List.of(area), null)), List.of()));
  }

  private static Document parsed(byte[] svg) throws Exception {
    DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
    factory.setNamespaceAware(true);
    return factory.newDocumentBuilder().parse(new ByteArrayInputStream(svg));
  }

  private static Document parsed(String element) throws Exception {
    DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
    factory.setNamespaceAware(true);
    return factory.newDocumentBuilder().parse(new InputSource(new StringReader(element)));
  }

  private static List<Element> elements(Document document, String name) {
    NodeList found = document.getElementsByTagNameNS("http://www.w3.org/2000/svg", name);
    List<Element> elements = new ArrayList<>();
    for (int i = 0; i < found.getLength(); i++) {
      elements.add((Element) found.item(i));
    }
    return elements;
  }

  private static List<Element> boxes(Document document) {
    return elements(document, "g").stream()
        .filter(each -> each.getAttribute("class").startsWith("box "))
        .toList();
  }

  @Test
  @DisplayName("generated scenes are well-formed, each box has a title, and each id is unique")
  void wellFormed() throws Exception {
    for (long seed = 1; seed <= 100; seed++) {
      AddressMap map = drawn(GeneratedScenes.of(seed));
      Document document = parsed(SvgWriter.file(map));
      assertThat(boxes(document)).hasSameSizeAs(map.boxes());
      Set<String> ids = new HashSet<>();
      for (Element box : boxes(document)) {
        assertThat(box.getElementsByTagName("title").item(0).getTextContent()).isNotBlank();
        assertThat(ids.add(box.getAttribute("id"))).isTrue();
      }
      assertThat(elements(document, "rect"))
          .allMatch(rect -> Integer.parseInt(rect.getAttribute("width")) > 0);
    }
  }

  @Test
  @DisplayName("a box has its addresses, its name and its kind")
  void box() throws Exception {
    Element box = boxes(parsed(SvgWriter.file(of("System RAM")))).getFirst();
    assertThat(box.getAttribute("id")).isEqualTo("a-1000-0");
    assertThat(box.getAttribute("class")).isEqualTo("box resource system-ram");
    assertThat(box.getAttribute("data-start")).isEqualTo("0x1000");
    assertThat(box.getAttribute("data-end")).isEqualTo("0x2fff");
    assertThat(box.getAttribute("data-name")).isEqualTo("System RAM");
    assertThat(box.getElementsByTagName("title").item(0).getTextContent())
        .isEqualTo("System RAM, 0x1000-0x2fff, 8K: System RAM");
  }

  @Test
  @DisplayName("names stay what they are, whatever letters they have")
  void names() throws Exception {
    String name = "<a href=\"x\"> & 'b' ]]> 内存";
    Element box = boxes(parsed(SvgWriter.file(of(name)))).getFirst();
    assertThat(box.getAttribute("data-name")).isEqualTo(name);
    assertThat(
            boxes(parsed(SvgWriter.file(of("a\u0001\uffff\ud800b"))))
                .getFirst()
                .getAttribute("data-name"))
        .isEqualTo("a???b");
  }

  @Test
  @DisplayName("a picture is one image with a title and a description")
  void accessible() throws Exception {
    Element root = parsed(SvgWriter.file(of("x"))).getDocumentElement();
    assertThat(root.getAttribute("role")).isEqualTo("img");
    assertThat(root.getAttribute("aria-labelledby")).isEqualTo("title desc");
    assertThat(root.getAttribute("viewBox")).matches("0 0 \\d+ \\d+");
  }

  @Test
  @DisplayName("an explorable one has named parts, no style of its own, and ids of its own")
  void explorable() throws Exception {
    Document document = parsed(SvgWriter.element(of("x"), new SvgOptions(false, "m1-", true)));
    assertThat(elements(document, "style")).isEmpty();
    assertThat(document.getDocumentElement().getAttribute("role"))
        .isEqualTo("graphics-document document");
    Element box = boxes(document).getFirst();
    assertThat(box.getAttribute("id")).isEqualTo("m1-a-1000-0");
    assertThat(box.getAttribute("aria-label")).startsWith("x, 0x1000-0x2fff");
    String text = SvgWriter.element(of("x"), new SvgOptions(false, "m1-", true));
    assertThat(text).doesNotContain("style=", "onclick", "<script", "id=\"a-", "#pattern");
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  @DisplayName("each kind has a rule for light and one for dark")
  void styled(Kind kind) {
    String rule = ".memremap ." + kind.id() + ">.fill{";
    String css = StyleSheet.all();
    int dark = css.indexOf("@media (prefers-color-scheme:dark)");
    assertThat(css.substring(0, dark)).contains(rule);
    assertThat(css.substring(dark)).contains(rule);
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  @DisplayName("docs/drawing.md says what each kind looks like")
  void documented(Kind kind) throws IOException {
    Ink.Pattern pattern = Ink.of(kind).pattern();
    String row =
        Files.readAllLines(Path.of("../docs/drawing.md")).stream()
            .filter(line -> line.startsWith("| %s | `%s` |".formatted(kind.words(), kind.id())))
            .findFirst()
            .orElseThrow(() -> new AssertionError("no row for " + kind));
    String said =
        switch (pattern) {
          case NONE -> "";
          case RISING, FALLING, LEVEL, UPRIGHT, CROSSED ->
              pattern.name().toLowerCase(Locale.ROOT) + " lines";
          case GRID, DOTS -> pattern.name().toLowerCase(Locale.ROOT);
        };
    assertThat(row).contains(said);
    if (pattern == Ink.Pattern.NONE) {
      assertThat(row).doesNotContain("rising", "falling", "level", "upright", "crossed", "dots");
    }
  }

  @Test
  @DisplayName("no two kinds that are drawn side by side have the same colour and pattern")
  void distinct() {
    Map<String, Kind> looks = new HashMap<>();
    for (Kind kind : Kind.values()) {
      if (kind.compareTo(Kind.GROUP) <= 0) {
        Ink ink = Ink.of(kind);
        // without colour, the pattern and how dark the tint is remain
        assertThat(looks.put(ink.toString(), kind)).as("%s", kind).isNull();
      }
    }
  }

  @Test
  @DisplayName("equal pictures give equal bytes")
  void isPure() {
    assertThat(SvgWriter.file(drawn(GeneratedScenes.of(3))))
        .isEqualTo(SvgWriter.file(drawn(GeneratedScenes.of(3))));
  }
}
