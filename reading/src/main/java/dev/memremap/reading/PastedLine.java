// SPDX-License-Identifier: Apache-2.0
package dev.memremap.reading;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** One line of a text in which a map was pasted, taken apart. */
sealed interface PastedLine {
  /** Columns between the places to which a tab leads. */
  int TAB = 8;

  /** The digits that Linux pads an address to, at least. */
  int WIDTH = 8;

  /**
   * A resource.
   *
   * @param column how far it is indented behind its prefixes
   * @param start the first address
   * @param end the last address, not yet compared with the start
   * @param name what follows the colon, without white space at its end
   * @param prefixed whether a prefix was taken off
   * @param tabbed whether a tab indents it
   * @param respelled whether digits were in upper case, or a dash was not Linux's
   * @param narrow whether an address has fewer digits than Linux prints
   * @param barred whether a bar was taken off its end, as of a table's row
   */
  record Resource(
      int column,
      long start,
      long end,
      String name,
      boolean prefixed,
      boolean tabbed,
      boolean respelled,
      boolean narrow,
      boolean barred)
      implements PastedLine {}

  /**
   * A line that begins with #, which may state a fact.
   *
   * @param text the line without its prefixes
   * @param prefixed whether a prefix was taken off
   * @param barred whether a bar was taken off its end, as of a table's row
   */
  record Comment(String text, boolean prefixed, boolean barred) implements PastedLine {}

  /** A line without a character that shows. */
  record Blank() implements PastedLine {}

  /** What begins or ends a quoted text in Markdown, a wiki or HTML: {@code ```}. */
  record Fence() implements PastedLine {}

  /** {@code --}, which grep prints where it left lines out, or {@code ...}. */
  record Gap(String mark) implements PastedLine {}

  /** A shell's prompt, perhaps with a command. */
  record Prompt() implements PastedLine {}

  /**
   * Anything else.
   *
   * @param text the line without its prefixes
   * @param looksDamaged whether it has parts of a resource or a fact
   * @param mayBeginResource whether a resource's line may have begun so
   */
  record Other(String text, boolean looksDamaged, boolean mayBeginResource) implements PastedLine {}

  /** A line that is longer than any of a map, whatever it says. */
  record TooLong() implements PastedLine {}

  /** Reads a line without its newline. */
  static PastedLine of(String whole) {
    if (whole.length() > FileText.LONGEST_LINE) {
      return new TooLong();
    }
    String line = LinePrefix.withoutClosingBar(whole);
    boolean barred = line.length() < whole.stripTrailing().length();
    int from = 0;
    for (int i = 0; i <= LinePrefix.most(); i++) {
      Matcher resource = Patterns.RESOURCE.matcher(line).region(from, line.length());
      if (resource.matches()) {
        return resource(resource, from > 0, barred);
      }
      int to = LinePrefix.end(line, from);
      if (to == from || to == line.length()) {
        from = to;
        break;
      }
      from = to;
    }
    return other(Patterns.strip(line.substring(from)), line, from > 0, barred);
  }

  private static Resource resource(Matcher found, boolean prefixed, boolean barred) {
    String indent = found.group(1);
    String name = found.group(5);
    String digits = found.group(2) + found.group(4);
    boolean upper = digits.chars().anyMatch(c -> c >= 'A' && c <= 'F');
    return new Resource(
        column(indent),
        Long.parseUnsignedLong(found.group(2), 16),
        Long.parseUnsignedLong(found.group(4), 16),
        name == null ? "" : Patterns.strip(name),
        prefixed,
        indent.indexOf('\t') >= 0,
        upper || !found.group(3).equals("-"),
        found.group(2).length() < WIDTH || found.group(4).length() < WIDTH,
        barred);
  }

  private static int column(String indent) {
    int column = 0;
    for (int i = 0; i < indent.length(); i++) {
      column = indent.charAt(i) == '\t' ? (column / TAB + 1) * TAB : column + 1;
    }
    return column;
  }

  private static PastedLine other(String text, String line, boolean prefixed, boolean barred) {
    String bare = text.strip();
    if (Patterns.PROMPT.matcher(Patterns.strip(line)).matches()
        || Patterns.PROMPT.matcher(bare).matches()) {
      return new Prompt();
    }
    if (bare.isEmpty()) {
      return new Blank();
    }
    if (Patterns.FENCE.matcher(bare).matches()) {
      return new Fence();
    }
    if (!barred && Patterns.GAP.matcher(bare).matches()) {
      return new Gap(bare);
    }
    if (bare.startsWith("#")) {
      return new Comment(bare, prefixed, barred);
    }
    return new Other(
        bare, Patterns.DAMAGED.matcher(bare).find(), Patterns.BEGINNING.matcher(bare).matches());
  }

  /** What lines look like. */
  final class Patterns {
    private static final String SPACE = "[ \\t\\u00a0]";

    /** Addresses and a name, as Linux writes them or as an editor changed them. */
    private static final Pattern RESOURCE =
        Pattern.compile(
            "(SPACE*+)(?:0[xX])?([0-9a-fA-F]{4,16}+)([-\\u2013\\u2014])(?:0[xX])?([0-9a-fA-F]{4,16}+)SPACE*+:(?:SPACE(.*))?"
                .replace("SPACE", SPACE),
            Pattern.DOTALL);

    private static final Pattern PROMPT =
        Pattern.compile(
            "[\\[(]?+[A-Za-z0-9_.-]{1,64}+@[^ #$>][^#$>]{0,263}+[#$>](?: .*)?|[#$>] ?(?:sudo"
                + " |LC_ALL=C"
                + " ){0,8}+(?:cat|grep|egrep|less|more|head|tail|dmesg|sed|awk|lspci|lsmem|journalctl)\\b.*|[~/][^"
                + " #$]{0,100}+[ ]?+[#$] ?.*");

    private static final Pattern FENCE =
        Pattern.compile("```[a-z]*|~~~[a-z]*|\\{(?:code|noformat)[^}]{0,40}\\}|</?(?:pre|code)>");

    private static final Pattern GAP =
        Pattern.compile("-{2,}|\\.{2,}|\\u2026|\\[(?:\\.{2,}|\\u2026|snip)\\]|<snip>|-+8<-+");

    /**
     * Digits and a dash or a colon, as in a resource's line, or a fact behind something. Digits are
     * looked at from the first of them only, so that a long row of them costs no more than once.
     */
    private static final Pattern DAMAGED =
        Pattern.compile(
            "(?<![0-9a-fA-F])[0-9a-fA-F]{3,}+(?:[-\\u2013\\u2014][0-9a-fA-F]{3}|(?<=[0-9a-fA-F]{6})"
                + " ?: )|#[ \\t]*+[a-z][a-z0-9-]*+=");

    private static final Pattern BEGINNING =
        Pattern.compile("(?:0x)?[0-9a-fA-F]{1,16}(?:-[0-9a-fA-F]{0,16}(?: ?:? ?)?)?");

    private Patterns() {}

    private static String strip(String text) {
      int end = text.length();
      while (end > 0 && isSpace(text.charAt(end - 1))) {
        end--;
      }
      return text.substring(0, end);
    }

    private static boolean isSpace(char c) {
      return c == ' ' || c == '\t' || c == '\r' || c == '\u00a0';
    }
  }
}
