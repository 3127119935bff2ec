// SPDX-License-Identifier: Apache-2.0
package dev.memremap.benchmarks.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.memremap.benchmarks.Comparison;
import dev.memremap.cli.Schemas;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import tools.jackson.databind.JsonNode;

class ReportTest {
  @TempDir private Path folder;

  @Test
  @DisplayName("the summary counts verdicts, and failures are said once")
  void summary() {
    assertThat(Sample.report().summary())
        .isEqualTo("1 met, 1 missed, 1 without a goal, 1 not measured, 1 broken");
    assertThat(Sample.report().failures()).containsExactly("it failed: boom");
  }

  @Test
  @DisplayName("a run too short to be believed judges nothing, wherever it is written")
  void quick() {
    Report report = new Report(Sample.report().surroundings(), true, Sample.report().outcomes());
    assertThat(report.summary())
        .isEqualTo("2 not judged, 1 without a goal, 1 not measured, 1 broken");
    for (String written :
        List.of(TextTable.of(report), JsonFile.tree(report).toString(), SvgChart.of(report))) {
      assertThat(written)
          .contains("not judged")
          .doesNotContainPattern("[ \">](met|missed)\\b|the \\*?reason");
    }
  }

  @Test
  @DisplayName("the table has ours, peer, ratio, goal and verdict in one line, reasons below")
  void table() {
    List<String> lines = TextTable.of(Sample.report()).lines().toList();
    assertThat(lines)
        .anySatisfy(
            line -> assertThat(line).matches("  a < \"b\" & c +11 ns +44 ns +0\\.25  ≤ 0\\.5 +met"))
        .anySatisfy(
            line ->
                assertThat(line).matches("  a < \"b\" & c +11 ns +44 ns +4\\.00 ×  ≥ 5 × +missed"))
        .anySatisfy(line -> assertThat(line).matches("  / a \\| peer > 0 +10–12 +40–48"))
        .contains("scale-missed: the *reason*", "startup-absent: no guest here")
        .doesNotContain("scale-met: ");
    assertThat(lines.getLast()).isEqualTo(Sample.report().summary());
  }

  @Test
  @DisplayName("the document keeps its text, and gets the rows that its place names")
  void markdown() throws IOException {
    Path document = folder.resolve("performance.md");
    Files.writeString(
        document,
        """
        before
        <!-- memremap bench scale-met -->
        old
        <!-- end of memremap bench -->
        between
        <!-- memremap bench -->
        <!-- end of memremap bench -->
        after
        """);
    MarkdownTable.write(Sample.report(), document);
    String once = Files.readString(document);
    assertThat(once)
        .startsWith("before\n<!-- memremap bench scale-met -->\n\n| what |")
        .endsWith("\n<!-- end of memremap bench -->\nafter\n")
        .doesNotContain("old")
        .contains(
            "| `a` < \"b\" & c / a \\| `peer` > 0 | 11 ns (10–12) | 44 ns (40–48) | 0.25 | ≤ 0.5 | met |",
            "`scale-missed`: the *reason*",
            "commit 0123456789ab; 2026-01-01T00:00:00Z");
    String first = once.substring(0, once.indexOf("between"));
    assertThat(first).doesNotContain("4.00 ×", "reason");
    MarkdownTable.write(Sample.report(), document);
    assertThat(Files.readString(document)).isEqualTo(once);
  }

  @Test
  @DisplayName("a document without a place is refused and stays; a new one becomes a place")
  void noPlace() throws IOException {
    Path document = Files.writeString(folder.resolve("other.md"), "text\n");
    assertThatThrownBy(() -> MarkdownTable.write(Sample.report(), document))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("other.md has no place for the table");
    assertThat(Files.readString(document)).isEqualTo("text\n");
    Path fresh = folder.resolve("new.md");
    MarkdownTable.write(Sample.report(), fresh);
    assertThat(Files.readString(fresh)).startsWith("<!-- memremap bench -->").contains("0.25");
  }

  @Test
  @DisplayName("a new file takes the name of the one before, and is not written over it")
  void whole() throws IOException {
    Path file = Files.writeString(folder.resolve("bench.json"), "what was measured before\n");
    Path other = Files.createLink(folder.resolve("other"), file);
    JsonFile.write(Sample.report(), file);
    assertThat(other).as("a file that is replaced, and not written over").content().hasLineCount(1);
    assertThat(file).content().contains("0123456789ab");
  }

