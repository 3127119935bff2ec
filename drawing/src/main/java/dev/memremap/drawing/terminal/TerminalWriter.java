// SPDX-License-Identifier: Apache-2.0
package dev.memremap.drawing.terminal;

import dev.memremap.drawing.model.AddressMap;
import dev.memremap.drawing.model.Box;
import dev.memremap.drawing.model.Kind;
import dev.memremap.drawing.model.Label;
import dev.memremap.drawing.model.Metrics;
import dev.memremap.drawing.model.Scene;
import dev.memremap.drawing.model.TextWidth;
import dev.memremap.drawing.model.View;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Writes a machine as lines of a terminal: each resource has a bar of its kind at the left, and
 * those inside it stand further to the right.
 *
 * <p>Thread safety: none; one thread writes one picture.
 */
public final class TerminalWriter {
  private static final int LEAST_COLUMNS = 80;
  private static final int USEFUL_COLUMNS = 120;
  private static final int BAR = 2;

  private final AddressMap map;
  private final Letters letters;
  private final boolean hasColours;
  private final @Nullable String[][] cells;
  private final @Nullable Kind[][] kinds;

  /** The letters that a terminal can show. */
  public enum Letters {
    /** Block characters, and all others. */
    BLOCKS,
    /** ASCII alone: letters that have none are written as '?'. */
    ASCII
  }

  private TerminalWriter(AddressMap map, Letters letters, boolean hasColours) {
    this.map = map;
    this.letters = letters;
    this.hasColours = hasColours;
    this.cells = new String[map.height()][map.width()];
    this.kinds = new Kind[map.height()][map.width()];
  }

  /**
   * Returns a scene in lines.
   *
   * @param columns how wide the terminal is; at least 80 are used, and at most 120
   */
  public static List<String> lines(
      Scene scene, View view, int columns, Letters letters, boolean hasColours) {
    Objects.requireNonNull(letters, "letters");
    AddressMap narrow = AddressMap.of(scene, view, Metrics.cells(1));
    int left =
        narrow.boxes().stream()
            .filter(box -> box.range() != null)
            .mapToInt(box -> box.rect().x())
            .min()
            .orElse(0);
    int width = Math.clamp(columns, LEAST_COLUMNS, USEFUL_COLUMNS);
    AddressMap map = AddressMap.of(scene, view, Metrics.cells(width - left));
    return new TerminalWriter(map, letters, hasColours).lines();
  }

  private List<String> lines() {
    for (Box box : map.boxes()) {
      bar(box);
    }
    for (Label label : map.labels()) {
      if (label.leader().isEmpty()) {
        write(label.rect().x(), label.rect().y(), label.text());
      }
    }
    List<String> lines = new ArrayList<>();
    for (int y = 0; y < cells.length; y++) {
      lines.add(line(y));
    }
    while (lines.getLast().isBlank()) {
      lines.removeLast();
    }
    while (lines.getFirst().isBlank()) {
      lines.removeFirst();
    }
    return lines;
  }

  /** The bar of a box, from its first line to its last. */
  private void bar(Box box) {
    Glyph glyph = Glyph.of(box.kind());
    String bar = letters == Letters.BLOCKS ? glyph.blocks() : glyph.letters();
    int right = Math.min(box.rect().x() + BAR, box.rect().right());
    for (int y = box.rect().y(); y < box.rect().bottom(); y++) {
      for (int x = box.rect().x(); x < right; x++) {
        cells[y][x] = bar.substring(x - box.rect().x(), x - box.rect().x() + 1);
        kinds[y][x] = box.kind();
      }
    }
  }

  private void write(int x, int y, String text) {
    int column = x;
    for (int at = 0; at < text.length(); ) {
      String letter = Character.toString(text.codePointAt(at));
      at += letter.length();
      String shown = letters == Letters.BLOCKS ? letter : ascii(letter);
      int width = TextWidth.columns(shown);
      if (width == 0 && column > x) {
        cells[y][column - 1] = Objects.requireNonNullElse(cells[y][column - 1], "") + shown;
      } else if (column + width <= map.width()) {
        cells[y][column] = shown;
        if (width > 1) {
          cells[y][column + 1] = "";
        }
        Arrays.fill(kinds[y], column, column + width, null);
        column += width;
      }
    }
  }

  /** The end of what was cut is a tilde, as everywhere in this command. */
  private static String ascii(String letter) {
    return letter.charAt(0) < 0x80 ? letter : letter.equals("…") ? "~" : "?";
  }

  private String line(int y) {
    StringBuilder line = new StringBuilder();
    Kind before = null;
    int last = cells[y].length - 1;
    while (last >= 0 && (cells[y][last] == null || " ".equals(cells[y][last]))) {
      last--;
    }
    for (int x = 0; x <= last; x++) {
      Kind kind = kinds[y][x];
      if (hasColours && kind != before) {
        line.append(kind == null ? "\033[0m" : "\033[38;5;%dm".formatted(Glyph.of(kind).colour()));
        before = kind;
      }
      line.append(Objects.requireNonNullElse(cells[y][x], " "));
    }
    return before == null ? line.toString() : line.append("\033[0m").toString();
  }
}
