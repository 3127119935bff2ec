// SPDX-License-Identifier: Apache-2.0
package dev.memremap.serve;

import dev.memremap.drawing.model.Scene;
import dev.memremap.resource.PhysRange;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;

/** What stands beside a machine's map: steps, what was found, questions, and what happened last. */
final class Panels {
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("HH:mm:ss.SSS", Locale.ROOT).withZone(ZoneOffset.UTC);

  private final Html html;
  private final Subject subject;
  private final Questions questions;
  private final PageAddress address;
  private final MachinePage.Links links;

  Panels(
      Html html,
      Subject subject,
      Questions questions,
      PageAddress address,
      MachinePage.Links links) {
    this.html = html;
    this.subject = subject;
    this.questions = questions;
    this.address = address;
    this.links = links;
  }

  void write(Scene scene, MachinePage.AnswerPart answer, Pulse pulse) {
    if (!address.find().isEmpty() && links.isServed()) {
      found(Finder.find(scene, address.find()));
    }
    steps();
    if (links.isServed() && !subject.machines().isEmpty()) {
      ask(answer);
    }
    if (pulse.isLive() || pulse.ended().isPresent()) {
      events(html, pulse);
    }
    assumed(scene.assumptions());
  }

  /** A value that a form sends along; none for an empty one. */
  static void hidden(Html html, String name, String value) {
    if (!value.isEmpty()) {
      html.open("input", "type", "hidden", "name", name, "value", value);
    }
  }

  /** Whether the subject lives. */
  static void status(Html html, Pulse pulse) {
    String words = pulse.ended().or(pulse::trouble).orElse(pulse.isLive() ? "live" : "");
    String state =
        pulse.ended().isPresent()
            ? "ended"
            : pulse.trouble().isPresent() ? "trouble" : pulse.isLive() ? "live" : "still";
    html.element("p", words, "id", "status", "role", "status", "class", "status " + state);
  }

  /** The figures. */
  static void totals(Html html, Pulse pulse) {
    if (pulse.totals().isEmpty()) {
      return;
    }
    html.open("div", "role", "region", "aria-label", "Figures");
    html.open("dl", "id", "totals", "class", "totals");
    for (Pulse.Total total : pulse.totals()) {
      html.open("div").element("dt", total.words());
      html.element("dd", "%,d".formatted(total.value()), "data-total", total.id());
      html.close("div");
    }
    html.close("dl", "div");
  }

  private void found(Finder.Found found) {
    html.open("section", "id", "found", "aria-labelledby", "found-title");
    html.element("h2", "Found", "id", "found-title");
    html.open("p", "role", "status");
    html.text(
        found.count() == 0
            ? "Nothing has '%s' as its name or at its address.".formatted(address.find())
            : "%d for '%s'%s"
                .formatted(
                    found.count(),
                    address.find(),
                    found.count() > found.found().size()
                        ? "; the first %d:".formatted(found.found().size())
                        : ":"));
    html.close("p");
    html.open("ul", "class", "found");
    for (Finder.Match match : found.found()) {
      html.open("li");
      html.element("a", match.name(), "href", links.to(address.withAt(match.range())));
      html.element("span", match.words(), "class", "quiet");
      html.close("li");
    }
    html.close("ul", "section");
  }

  private void steps() {
    List<Step> steps = subject.steps();
    if (steps.isEmpty()) {
      return;
    }
    int now = address.place().step();
    html.open("section", "id", "steps", "aria-labelledby", "steps-title");
    html.element("h2", "Step %d of %d".formatted(now, steps.size()), "id", "steps-title");
    html.open("nav", "class", "walk", "aria-label", "Steps");
    way("previous", "← Back", now > 0 ? now - 1 : -1);
    way("next", "Forward →", now < steps.size() ? now + 1 : -1);
    html.close("nav");
    html.open("div", "class", "step", "role", "status");
    if (now == 0) {
      html.element("p", "Before the first operation.");
    } else {
      Step step = steps.get(now - 1);
      html.open("p").element("span", "line " + step.line(), "class", "quiet");
      html.element("code", step.text()).close("p");
      html.open("p").text("answer ").element("code", step.answer(), "class", "answer").close("p");
      if (!step.why().isEmpty()) {
        html.open("ul", "class", "why");
        step.why().forEach(line -> html.element("li", line.strip()));
        html.close("ul");
      }
    }
    html.close("div");
    html.open("ol", "class", "all-steps", "start", "1");
    for (int i = 1; i <= steps.size(); i++) {
      Step step = steps.get(i - 1);
      html.open("li");
      String to = links.to(address.withStep(i));
      if (i == now) {
        html.open("a", "href", to, "aria-current", "step");
      } else {
        html.open("a", "href", to);
      }
      html.element("code", step.text()).markup("</a>");
      html.element("span", step.answer(), "class", "quiet answer");
      html.close("li");
    }
    html.close("ol", "section");
  }

