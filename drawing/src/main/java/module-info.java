// SPDX-License-Identifier: Apache-2.0

/**
 * Drawings of machines: one model of what is drawn where, and what writes it as SVG and as
 * characters of a terminal.
 */
module dev.memremap.drawing {
  requires transitive dev.memremap;
  requires java.xml;
  requires static transitive org.jspecify;

  exports dev.memremap.drawing.model;
  exports dev.memremap.drawing.source;
  exports dev.memremap.drawing.svg;
  exports dev.memremap.drawing.terminal;
}
