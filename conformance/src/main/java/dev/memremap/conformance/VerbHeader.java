// SPDX-License-Identifier: Apache-2.0
package dev.memremap.conformance;

import dev.memremap.scenario.Verb;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The header by which the kernel module knows the verbs of the language: {@code verbs.h}, made from
 * the table whenever the module is built. The module does not build where a verb has no method, or
 * a method no verb.
 */
final class VerbHeader {
  /** The name by which the module's sources include it. */
  static final String FILE = "verbs.h";

  /**
   * A verb, as the module sees it.
   *
   * @param word what an operation begins with
   * @param fewest the fewest words that follow it
   * @param most the most words that follow it
   */
  record Row(String word, int fewest, int most) {
    /** The C function that answers it. */
    String method() {
      return "answer_" + word.replace('-', '_');
    }
  }

  private VerbHeader() {}

  /** The language's verbs. */
  static List<Row> rows() {
    return Arrays.stream(Verb.values())
        .map(verb -> new Row(verb.word(), verb.fewestArguments(), verb.mostArguments()))
        .toList();
  }

  /** The header of these verbs. */
  static String of(List<Row> rows) {
    return """
    /* SPDX-License-Identifier: GPL-2.0-only */
    /* Generated from the table of verbs, dev.memremap.scenario.Verb. */
    #ifndef MEMREMAP_VERBS_H
    #define MEMREMAP_VERBS_H

    /* The word, its method, the fewest and the most words that follow it. */
    #define FOR_EACH_VERB(row) \\
    %s

    %s

    #endif
    """
        .formatted(
            rows.stream().map(VerbHeader::entry).collect(Collectors.joining(" \\\n")),
            rows.stream().map(VerbHeader::prototype).collect(Collectors.joining("\n")));
  }

  private static String entry(Row row) {
    return "\trow(\"%s\", %s, %d, %d)"
        .formatted(row.word(), row.method(), row.fewest(), row.most());
  }

  private static String prototype(Row row) {
    return "void %s(const struct words *words, char *answer);".formatted(row.method());
  }
}
