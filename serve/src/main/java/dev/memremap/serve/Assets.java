// SPDX-License-Identifier: Apache-2.0
package dev.memremap.serve;

import dev.memremap.drawing.svg.StyleSheet;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The files that pages name: a list, so that no request reaches any other. */
final class Assets {
  private static final Map<String, String> TYPES =
      Map.of(
          "app.js", "text/javascript",
          "live.js", "text/javascript",
          "pointing.js", "text/javascript",
          "steps.js", "text/javascript",
          "swap.js", "text/javascript",
          "page.css", "text/css",
          "drawing.css", "text/css",
          "icon.svg", "image/svg+xml");

  private Assets() {}

  /** The file of that name, or null if the list lacks it. */
  static @Nullable Reply reply(String name) {
    String type = TYPES.get(name);
    return type == null ? null : Reply.ok(type + "; charset=utf-8", text(name));
  }

  /** A file's text. */
  static String text(String name) {
    if (name.equals("drawing.css")) {
      return StyleSheet.all();
    }
    try (InputStream file = Assets.class.getResourceAsStream("web/" + name)) {
      if (file == null) {
        throw new IllegalStateException(name + " is not in the jar");
      }
      return new String(file.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(name + " cannot be read from the jar", e);
    }
  }
}
