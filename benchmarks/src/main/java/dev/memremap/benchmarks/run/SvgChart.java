// SPDX-License-Identifier: Apache-2.0
package dev.memremap.benchmarks.run;

import dev.memremap.benchmarks.Goal;
import dev.memremap.benchmarks.Point;
import dev.memremap.cli.terminal.OutputFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Locale;

/**
 * A bar for each row: how much of what its goal allows was used. The line stands at the goal, and a
 * bar that ends before it meets the goal; bars of rows without a goal stand for the ratio to the
 * peer. It follows the reader's light or dark theme.
 *
 * <p>It is written by hand because chart libraries for Java draw by AWT, which wants fonts that
 * computers without a screen, containers above all, do not have; bars and a line need no more than
 * this.
 */
public final class SvgChart {
  private static final int WIDTH = 1000;
  private static final int BARS = 500;
  private static final int GOAL = 280;
  private static final int LONGEST = 340;
  private static final int ROW = 40;
  private static final int HEADING = 34;
  private static final int TOP = 56;

  /** Characters of a label that fit before the bars. */
  private static final int LABEL = 66;

  /** Small characters that fit across. */
  private static final int LINE = 160;

  /** Without variables, which viewers other than browsers paint black. */
  private static final String STYLE =
      """
      <style>
        text { font: 13px system-ui, sans-serif; fill: #1f2328; }
        .title { font-size: 17px; font-weight: 600; }
        .point { font-weight: 600; }
        .faint { font-size: 11px; fill: #59636e; }
        .paper { fill: #ffffff; }
        .met { fill: #1a7f64; }
        .missed { fill: #c4432b; }
        .none { fill: #8c959f; }
        .goal { stroke: #1f2328; stroke-dasharray: 4 3; }
        @media (prefers-color-scheme: dark) {
          text { fill: #e6edf3; }
          .faint { fill: #9198a1; }
          .paper { fill: #0d1117; }
          .met { fill: #3fb68b; }
          .missed { fill: #f0705a; }
          .none { fill: #6e7681; }
          .goal { stroke: #e6edf3; }
        }
      </style>
      """;

  private final Report report;
  private final StringBuilder body = new StringBuilder();
  private int y = TOP;

  private SvgChart(Report report) {
    this.report = report;
  }

  /** Writes it, in UTF-8. */
  public static void write(Report report, Path file) {
    OutputFile.write(file, of(report).getBytes(StandardCharsets.UTF_8));
  }

  static String of(Report report) {
    return new SvgChart(report).drawn();
  }

  private String drawn() {
    Point point = null;
    for (Outcome outcome : report.outcomes()) {
      if (outcome.row().point() != point) {
        point = outcome.row().point();
        y += HEADING;
        text(16, y - 8, "point", point.title());
      }
      row(outcome);
    }
    int bottom = y + 8;
    y = bottom + 6;
    for (String line : Words.wrap(report.surroundings().words(), LINE)) {
      y += 16;
      text(16, y, "faint", line);
    }
    String quick = report.quick() ? " (quick: no measurement)" : "";
    StringBuilder svg = new StringBuilder();
    svg.append(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"%s\">\n"
            .formatted(WIDTH, y + 14, escaped("memremap bench: " + report.summary())));
    svg.append(STYLE);
    svg.append("<rect class=\"paper\" width=\"100%\" height=\"100%\"/>\n");
    svg.append(textElement(16, 28, "title", "memremap bench: " + report.summary() + quick));
    svg.append(textElement(16, 46, "faint", "shorter is better; the line is the goal"));
    svg.append(body);
    svg.append(
        "<line class=\"goal\" x1=\"%1$d\" y1=\"%2$d\" x2=\"%1$d\" y2=\"%3$d\"/>\n"
            .formatted(BARS + GOAL, TOP, bottom));
    return svg.append("</svg>\n").toString();
  }

  private void row(Outcome outcome) {
    String what = Words.plain(outcome.row().what());
    text(16, y + 14, "", cut(what));
    if (outcome.row().peer() != null) {
      text(16, y + 28, "faint", cut("beside " + Words.plain(outcome.row().beside())));
    }
    String kind =
        switch (report.verdict(outcome)) {
          case MET -> "met";
          case MISSED -> "missed";
          case NOT_JUDGED, NO_GOAL, NOT_MEASURED, BROKEN -> "none";
        };
    double share = outcome.shareOfBound().orElse(0);
    double length = Math.min(share * GOAL, LONGEST);
    if (share > 0) {
      body.append(
          String.format(
              Locale.ROOT,
              "<rect class=\"%s\" x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"14\" rx=\"2\"/>\n",
              kind,
              BARS,
              y + 4,
              Math.max(length, 1)));
    }
    if (share * GOAL > LONGEST) {
      text(BARS + LONGEST + 4, y + 15, "", "»");
    }
    text(BARS, y + 31, "faint", figures(outcome, report.verdict(outcome)));
    y += ROW;
  }

  private static String figures(Outcome outcome, Verdict verdict) {
    StringBuilder words = new StringBuilder();
    if (outcome.ours() != null) {
      words.append(outcome.ours().words());
    }
    if (outcome.peer() != null) {
      words.append(" beside ").append(outcome.peer().words());
      words.append(outcome.ratioWords().isEmpty() ? "" : ": " + outcome.ratioWords());
    }
    if (!(outcome.row().goal() instanceof Goal.None)) {
      words.append(", goal ").append(outcome.row().goal().words());
    }
    return words.append(": ").append(verdict.words()).toString();
  }

  private static String cut(String label) {
    return label.length() <= LABEL ? label : label.substring(0, LABEL - 1) + "…";
  }

  private void text(int x, int at, String kind, String words) {
    body.append(textElement(x, at, kind, words));
  }

  private static String textElement(int x, int at, String kind, String words) {
    String style = kind.isEmpty() ? "" : " class=\"" + kind + "\"";
    return "<text%s x=\"%d\" y=\"%d\">%s</text>\n".formatted(style, x, at, escaped(words));
  }

  /** Without what XML would take for its own, or does not allow at all. */
  static String escaped(String words) {
    return words
        .replaceAll("[\\p{Cntrl}\\x{fffe}\\x{ffff}]", " ")
        .replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;");
  }
}