  private void way(String id, String words, int step) {
    if (step < 0) {
      html.element("span", words, "class", "button off", "aria-hidden", "true");
    } else {
      html.element(
          "a", words, "class", "button", "id", id, "href", links.to(address.withStep(step)));
    }
  }

  private void ask(MachinePage.AnswerPart part) {
    html.open("section", "id", "ask", "aria-labelledby", "ask-title");
    html.element("h2", "Ask", "id", "ask-title");
    html.open("form", "action", "./", "class", "ask");
    hidden(html, "machine", address.place().machine());
    int step = address.place().step();
    hidden(html, "step", step == 0 ? "" : String.valueOf(step));
    PhysRange at = address.at();
    hidden(html, "at", at == null ? "" : at.toString());
    html.open("p").element("label", "Bytes", "for", "where");
    html.open(
        "input",
        "id",
        "where",
        "name",
        "where",
        "value",
        address.where(),
        "required",
        "",
        "placeholder",
        "0x40000000+4K",
        "autocomplete",
        "off",
        "spellcheck",
        "false");
    html.close("p").open("p").element("label", "What would be", "for", "as");
    html.open("select", "id", "as", "name", "as");
    for (Questions.Choice choice : questions.choices()) {
      if (choice.value().equals(address.choice())) {
        html.element("option", choice.words(), "value", choice.value(), "selected", "");
      } else {
        html.element("option", choice.words(), "value", choice.value());
      }
    }
    html.close("select", "p");
    html.element("button", "Ask");
    html.element(
        "p",
        "Point at a range of the map, or draw over several, and its bytes stand here.",
        "class",
        "quiet hint");
    html.close("form");
    Questions.Answer answer = part.answer();
    if (answer != null) {
      html.open(
          "div",
          "class",
          answer.isGranted() ? "verdict granted" : "verdict refused",
          "role",
          "status");
      html.element("h3", answer.isGranted() ? "Granted" : "Refused");
      answer.lines().forEach(line -> html.element("p", line.strip()));
      html.close("div");
    } else if (!part.problem().isEmpty()) {
      html.element("p", part.problem(), "class", "verdict problem", "role", "alert");
    }
    html.close("section");
  }

  /** What the map rests on and is not known. */
  private void assumed(List<String> sentences) {
    if (sentences.isEmpty()) {
      return;
    }
    html.open("section", "id", "assumed", "aria-labelledby", "assumed-title");
    html.element("h2", "Assumed", "id", "assumed-title").open("ul", "class", "assumed quiet");
    sentences.forEach(sentence -> html.element("li", sentence));
    html.close("ul", "section");
  }

  /** What happened last. */
  private static void events(Html html, Pulse pulse) {
    html.open("section", "id", "events", "aria-labelledby", "events-title");
    html.element("h2", "Latest events", "id", "events-title");
    html.open("ol", "class", "events", "id", "event-list");
    for (Pulse.Event event : pulse.events()) {
      html.open("li", "data-number", String.valueOf(event.number()));
      String instant = Instant.ofEpochMilli(event.millis()).toString();
      html.element("time", time(event.millis()), "datetime", instant);
      html.element("span", event.words()).close("li");
    }
    html.close("ol", "section");
  }

  /** The time of a day, in UTC. */
  static String time(long millis) {
    return TIME.format(Instant.ofEpochMilli(millis));
  }
}
