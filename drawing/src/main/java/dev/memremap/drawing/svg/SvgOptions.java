// SPDX-License-Identifier: Apache-2.0
package dev.memremap.drawing.svg;

import java.util.Objects;

/**
 * What an SVG is for.
 *
 * @param hasStyle whether it carries its style sheet; a page without inline styles links to {@link
 *     StyleSheet#all} instead
 * @param idPrefix what its ids begin with, so that a page can hold several
 * @param explorable whether its boxes are parts that a screen reader and a keyboard can go to, or
 *     the whole is one image
 */
public record SvgOptions(boolean hasStyle, String idPrefix, boolean explorable) {
  /** A file by itself. */
  public static final SvgOptions FILE = new SvgOptions(true, "", false);

  /** Checks the parts. */
  public SvgOptions {
    Objects.requireNonNull(idPrefix, "idPrefix");
  }
}
