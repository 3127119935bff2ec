// SPDX-License-Identifier: Apache-2.0
package dev.memremap.drawing.svg;

import dev.memremap.drawing.model.Kind;
import java.util.Collection;
import java.util.EnumSet;

/**
 * The style sheet of drawings, for light and for dark surroundings. A drawing carries the part that
 * it needs; a page that shows many can link to all of it instead.
 */
public final class StyleSheet {
  private static final int LIGHT = 0xffffff;
  private static final int DARK = 0x15171b;
  private static final int TINT_ON_LIGHT = 4;
  private static final int TINT_ON_DARK = 6;

  /** From few references to many: one colour, so that lightness alone tells them apart. */
  private static final int[] HEAT = {0xeef3f7, 0xb9d7ee, 0x6faedb, 0x2478b5, 0x083e6b};

  private static final String COMMON =
      """
      .memremap text{font:11.6px "DejaVu Sans Mono",Menlo,Consolas,"Liberation Mono",monospace;fill:#1b1d21;white-space:pre}
      .memremap .title{font-size:14.9px;font-weight:bold}
      .memremap .heading,.memremap .name{font-weight:bold}
      .memremap .note,.memremap .address,.memremap .size,.memremap .hole-text{fill:#555b64}
      .memremap .paper{fill:#fff}
      .memremap .box text,.memremap .halo{paint-order:stroke;stroke:#fff;stroke-width:2.5px;stroke-opacity:.55;stroke-linejoin:round}
      .memremap rect{stroke-width:1}
      .memremap .assumed rect{stroke-dasharray:5 3}
      .memremap .swatch rect{stroke-width:1}
      .memremap .only>.fill{stroke-width:3;stroke:#1b1d21}
      .memremap.diff .resource:not(.only)>.fill{fill-opacity:.35}
      .memremap .pattern{stroke:none}
      .memremap .tile{stroke:#1b1d21;stroke-opacity:.22;fill:none}
      .memremap .guide,.memremap .mark{stroke:#1b1d21;stroke-dasharray:1 3}
      .memremap .leader{stroke:#808080;fill:none}
      .memremap .end{stroke:#1b1d21;stroke-width:2}
      .memremap .end-assumed{stroke:#1b1d21;stroke-width:2;stroke-dasharray:6 4}
      .memremap .next{stroke:#1b1d21;stroke-width:1.5}
      .memremap .arrow{fill:#1b1d21}
      .memremap .break{stroke:#808080;fill:none}
      """;

  private static final String COMMON_DARK =
      """
      .memremap text{fill:#e6e8eb}
      .memremap .note,.memremap .address,.memremap .size,.memremap .hole-text{fill:#a9b0ba}
      .memremap .paper{fill:#15171b}
      .memremap .box text,.memremap .halo{stroke:#15171b}
      .memremap .only>.fill{stroke:#e6e8eb}
      .memremap .tile{stroke:#fff;stroke-opacity:.25}
      .memremap .guide,.memremap .mark,.memremap .end,.memremap .end-assumed,.memremap .next{stroke:#e6e8eb}
      .memremap .arrow{fill:#e6e8eb}
      """;

  private StyleSheet() {}

  /** Returns the style sheet of all kinds. */
  public static String all() {
    return of(EnumSet.allOf(Kind.class));
  }

  /** Returns the style sheet of these kinds. */
  static String of(Collection<Kind> kinds) {
    StringBuilder css = new StringBuilder(COMMON);
    kinds.forEach(kind -> css.append(rule(kind, LIGHT)));
    css.append("@media (prefers-color-scheme:dark){\n").append(COMMON_DARK);
    kinds.forEach(kind -> css.append(rule(kind, DARK)));
    return css.append("}\n").toString();
  }

  private static String rule(Kind kind, int paper) {
    boolean isDark = paper == DARK;
    Ink ink = Ink.of(kind);
    int inside =
        switch (kind) {
          case HEAT_0, HEAT_1, HEAT_2, HEAT_3, HEAT_4 -> HEAT[kind.compareTo(Kind.HEAT_0)];
          case POISONED -> isDark ? 0xF0E442 : 0x1b1d21;
          default -> ink.isTinted() ? ink.on(paper, isDark ? TINT_ON_DARK : TINT_ON_LIGHT) : paper;
        };
    // a little of the ink of text, or yellow has no edge on white
    int edge = isDark ? ink.on(0xffffff, 13) : ink.on(0, 13);
    return ".memremap .%s>.fill{fill:#%06x;stroke:#%06x%s}%n"
        .formatted(kind.id(), inside, edge, ink.isDotted() ? ";stroke-dasharray:1.5 2" : "")
        .replace(System.lineSeparator(), "\n");
  }
}
