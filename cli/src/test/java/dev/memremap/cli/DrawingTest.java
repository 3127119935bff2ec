// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli;

import static dev.memremap.cli.CommandRun.run;
import static org.assertj.core.api.Assertions.assertThat;

import dev.memremap.cli.terminal.ExitStatus;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/** What commands draw, and where it goes. */
class DrawingTest {
  private static final String EXAMPLES = "../examples/";

  @TempDir private Path folder;

  private static Document parsed(String svg) throws Exception {
    return DocumentBuilderFactory.newInstance()
        .newDocumentBuilder()
        .parse(new ByteArrayInputStream(svg.getBytes(StandardCharsets.UTF_8)));
  }

  /** The classes of the boxes of a picture. */
  private static List<String> boxes(String svg) throws Exception {
    NodeList groups = parsed(svg).getElementsByTagName("g");
    List<String> classes = new ArrayList<>();
    for (int i = 0; i < groups.getLength(); i++) {
      classes.add(((Element) groups.item(i)).getAttribute("class"));
    }
    return classes;
  }

  private Path file() {
    return folder.resolve("x.svg");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "iomem -m @server.iomem",
        "iomem -m @server.iomem --json",
        "iomem --summary -m @server.iomem",
        "iomem --diff @server.iomem @changed.iomem",
        "explain 0x3ffff000 12K WB|WT -m @plain.iomem",
        "explain 0xd0000800 4K UC- -m @server.iomem --json",
        "plan 3T --type COHERENT",
        "plan 0x3ff00000+16M --type GENERIC -m @plain.iomem --json",
        "pages @pages.scenario",
        "pages -m @server.iomem --json"
      })
  @DisplayName("with --svg FILE a command prints what it prints, and draws in addition")
  void inAddition(String line) throws Exception {
    CommandRun plain = run(Golden.words(line));
    CommandRun drawn = run(Golden.words(line + " --svg " + file()));
    assertThat(drawn).isEqualTo(plain);
    assertThat(boxes(Files.readString(file()))).isNotEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "iomem -m @server.iomem",
        "iomem --diff @server.iomem @changed.iomem",
        "explain 0x3ffff000 12K WB|WT -m @plain.iomem",
        "plan 0x3ff00000+16M --type GENERIC -m @plain.iomem",
        "pages @pages.scenario"
      })
  @DisplayName("with --svg - the picture takes the place of what is printed, with the same status")
  void instead(String line) throws Exception {
    CommandRun plain = run(Golden.words(line));
    run(Golden.words(line + " --svg " + file()));
    CommandRun drawn = run(Golden.words(line + " --svg -"));
    assertThat(drawn).isEqualTo(new CommandRun(plain.status(), Files.readString(file()), ""));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "iomem -m @plain.iomem --json --svg - | --json and --svg - both want standard output",
        "iomem -m @plain.iomem --svg a.svg --svg b.svg | should be specified only once",
        "iomem -m @plain.iomem --svg ~/none/x.svg | none/x.svg cannot be written (no such file",
        "iomem -m @plain.iomem --svg ~ | cannot be written (",
        "iomem -m @plain.iomem --map --json | --map draws one machine; leave -b, -o,",
        "iomem --diff @plain.iomem @server.iomem --map | --map draws one machine",
        "explain 0x40000800 4K WC -m @window.iomem --kernel 5.10,6.1 --svg - | the answer of one kernel",
        "plan 1G --namespace fsdax --svg - | leave it out with --namespace",
        "run @few.scenario --svg ~/none | no such folder; name a folder that is there",
        "run @few.scenario --svg @few.scenario | it is not a folder; name a folder that is there",
        "run --check @few.scenario --svg ~ | leave --check out",
        "run @few.scenario --kernel 5.10,6.1 --svg ~ | give --kernel one release",
      })
  @DisplayName("what cannot be drawn is said in one sentence, and nothing is written")
  void refused(String line, String sentence) throws IOException {
    CommandRun refused = run(Golden.words(line.replace("~", folder.toString())));
    assertThat(refused.status()).isNotIn(ExitStatus.OK, ExitStatus.REFUSED);
    String said = refused.err() + refused.out();
    assertThat(said).contains(sentence).doesNotContain("Exception", "\tat ");
    assertThat(refused.err().lines().findFirst())
        .hasValueSatisfying(first -> assertThat(first).contains(sentence));
    try (Stream<Path> written = Files.list(folder)) {
      assertThat(written).isEmpty();
    }
    assertThat(Path.of("a.svg")).doesNotExist();
  }

  @Test
  @DisplayName("a file that is there is replaced whole, and keeps its permissions")
  void replaced() throws Exception {
    Files.writeString(file(), "x".repeat(1_000_000));
    Files.setPosixFilePermissions(file(), PosixFilePermissions.fromString("rw-r-----"));
    run(Golden.words("iomem -m @plain.iomem --svg " + file()));
    assertThat(boxes(Files.readString(file()))).isNotEmpty();
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file())))
        .isEqualTo("rw-r-----");
  }

  @Test
  @DisplayName("iomem draws each resource, and those of --kind and --at alone if they are given")
  void iomem() throws Exception {
    String map = "iomem -m " + EXAMPLES + "machines/cxl.iomem --svg - ";
    assertThat(resources(map)).hasSize(12);
    assertThat(resources(map + "--kind system-ram"))
        .hasSize(4)
        .allMatch(each -> each.endsWith("system-ram"));
    assertThat(resources(map + "--at 0x140000000+4K"))
        .containsExactly("box resource persistent-memory", "box resource device-memory");
    CommandRun nothing = run((map + "--at 0x180000000+4K").strip().split(" "));
    assertThat(nothing.status()).isEqualTo(ExitStatus.REFUSED);
    assertThat(boxes(nothing.out())).contains("box hole hole");
  }

  private static List<String> resources(String line) throws Exception {
    return boxes(run(line.strip().split(" ")).out()).stream()
        .filter(each -> each.startsWith("box resource "))
        .toList();
  }

  @Test
  @DisplayName("explain draws what is asked, as granted or as refused with its parts")
  void explain() throws Exception {
    String granted = run(Golden.words("explain 0x50000000 4K WC -m @plain.iomem --svg -")).out();
    assertThat(boxes(granted)).contains("box overlay granted");
    String card = EXAMPLES + "machines/fpga.iomem";
    String assumed = run(Golden.words("explain 0xe0000000 4K WC -m " + card + " --svg -")).out();
    assertThat(boxes(assumed)).contains("box overlay granted assumed");
    String refused = run(Golden.words("explain 0x3ffff000 8K WB -m @plain.iomem --svg -")).out();
    assertThat(boxes(refused))
        .contains(
            "box overlay refused",
            "box part part-ram",
            "box part part-other",
            "box overlay nearest");
  }

  @Test
  @DisplayName("a run draws a picture for each operation, and a page that shows them in order")
  void steps() throws Exception {
    String scenario = EXAMPLES + "teardown-in-order.scenario";
    CommandRun plain = run("run", scenario);
    CommandRun drawn = run("run", scenario, "--svg", folder.toString());
    assertThat(drawn).isEqualTo(plain);
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files.map(file -> file.getFileName().toString()).sorted())
          .hasSize(18)
          .startsWith("001-machine.svg", "002-device.svg")
          .endsWith("017-remap-pages.svg", "index.html");
    }
    String live = Files.readString(folder.resolve("005-remap-pages.svg"));
    assertThat(boxes(live)).contains("box overlay pagemap-live").doesNotContain("box event event");
    String killed = Files.readString(folder.resolve("007-ref-kill.svg"));
    assertThat(boxes(killed)).contains("box overlay pagemap-killed", "box event event-ahead");
    String held = Files.readString(folder.resolve("009-device-release.svg"));
    assertThat(boxes(held)).contains("box overlay pagemap-draining");
    String last = Files.readString(folder.resolve("017-remap-pages.svg"));
    assertThat(boxes(last)).filteredOn("box event event"::equals).hasSize(6);
    assertThat(last)
        .contains(
            "killed: line 11: ref-kill r",
            "lookups fail: line 12: lookup m 0x40001",
            "unmap asked: line 14: device-release d",
            "drained: line 18: put l",
            "unmapped: line 18: put l",
            "released: line 22: ref-exit r");
    String page = Files.readString(folder.resolve("index.html"));
    assertThat(page.indexOf("001-machine.svg")).isBetween(0, page.indexOf("017-remap-pages.svg"));
    assertThat(page).contains("<code>line 12: lookup m 0x40001</code> → <code>none</code>");
  }

  @Test
  @DisplayName("several scenarios count on, each with its own machine and teardowns")
  void severalScenarios() throws Exception {
    String scenario = EXAMPLES + "teardown-in-order.scenario";
    String other = EXAMPLES + "first-map.scenario";
    run("run", scenario, other, "--svg", folder.toString());
    String first = Files.readString(folder.resolve("018-machine.svg"));
    assertThat(first).contains("first-map.scenario");
    assertThat(boxes(first)).doesNotContain("box event event");
  }
}
