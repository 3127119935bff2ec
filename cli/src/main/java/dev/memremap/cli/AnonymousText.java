// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli;

import dev.memremap.resource.ResourceKind;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A machine file's text without the names that tell whose machine it is. Names that Linux gives of
 * itself stay; any other, such as a driver's, a GUID or a serial number, becomes {@code name1},
 * {@code name2} and so on, the same wherever it stands. Of a kernel's release its numbers stay.
 *
 * <p>Thread safety: for one thread.
 */
final class AnonymousText {
  private static final String SEPARATOR = " : ";
  private static final String NO_NAME = "<BAD>";
  private static final String BAR = "# bar=";
  private static final String KERNEL = "# kernel=";

  /** The numbers of a kernel's release, and the name of its build. */
  private static final Pattern BUILD_NAME = Pattern.compile("=([0-9]+(?:\\.[0-9]+)*).*");

  private static final int BAR_FIXED_PARTS = 3;

  private final Map<String, String> names = new HashMap<>();

  private AnonymousText() {}

  static String of(String text) {
    AnonymousText anonymous = new AnonymousText();
    return text.lines().map(anonymous::line).collect(Collectors.joining("\n", "", "\n"));
  }

  private String line(String line) {
    if (line.startsWith(BAR)) {
      return bar(line);
    }
    if (line.startsWith(KERNEL)) {
      return BUILD_NAME.matcher(line).replaceFirst("=$1");
    }
    int separator = line.indexOf(SEPARATOR);
    if (line.startsWith("#") || separator < 0) {
      return line;
    }
    int begin = separator + SEPARATOR.length();
    return line.substring(0, begin) + name(line.substring(begin));
  }

  /** {@code DEVICE,N,RANGE[,prefetch][,DRIVER]}: the last may be a driver's name. */
  private String bar(String line) {
    String[] parts = line.split(",", -1);
    String last = parts[parts.length - 1];
    if (parts.length <= BAR_FIXED_PARTS || last.equals("prefetch")) {
      return line;
    }
    return line.substring(0, line.length() - last.length()) + replacement(last);
  }

  private String name(String name) {
    boolean isOwn = ResourceKind.of(name) == ResourceKind.OTHER && !name.equals(NO_NAME);
    return isOwn ? replacement(name) : name;
  }

  private String replacement(String name) {
    return names.computeIfAbsent(name, own -> "name" + (names.size() + 1));
  }
}
