// SPDX-License-Identifier: Apache-2.0
package dev.memremap.drawing.svg;

import dev.memremap.drawing.model.AddressMap;
import dev.memremap.drawing.model.Box;
import dev.memremap.drawing.model.Kind;
import dev.memremap.drawing.model.Label;
import dev.memremap.drawing.model.Line;
import dev.memremap.drawing.model.Rect;
import dev.memremap.resource.PhysRange;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import javax.xml.stream.XMLOutputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamWriter;

/**
 * Writes a picture as SVG. Each box is a group with its id, its kind and role as classes, its
 * addresses as {@code data-start} and {@code data-end}, its name as {@code data-name}, and a title
 * that says what it is. Equal pictures give equal bytes.
 *
 * <p>Thread safety: none; one thread writes one picture.
 */
public final class SvgWriter {
  private static final String NAMESPACE = "http://www.w3.org/2000/svg";
  private static final int BASELINE = 11;
  private static final int TITLE_BASELINE = 16;
  private static final int TOOTH = 4;

  private final AddressMap map;
  private final SvgOptions options;
  private final XMLStreamWriter xml;

  private SvgWriter(AddressMap map, SvgOptions options, XMLStreamWriter xml) {
    this.map = map;
    this.options = options;
    this.xml = xml;
  }

  /** Returns a picture as a document of its own, in UTF-8. */
  public static byte[] file(AddressMap map) {
    String head = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
    return (head + element(map, SvgOptions.FILE)).getBytes(StandardCharsets.UTF_8);
  }

  /** Returns a picture as an element, which a page can hold. */
  public static String element(AddressMap map, SvgOptions options) {
    StringWriter text = new StringWriter();
    try {
      XMLStreamWriter xml = XMLOutputFactory.newDefaultFactory().createXMLStreamWriter(text);
      new SvgWriter(map, options, xml).write();
      xml.close();
    } catch (XMLStreamException e) {
      throw new IllegalStateException("a picture in memory cannot be written", e);
    }
    return text.append('\n').toString();
  }

  private void write() throws XMLStreamException {
    xml.setDefaultNamespace(NAMESPACE);
    xml.writeStartElement("svg");
    xml.writeDefaultNamespace(NAMESPACE);
    boolean isDiff = map.boxes().stream().anyMatch(box -> box.marks().onlyHere());
    attributes(
        "viewBox", "0 0 %d %d".formatted(map.width(), map.height()),
        "width", String.valueOf(map.width()),
        "height", String.valueOf(map.height()),
        "class", isDiff ? "memremap diff" : "memremap",
        "role", options.explorable() ? "graphics-document document" : "img",
        "aria-labelledby", "%1$stitle %1$sdesc".formatted(options.idPrefix()));
    text("title", map.title(), "id", options.idPrefix() + "title");
    text("desc", description(), "id", options.idPrefix() + "desc");
    if (options.hasStyle()) {
      text("style", "\n" + StyleSheet.of(kinds()));
    }
    patterns();
    rect(new Rect(0, 0, map.width(), map.height()), "class", "paper");
    lines(Line.Role.GUIDE);
    boxes();
    lines(Line.Role.MARK, Line.Role.END, Line.Role.END_ASSUMED, Line.Role.NEXT);
    for (Label label : map.labels()) {
      if (label.box() < 0) {
        label(label, "");
      }
    }
    xml.writeEndElement();
  }

  private String description() {
    long resources = count(Box.Role.RESOURCE);
    long holes = count(Box.Role.HOLE);
    PhysRange all =
        new PhysRange(
            map.scale().segment(0).start(),
            map.scale().segment(map.scale().segments() - 1).endInclusive());
    return "%d boxes of resources and %d holes at %s, drawn from low addresses at the top to high ones; heights are not in proportion to sizes"
        .formatted(resources, holes, all);
  }

  private long count(Box.Role role) {
    return map.boxes().stream().filter(box -> box.role() == role).count();
  }

  private Set<Kind> kinds() {
    Set<Kind> kinds = EnumSet.noneOf(Kind.class);
    map.boxes().forEach(box -> kinds.add(box.kind()));
    return kinds;
  }

  private void patterns() throws XMLStreamException {
    Set<Ink.Pattern> used = EnumSet.noneOf(Ink.Pattern.class);
    kinds().forEach(kind -> used.add(Ink.of(kind).pattern()));
    used.remove(Ink.Pattern.NONE);
    if (used.isEmpty()) {
      return;
    }
    start("defs");
    for (Ink.Pattern pattern : used) {
      String size = String.valueOf(pattern.size());
      start(
          "pattern",
          "id",
          options.idPrefix() + pattern.id(),
          "width",
          size,
          "height",
          size,
          "patternUnits",
          "userSpaceOnUse");
      empty("path", "class", "tile", "d", pattern.path());
      xml.writeEndElement();
    }
    xml.writeEndElement();
  }

  private void boxes() throws XMLStreamException {
    Map<Integer, List<Label>> own = new HashMap<>();
    for (Label label : map.labels()) {
      if (label.box() >= 0) {
        own.computeIfAbsent(label.box(), none -> new ArrayList<>()).add(label);
      }
    }
    for (int i = 0; i < map.boxes().size(); i++) {
      box(map.boxes().get(i), own.getOrDefault(i, List.of()));
    }
  }

