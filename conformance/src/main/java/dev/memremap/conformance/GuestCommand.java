// SPDX-License-Identifier: Apache-2.0
package dev.memremap.conformance;

import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * The command, its environment and its directory, as a shell script that a guest runs.
 *
 * <p>Thread safety: immutable.
 */
record GuestCommand(List<String> words, Map<String, String> environment, String directory) {
  private static final Pattern VARIABLE = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");

  GuestCommand {
    words = List.copyOf(words);
    environment = Map.copyOf(environment);
    if (words.isEmpty()) {
      throw new IllegalArgumentException("The guest needs a command to run; the list is empty");
    }
    environment
        .keySet()
        .forEach(
            name -> {
              if (!VARIABLE.matcher(name).matches()) {
                throw new IllegalArgumentException(
                    "Not a name of an environment variable: " + name);
              }
            });
  }

  String script() {
    StringBuilder script = new StringBuilder();
    script.append("export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\n");
    script.append("export HOME=/root LANG=C.UTF-8\n");
    environment.forEach(
        (name, value) ->
            script.append("export ").append(name).append('=').append(quoted(value)).append('\n'));
    script.append("cd ").append(quoted(directory)).append(" || exit 126\nexec");
    words.forEach(word -> script.append(' ').append(quoted(word)));
    return script.append('\n').toString();
  }

  /** One word to a shell, whatever is in it. */
  static String quoted(String word) {
    if (word.indexOf('\0') >= 0) {
      throw new IllegalArgumentException("A NUL cannot be given to a command: " + word);
    }
    return "'" + word.replace("'", "'\\''") + "'";
  }
}
