// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli.documents;

import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a page says of a block of code: a comment right above it, {@code <!-- run -->} in Markdown
 * and {@code .\" run} in a manual page. CONTRIBUTING.md lists the marks.
 *
 * @param kind what is to be done with the block
 * @param status the exit status that a run has to end with
 * @param text what follows the kind and a colon: a reason or a name; empty without
 * @param given Java that goes before a block of Java which is not a whole program; empty without
 */
record Mark(Kind kind, int status, String text, String given) {
  /** What is to be done with a block. */
  enum Kind {
    /** Carried out, and what it prints is compared with what is shown. */
    RUN,
    /** Java that is compiled, and not carried out for the reason given. */
    COMPILED,
    /** Printed by the block before it. */
    OUTPUT,
    /** Printed by the block before it, without some lines or members. */
    CUT_OUTPUT,
    /** Written to a file of that name, which later blocks read. */
    FILE,
    /** Carried out in a guest, by the test named. */
    GUEST,
    /** Carried out by the test named, which takes longer. */
    THOROUGH,
    /** Not carried out, for the reason given. */
    NOT_RUN,
    /** No code. */
    DRAWING;

    /** As marks spell it. */
    String word() {
      return name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }

    private boolean needsText() {
      return this != RUN && this != OUTPUT && this != CUT_OUTPUT && this != DRAWING;
    }
  }

  private static final Pattern FORM =
      Pattern.compile(
          "([a-z ]+?)(?:, exit status ([0-9]+))?(?::\\s+(.+?))?(?:; given:\\s+(.+))?",
          Pattern.DOTALL);

  /** The mark that a comment's words are; empty for any other comment. */
  static Optional<Mark> of(String words) {
    Matcher matcher = FORM.matcher(words.strip());
    if (!matcher.matches()) {
      return Optional.empty();
    }
    String text = Objects.requireNonNullElse(matcher.group(3), "").strip();
    String given = Objects.requireNonNullElse(matcher.group(4), "").strip();
    int status = matcher.group(2) == null ? 0 : Integer.parseInt(matcher.group(2));
    for (Kind kind : Kind.values()) {
      if (kind.word().equals(matcher.group(1)) && !(kind.needsText() && text.isEmpty())) {
        return Optional.of(new Mark(kind, status, text, given));
      }
    }
    return Optional.empty();
  }
}
