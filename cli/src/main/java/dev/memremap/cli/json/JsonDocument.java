// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli.json;

import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** A document that a command prints: an object that begins with its shape's version. */
public final class JsonDocument {
  /** Counts up when a member is renamed, removed or means something else; not for a new one. */
  public static final int VERSION = 1;

  private JsonDocument() {}

  /**
   * The beginning of a document.
   *
   * @param command the command that prints it; null for an error where none was named
   */
  public static ObjectNode of(@Nullable String command) {
    ObjectNode node = JsonMapper.shared().createObjectNode();
    node.put("version", VERSION);
    if (command != null) {
      node.put("command", command);
    }
    return node;
  }

  /** Its text, without a line's end after it. */
  public static String text(ObjectNode document) {
    return JsonMapper.shared().writerWithDefaultPrettyPrinter().writeValueAsString(document);
  }
}
