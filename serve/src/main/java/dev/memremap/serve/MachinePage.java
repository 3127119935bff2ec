// SPDX-License-Identifier: Apache-2.0
package dev.memremap.serve;

import dev.memremap.drawing.model.AddressMap;
import dev.memremap.drawing.model.Area;
import dev.memremap.drawing.model.Box;
import dev.memremap.drawing.model.Metrics;
import dev.memremap.drawing.model.Overlay;
import dev.memremap.drawing.model.Scene;
import dev.memremap.drawing.model.SizeText;
import dev.memremap.drawing.model.View;
import dev.memremap.drawing.svg.SvgOptions;
import dev.memremap.drawing.svg.SvgWriter;
import dev.memremap.resource.PhysRange;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The page of a machine: its map, and beside it steps, search, questions, and all that the map
 * shows as text. It needs no script; scripts make it quicker to use, and live.
 */
final class MachinePage {
  /** So many resources have boxes of their own; zooming in shows the others. */
  static final int MAX_BOXES = 160;

  private final Subject subject;
  private final Questions questions;
  private final PageAddress address;
  private final Links links;
  private final Html html = new Html();

  /** Where the page's links lead. */
  interface Links {
    /** The address of another page. */
    String to(PageAddress other);

    /** Whether there is a server, which searches and answers. */
    boolean isServed();
  }

  private static final Links SERVED =
      new Links() {
        @Override
        public String to(PageAddress other) {
          return other.link();
        }

        @Override
        public boolean isServed() {
          return true;
        }
      };

  private MachinePage(Subject subject, Questions questions, PageAddress address, Links links) {
    this.subject = subject;
    this.questions = questions;
    this.address = address;
    this.links = links;
  }

  /**
   * Returns a page that a server hands out.
   *
   * @throws IllegalArgumentException if the address means nothing; the message is a sentence
   */
  static String of(Subject subject, Questions questions, PageAddress address) {
    return new MachinePage(subject, questions, address, SERVED).write();
  }

  /** Returns a page that needs no server. */
  static String alone(Subject subject, Questions questions, PageAddress address, Links links) {
    return new MachinePage(subject, questions, address, links).write();
  }

  private String write() {
    Pulse pulse = subject.pulse();
    boolean isEmpty = subject.machines().isEmpty();
    Scene scene = isEmpty ? new Scene(subject.name(), List.of(), List.of(), List.of()) : scene();
    AnswerPart answer = isEmpty ? AnswerPart.NONE : answer();
    head();
    html.open(
        "body",
        "data-live",
        String.valueOf(pulse.isLive()),
        "data-version",
        String.valueOf(pulse.version()));
    html.element("a", "Skip to the map", "class", "skip", "href", "#map");
    header(pulse);
    html.open("main", "id", "main");
    machines();
    html.open("div", "class", "columns");
    map(isEmpty ? null : drawn(scene, answer), scene);
    html.open("div", "id", "panels", "class", "panels");
    new Panels(html, subject, questions, address, links).write(scene, answer, pulse);
    html.close("div", "div", "main", "body", "html");
    return html.toString();
  }

  private Scene scene() {
    return subject.scene(address.place());
  }

  /** What was asked and answered, or why it could not be. */
  record AnswerPart(Questions.@Nullable Answer answer, String problem) {
    static final AnswerPart NONE = new AnswerPart(null, "");

    List<Overlay> overlays() {
      return answer == null ? List.of() : answer.overlays();
    }
  }

  private AnswerPart answer() {
    if (address.where().isEmpty() || !links.isServed()) {
      return AnswerPart.NONE;
    }
    try {
      return new AnswerPart(
          subject.ask(
              address.place(),
              machine -> questions.ask(machine, address.where(), address.choice())),
          "");
    } catch (IllegalArgumentException e) {
      return new AnswerPart(null, String.valueOf(e.getMessage()));
    }
  }

  private AddressMap drawn(Scene scene, AnswerPart answer) {
    PhysRange at = address.at();
    List<Overlay> overlays = new ArrayList<>(Crowd.thinned(scene.overlays(), at));
    overlays.addAll(answer.overlays());
    Area shown = at == null ? null : Finder.exactly(scene, at);
    String title =
        at == null
            ? "All addresses of " + subject.name()
            : "%s%s, %s".formatted(shown == null ? "" : shown.name() + ", ", at, SizeText.of(at));
    Scene picture =
        new Scene(title, scene.notes(), scene.machines(), overlays, List.of(), scene.timelines());
    return AddressMap.of(
        picture,
        new View(at, links.isServed() ? MAX_BOXES : StaticPages.MAX_BOXES),
        Metrics.PIXELS);
  }

  private void head() {
    html.markup("<!DOCTYPE html>\n").open("html", "lang", "en").open("head");
    html.open("meta", "charset", "utf-8");
    html.open("meta", "name", "viewport", "content", "width=device-width, initial-scale=1");
    html.open("meta", "name", "color-scheme", "content", "light dark");
    html.element("title", subject.name() + " – memremap");
    html.open("link", "rel", "icon", "href", "icon.svg", "type", "image/svg+xml");
    html.open("link", "rel", "stylesheet", "href", "drawing.css");
    html.open("link", "rel", "stylesheet", "href", "page.css");
    html.element("script", "", "src", "steps.js", "defer", "");
    if (links.isServed()) {
      html.element("script", "", "src", "app.js", "type", "module");
    }
    html.close("head");
  }

