// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli;

import dev.memremap.cli.terminal.StandardStreams;
import dev.memremap.cli.terminal.UsageException;
import dev.memremap.drawing.model.AddressMap;
import dev.memremap.drawing.model.Metrics;
import dev.memremap.drawing.model.Scene;
import dev.memremap.drawing.model.View;
import dev.memremap.drawing.svg.SvgWriter;
import dev.memremap.resource.PhysRange;
import dev.memremap.rule.PlainText;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The option of a command that can draw what it says. */
final class SvgOption {
  /** So many resources have boxes of their own; what a browser shows in a moment. */
  static final int MAX_BOXES = 5_000;

  @Option(
      names = "--svg",
      paramLabel = "FILE",
      description =
          "Draw it into FILE, as SVG. What the command prints stays the same; with '-', which is"
              + " standard output, the picture takes its place.")
  private @Nullable Path svg;

  /** What a picture calls a file: its last name. */
  static String nameOf(Path file) {
    return StandardStreams.isDash(file)
        ? "standard input"
        : PlainText.of(String.valueOf(file.getFileName()));
  }

  boolean isGiven() {
    return svg != null;
  }

  /** Whether standard output is the picture's, so that nothing else may be printed. */
  boolean takesOutput() {
    return svg != null && StandardStreams.isOutput(svg);
  }

  /**
   * Passes if standard output is not wanted twice.
   *
   * @throws UsageException if JSON is to go there, too
   */
  void requireOutput(boolean json) {
    if (json && takesOutput()) {
      throw new UsageException(
          "--json and --svg - both want standard output; name a file for the picture");
    }
  }

  /** What is printed, or a writer that drops all if standard output is the picture's. */
  PrintWriter textOf(PrintWriter out) {
    return takesOutput() ? new PrintWriter(Writer.nullWriter()) : out;
  }

  /**
   * Draws a scene, if that was asked for.
   *
   * @param ownerOnly whether only the file's owner may read it, as what Linux shows to root alone
   */
  void draw(Scene scene, PrintWriter out, boolean ownerOnly) {
    draw(scene, null, out, ownerOnly);
  }

  /**
   * Draws a part of a scene, if that was asked for.
   *
   * @param window the part; null for all
   * @param ownerOnly whether only the file's owner may read it, as what Linux shows to root alone
   */
  void draw(Scene scene, @Nullable PhysRange window, PrintWriter out, boolean ownerOnly) {
    if (svg == null) {
      return;
    }
    View view = new View(window, MAX_BOXES);
    byte[] bytes = SvgWriter.file(AddressMap.of(scene, view, Metrics.PIXELS));
    if (ownerOnly) {
      StandardStreams.writeForOwner(svg, bytes, out);
    } else {
      StandardStreams.write(svg, bytes, out);
    }
  }
}
