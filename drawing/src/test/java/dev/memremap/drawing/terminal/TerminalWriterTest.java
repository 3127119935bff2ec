// SPDX-License-Identifier: Apache-2.0
package dev.memremap.drawing.terminal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memremap.drawing.model.Area;
import dev.memremap.drawing.model.GeneratedScenes;
import dev.memremap.drawing.model.Kind;
import dev.memremap.drawing.model.MachineMap;
import dev.memremap.drawing.model.Scene;
import dev.memremap.drawing.model.TextWidth;
import dev.memremap.drawing.model.View;
import dev.memremap.resource.PhysRange;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Machines as lines of a terminal. */
class TerminalWriterTest {
  private static final TerminalWriter.Letters BLOCKS = TerminalWriter.Letters.BLOCKS;
  private static final TerminalWriter.Letters ASCII = TerminalWriter.Letters.ASCII;

  private static Area area(long start, long size, String name, Kind kind, Area... inside) {
    return new Area(PhysRange.of(start, size), name, kind, false, List.of(inside));
  }

  private static Scene scene(Area... areas) {
    return new Scene("t", List.of(), List.of(new MachineMap("", List.of(areas), null)), List.of());
  }

  private static final Scene WINDOW =
      scene(
          area(0, 0x1000, "System RAM", Kind.SYSTEM_RAM),
          area(
              0x4000,
              0x4000,
              "PCI Bus 0000:00",
              Kind.PCI_WINDOW,
              area(0x5000, 0x1000, "0000:03:00.0", Kind.DEVICE)));

  @Test
  @DisplayName("each resource has a bar, those inside it stand further to the right")
  void lines() {
    assertThat(TerminalWriter.lines(WINDOW, View.ALL, 80, BLOCKS, false))
        .startsWith(
            " t",
            " 0x00000000   ██ System RAM" + " ".repeat(48) + "4K",
            " 0x00001000   ·· hole 12K",
            " 0x00004000   ░░ PCI Bus 0000:00" + " ".repeat(42) + "16K",
            "              ░░",
            " 0x00005000   ░░ ▌▌ 0000:03:00.0" + " ".repeat(43) + "4K",
            "              ░░");
  }

  @Test
  @DisplayName("where the locale has ASCII alone, so has the picture")
  void ascii() {
    List<String> lines = TerminalWriter.lines(WINDOW, View.ALL, 80, ASCII, false);
    assertThat(lines.get(1)).startsWith(" 0x00000000   ## System RAM");
    for (long seed = 1; seed < 50; seed++) {
      assertThat(
              String.join(
                  "", TerminalWriter.lines(GeneratedScenes.of(seed), View.ALL, 80, ASCII, false)))
          .matches("\\p{ASCII}*");
    }
  }

  @Test
  @DisplayName("no line is wider than the terminal, and a name without room is cut")
  void width() {
    Scene wide =
        scene(area(0, 1, "w".repeat(200), Kind.UNKNOWN), area(2, 1, "内".repeat(100), Kind.UNKNOWN));
    for (int columns : new int[] {1, 80, 100, 120, 1000}) {
      List<String> lines = TerminalWriter.lines(wide, View.ALL, columns, BLOCKS, false);
      int width = Math.clamp(columns, 80, 120);
      assertThat(lines).allMatch(line -> TextWidth.columns(line) <= width);
      assertThat(lines.get(1)).endsWith("ww…");
      assertThat(lines).anyMatch(line -> line.endsWith("内…"));
    }
  }

  @Test
  @DisplayName("colours are there only if they are wanted, and end with the bar")
  void colours() {
    assertThat(String.join("", TerminalWriter.lines(WINDOW, View.ALL, 80, BLOCKS, false)))
        .doesNotContain("\033");
    assertThat(TerminalWriter.lines(WINDOW, View.ALL, 80, BLOCKS, true).get(1))
        .startsWith(" 0x00000000   \033[38;5;36m██\033[0m System RAM");
  }

  @Test
  @DisplayName("no two kinds of resources have the same bar")
  void distinct() {
    Map<String, Kind> blocks = new HashMap<>();
    Map<String, Kind> letters = new HashMap<>();
    for (Kind kind : Kind.values()) {
      if (kind.compareTo(Kind.GROUP) <= 0) {
        assertThat(blocks.put(Glyph.of(kind).blocks(), kind)).isNull();
        assertThat(letters.put(Glyph.of(kind).letters(), kind)).isNull();
      }
    }
  }

  @Test
  @DisplayName("docs/drawing.md says what each kind of resource is drawn with")
  void documented() throws IOException {
    List<String> page = Files.readAllLines(Path.of("../docs/drawing.md"));
    for (Kind kind : Kind.values()) {
      if (kind.compareTo(Kind.GROUP) <= 0) {
        Glyph glyph = Glyph.of(kind);
        String end =
            " | %s | `%s` |".formatted(glyph.blocks(), glyph.letters().replace("|", "\\|"));
        assertThat(page)
            .anyMatch(line -> line.startsWith("| " + kind.words() + " |") && line.endsWith(end));
      }
    }
  }
}