  private void header(Pulse pulse) {
    html.open("header", "class", "top");
    html.open("div", "class", "name");
    html.element("a", "memremap", "class", "brand", "href", links.to(PageAddress.FIRST));
    html.element("h1", subject.name());
    html.close("div");
    Panels.status(html, pulse);
    if (links.isServed()) {
      find();
    }
    html.close("header");
    Panels.totals(html, pulse);
  }

  private void find() {
    html.open("form", "role", "search", "action", "./", "class", "find");
    keep();
    html.element("label", "Address or name", "for", "find");
    html.open(
        "input",
        "id",
        "find",
        "name",
        "find",
        "type",
        "search",
        "value",
        address.find(),
        "placeholder",
        "0xfd000000 or System RAM",
        "autocomplete",
        "off");
    html.element("button", "Find");
    html.close("form");
  }

  /** What a form keeps of the page's address. */
  private void keep() {
    Panels.hidden(html, "machine", address.place().machine());
    Panels.hidden(
        html, "step", address.place().step() == 0 ? "" : String.valueOf(address.place().step()));
    PhysRange at = address.at();
    Panels.hidden(html, "at", at == null ? "" : at.toString());
  }

  private void machines() {
    List<Subject.MachineName> machines = subject.machines();
    if (machines.size() < 2) {
      return;
    }
    html.open("nav", "class", "machines", "aria-label", "Machines").open("ul");
    boolean isFirst = address.place().machine().isEmpty();
    for (Subject.MachineName machine : machines) {
      boolean isShown = isFirst || machine.id().equals(address.place().machine());
      isFirst = false;
      html.open("li");
      PageAddress other = PageAddress.FIRST.withPlace(new Place(machine.id(), 0));
      if (isShown) {
        html.element("a", machine.words(), "href", links.to(other), "aria-current", "page");
      } else {
        html.element("a", machine.words(), "href", links.to(other));
      }
      html.close("li");
    }
    html.close("ul", "nav");
  }

  private void map(@Nullable AddressMap map, Scene scene) {
    html.open("section", "id", "map", "class", "map", "aria-label", "Map", "tabindex", "-1");
    if (map == null) {
      html.element("p", "No machine is open there now.", "class", "none");
      html.close("section");
      return;
    }
    path(scene);
    html.open(
        "div",
        "class",
        "picture " + width(map),
        "tabindex",
        "0",
        "role",
        "group",
        "aria-label",
        "Picture");
    html.markup(SvgWriter.element(map, new SvgOptions(false, "", true)));
    html.close("div");
    list(map);
    html.close("section");
  }

  /** How wide a picture is drawn: its letters are about as large as those of the page. */
  private static String width(AddressMap map) {
    return map.width() < 600 ? "narrow" : map.width() < 900 ? "medium" : "wide";
  }

  /** Where the part that is shown lies: the resources around it, and ways out and on. */
  private void path(Scene scene) {
    PhysRange at = address.at();
    html.open("nav", "class", "path", "aria-label", "Part shown").open("ol");
    html.open("li");
    if (at == null) {
      html.element("span", "Whole machine", "aria-current", "location");
      html.close("li", "ol", "nav");
      return;
    }
    PageAddress whole = address.withAt(null).withoutSearch();
    List<Area> around = Finder.around(scene, at);
    html.element("a", "Whole machine", "href", links.to(whole));
    html.close("li");
    PageAddress out = whole;
    for (Area area : around) {
      out = whole.withAt(area.range());
      html.open("li").element("a", area.name(), "href", links.to(out)).close("li");
    }
    Area shown = Finder.exactly(scene, at);
    String name = shown == null ? at.toString() : shown.name();
    html.open("li").element("span", name, "aria-current", "location").close("li");
    html.close("ol");
    html.element("a", "Zoom out", "class", "button", "id", "zoom-out", "href", links.to(out));
    html.close("nav");
  }

  /** All that the picture shows, as text. */
  private void list(AddressMap map) {
    List<Box> boxes =
        map.boxes().stream()
            .filter(
                box ->
                    box.range() != null
                        && (box.role() == Box.Role.RESOURCE || box.role() == Box.Role.OVERLAY))
            .toList();
    html.open("details", "class", "list", "id", "list");
    html.element("summary", "The same as a table: %d rows".formatted(boxes.size()));
    html.open("div", "class", "scroll", "tabindex", "0", "role", "group", "aria-label", "Table");
    html.open("table");
    html.element("caption", "What the picture shows, from low addresses to high ones");
    html.open("thead").open("tr");
    for (String column : List.of("Name", "Range", "Size", "Kind")) {
      html.element("th", column, "scope", "col");
    }
    html.close("tr", "thead").open("tbody");
    for (Box box : boxes) {
      PhysRange range = box.range();
      if (range == null) {
        continue;
      }
      html.open("tr").open("th", "scope", "row");
      String name = box.name().isEmpty() ? box.tip() : box.name();
      if (links.isServed()) {
        html.element("a", name, "href", links.to(address.withAt(range).withoutSearch()));
      } else {
        html.text(name);
      }
      html.close("th");
      html.element("td", range.toString(), "class", "number");
      html.element("td", SizeText.of(range), "class", "number");
      html.element("td", box.kind().words());
      html.close("tr");
    }
    html.close("tbody", "table", "div", "details");
  }
}