  @Test
  @DisplayName("the JSON has the machine, and each row with every fork")
  void json() throws IOException {
    Path file = folder.resolve("bench.json");
    JsonFile.write(Sample.report(), file);
    JsonNode root = Schemas.check(Files.readString(file));
    assertThat(root.at("/machine/processor").asString()).isEqualTo("<fast> & \"cheap\"");
    assertThat(root.at("/commit").asString()).isEqualTo("0123456789ab");
    JsonNode met = root.at("/rows/0");
    assertThat(met.at("/verdict").asString()).isEqualTo("met");
    assertThat(met.at("/oursByPeer").asDouble()).isEqualTo(0.25);
    assertThat(met.at("/intervalsOverlap").asBoolean(true)).isFalse();
    assertThat(met.at("/ours/params/maps").asString()).isEqualTo("16");
    assertThat(met.at("/ours/threads").asInt()).isEqualTo(2);
    assertThat(met.at("/ours/forks/2/cost").asDouble()).isEqualTo(12);
    assertThat(met.at("/ours/unit").asString()).isEqualTo("ns");
    assertThat(met.at("/goal/oursByPeerAtMost").asDouble()).isEqualTo(0.5);
    assertThat(root.at("/rows/3/absence").asString()).isEqualTo("no guest here");
    assertThat(root.at("/rows/3/ours/forks").isMissingNode()).isTrue();
    assertThat(root.at("/rows").size()).isEqualTo(5);
  }

  @Test
  @DisplayName("what was written is read again as it was")
  void readAgain() throws IOException {
    Report report = Sample.report();
    Path file = folder.resolve("bench.json");
    JsonFile.write(report, file);
    List<Comparison> rows = report.outcomes().stream().map(Outcome::row).toList();
    assertThat(EarlierRun.read(rows, rows, List.of(file))).isEqualTo(report);
    assertThat(EarlierRun.read(rows, rows.subList(1, 2), List.of(file, file)).outcomes())
        .containsExactly(report.outcomes().get(1));
  }

  @Test
  @DisplayName("runs of two commits do not make one table")
  void notTogether() throws IOException {
    Path file = folder.resolve("bench.json");
    JsonFile.write(Sample.report(), file);
    String text = Files.readString(file);
    List<Comparison> rows = Sample.report().outcomes().stream().map(Outcome::row).toList();
    Path other = folder.resolve("other.json");
    Files.writeString(other, text.replace("0123456789ab", "ba9876543210"));
    assertThatThrownBy(() -> EarlierRun.read(rows, rows, List.of(file, other)))
        .hasMessageContaining("differ in their commit: a table is of one commit on one machine");
  }

  @Test
  @DisplayName("the chart is well-formed XML, and a bar beyond the line is one that misses")
  void chart() throws Exception {
    Path file = folder.resolve("bench.svg");
    SvgChart.write(Sample.report(), file);
    Document svg = DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(file.toFile());
    assertThat(svg.getDocumentElement().getTagName()).isEqualTo("svg");
    double goal = Double.parseDouble(only(svg, "line", "goal").getAttribute("x1"));
    Element met = only(svg, "rect", "met");
    Element missed = only(svg, "rect", "missed");
    assertThat(end(met)).isLessThan(goal);
    assertThat(end(missed)).isGreaterThan(goal);
    assertThat(svg.getDocumentElement().getTextContent())
        .contains("a < \"b\" & c", "beside a | peer > 0", "11 ns beside 44 ns: 0.25, goal ≤ 0.5");
  }

  @Test
  @DisplayName("what XML does not allow does not reach the chart")
  void escaped() {
    assertThat(SvgChart.escaped("a\u0001<b>&\"")).isEqualTo("a &lt;b&gt;&amp;&quot;");
  }

  private static Element only(Document svg, String tag, String kind) {
    NodeList found = svg.getElementsByTagName(tag);
    Element one = null;
    for (int i = 0; i < found.getLength(); i++) {
      Element element = (Element) found.item(i);
      if (element.getAttribute("class").equals(kind)) {
        assertThat(one).as("one %s of class %s", tag, kind).isNull();
        one = element;
      }
    }
    assertThat(one).as("a %s of class %s", tag, kind).isNotNull();
    return one;
  }

  private static double end(Element bar) {
    return Double.parseDouble(bar.getAttribute("x"))
        + Double.parseDouble(bar.getAttribute("width"));
  }
}