  private void box(Box box, List<Label> labels) throws XMLStreamException {
    start("g", "id", options.idPrefix() + box.id(), "class", classes(box));
    if (box.range() != null) {
      attributes(
          "data-start", "0x" + Long.toHexString(box.range().start()),
          "data-end", "0x" + Long.toHexString(box.range().endInclusive()));
    }
    if (!box.name().isEmpty()) {
      attributes("data-name", box.name());
    }
    if (options.explorable() && box.role() != Box.Role.SWATCH) {
      attributes("role", "graphics-symbol img", "aria-label", box.tip());
    }
    text("title", box.tip());
    rect(box.rect(), "class", "fill");
    Ink.Pattern pattern = Ink.of(box.kind()).pattern();
    if (pattern != Ink.Pattern.NONE) {
      String fill = "url(#%s%s)".formatted(options.idPrefix(), pattern.id());
      rect(box.rect(), "class", "pattern", "fill", fill);
    }
    if (box.kind() == Kind.HOLE) {
      empty("path", "class", "break", "d", breakMark(box.rect()));
    }
    for (Label label : labels) {
      label(label, box.role() == Box.Role.HOLE ? "hole-text" : "");
    }
    xml.writeEndElement();
  }

  private static String classes(Box box) {
    String role = box.role().name().toLowerCase(Locale.ROOT);
    return "box %s %s%s%s"
        .formatted(
            role,
            box.kind().id(),
            box.marks().assumed() ? " assumed" : "",
            box.marks().onlyHere() ? " only" : "");
  }

  /** Two slanted strokes at each side: the scale is broken there. */
  private static String breakMark(Rect rect) {
    int middle = rect.y() + rect.height() / 2;
    StringBuilder path = new StringBuilder();
    for (int x : new int[] {rect.x(), rect.right()}) {
      for (int y : new int[] {middle - TOOTH / 2, middle + TOOTH / 2}) {
        path.append("M%d,%d l%d,%d ".formatted(x - TOOTH, y + TOOTH / 2, 2 * TOOTH, -TOOTH));
      }
    }
    return path.toString().strip();
  }

  private void lines(Line.Role... roles) throws XMLStreamException {
    for (Line line : map.lines()) {
      if (!List.of(roles).contains(line.role())) {
        continue;
      }
      empty(
          "line",
          "class",
          line.role().name().toLowerCase(Locale.ROOT).replace('_', '-'),
          "x1",
          String.valueOf(line.x1()),
          "y1",
          String.valueOf(line.y1()),
          "x2",
          String.valueOf(line.x2()),
          "y2",
          String.valueOf(line.y2()));
      if (line.role() == Line.Role.NEXT) {
        String head = "M%d,%d l-7,-4 v8 z".formatted(line.x2(), line.y2());
        empty("path", "class", "arrow", "d", head);
      }
    }
  }

  private void label(Label label, String more) throws XMLStreamException {
    if (!label.leader().isEmpty()) {
      StringBuilder path = new StringBuilder();
      for (Label.Point point : label.leader()) {
        path.append(path.isEmpty() ? "M" : " L").append(point.x()).append(',').append(point.y());
      }
      empty("path", "class", "leader", "d", path.toString());
    }
    boolean isTitle = label.style() == Label.Style.TITLE;
    String style = label.style().name().toLowerCase(Locale.ROOT);
    text(
        "text",
        label.text(),
        "class",
        more.isEmpty() ? style : style + " " + more,
        "x",
        String.valueOf(label.rect().x()),
        "y",
        String.valueOf(label.rect().y() + (isTitle ? TITLE_BASELINE : BASELINE)));
  }

  private void rect(Rect rect, String... attributes) throws XMLStreamException {
    xml.writeEmptyElement("rect");
    attributes(
        "x", String.valueOf(rect.x()),
        "y", String.valueOf(rect.y()),
        "width", String.valueOf(rect.width()),
        "height", String.valueOf(rect.height()));
    attributes(attributes);
  }

  private void start(String element, String... attributes) throws XMLStreamException {
    xml.writeCharacters("\n");
    xml.writeStartElement(element);
    attributes(attributes);
  }

  private void empty(String element, String... attributes) throws XMLStreamException {
    xml.writeEmptyElement(element);
    attributes(attributes);
  }

  private void text(String element, String text, String... attributes) throws XMLStreamException {
    xml.writeStartElement(element);
    attributes(attributes);
    xml.writeCharacters(legal(text));
    xml.writeEndElement();
  }

  /** Pairs of a name and a value. */
  private void attributes(String... pairs) throws XMLStreamException {
    for (int i = 0; i < pairs.length; i += 2) {
      xml.writeAttribute(pairs[i], legal(pairs[i + 1]));
    }
  }

  /** A text without characters that XML cannot hold. */
  static String legal(String text) {
    StringBuilder legal = new StringBuilder();
    text.codePoints().forEach(point -> legal.appendCodePoint(isLegal(point) ? point : '?'));
    return legal.toString();
  }

  private static boolean isLegal(int point) {
    return point >= 0x20
        ? !(point >= 0xd800 && point <= 0xdfff) && point != 0xfffe && point != 0xffff
        : point == '\t' || point == '\n';
  }
}
