// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli.json;

import dev.memremap.rule.MemremapException;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** What a command prints instead of its answer where it has none. */
public final class ErrorJson {
  private ErrorJson() {}

  /**
   * The document of an error.
   *
   * @param command the command; null if none was named
   * @param status the exit status
   * @param message what stands on standard error, without the name before it
   * @param cause a refusal of the machine's adds why; null without one
   */
  public static ObjectNode document(
      @Nullable String command, int status, String message, @Nullable Throwable cause) {
    ObjectNode document = JsonDocument.of(command);
    ObjectNode error = document.putObject("error");
    error.put("status", status);
    error.put("message", inOneLine(message, cause instanceof MemremapException));
    if (cause instanceof MemremapException refused) {
      VerdictJson.refused(error, refused.refusal());
      VerdictJson.attempts(error, refused.attempts());
      FactsJson.assumptions(error, refused.assumptions());
    }
    return document;
  }

  /**
   * A message without ends of lines, which is never empty.
   *
   * @param isFirstAlone whether what follows the first line is there as data
   */
  private static String inOneLine(String message, boolean isFirstAlone) {
    String line =
        message
            .lines()
            .map(String::strip)
            .filter(each -> !each.isEmpty())
            .limit(isFirstAlone ? 1 : Long.MAX_VALUE)
            .collect(Collectors.joining("; "));
    return line.isEmpty() ? "the command failed, and gave no reason" : line;
  }
}
