// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli.documents;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What README.md, docs and the manual pages show: every command line is carried out and what it
 * prints is compared, and every piece of Java is compiled. {@code -Dgolden.update=true} writes what
 * was printed into the pages.
 */
class DocumentsTest {
  @TempDir private Path folder;

  static Stream<Page> pages() throws IOException {
    return Page.all().stream();
  }

  static Stream<Page> pagesWithCode() throws IOException {
    return pages().filter(page -> page.blocks().stream().anyMatch(DocumentsTest::isCarriedOut));
  }

  private static boolean isCarriedOut(Block block) {
    return block.is(Mark.Kind.RUN) || block.is(Mark.Kind.COMPILED);
  }

  @Test
  @DisplayName("every block of every page is marked")
  void isMarked() throws IOException {
    assertThat(pages().flatMap(page -> page.blocks().stream()))
        .hasSizeGreaterThan(40)
        .filteredOn(block -> block.mark() == null)
        .extracting(Block::place)
        .isEmpty();
  }

  @Test
  @DisplayName("what is shown as output follows a block that is marked, too")
  void outputFollows() throws IOException {
    for (Page page : pages().toList()) {
      Block before = null;
      for (Block block : page.blocks()) {
        if (block.isOutput()) {
          assertThat(before).as(block.place()).isNotNull();
          assertThat(before.mark().kind())
              .as(block.place())
              .isIn(Mark.Kind.RUN, Mark.Kind.GUEST, Mark.Kind.THOROUGH);
        }
        before = block;
      }
    }
  }

  @Test
  @DisplayName("a block for a guest, or for a test that takes longer, names that test")
  void hasTest() throws Exception {
    for (Page page : pages().toList()) {
      for (Block block : page.blocks()) {
        if (block.is(Mark.Kind.GUEST) || block.is(Mark.Kind.THOROUGH)) {
          Class<?> test = Class.forName("dev.memremap.cli.documents." + block.mark().text());
          assertThat(test.getAnnotation(Tag.class).value())
              .as(block.place())
              .isEqualTo(block.mark().kind().word());
        }
      }
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("pagesWithCode")
  @DisplayName("what a page shows is what is printed")
  void isPrinted(Page page) throws Exception {
    Path place = page.hasOwnFolder() ? Files.createDirectory(folder.resolve("empty")) : Page.ROOT;
    List<String> differences;
    Map<Block, String> printed;
    try (PageRun run = new PageRun(place, Files.createDirectory(folder.resolve("scratch")))) {
      run.carryOut(page);
      differences = run.differences();
      printed = run.printed();
    }
    if (Boolean.getBoolean("golden.update") && !differences.isEmpty()) {
      update(page, printed);
    }
    assertThat(differences).isEmpty();
  }

  private static void update(Page page, Map<Block, String> printed) throws IOException {
    Path file = Page.ROOT.resolve(page.name());
    List<String> lines = new ArrayList<>(Files.readAllLines(file));
    for (Block block : printed.keySet().stream().toList().reversed()) {
      int from = block.line() - 1;
      String indent = lines.get(from).startsWith("    ") ? "    " : "";
      List<String> old = lines.subList(from, from + (int) block.text().lines().count());
      old.clear();
      old.addAll(printed.get(block).lines().map(line -> (indent + line).stripTrailing()).toList());
    }
    Files.write(file, lines);
  }
}
