// SPDX-License-Identifier: Apache-2.0
package dev.memremap.scenario;

import java.util.HashMap;
import java.util.Map;

/**
 * The names a scenario has defined so far. Names of all kinds share one space; only what a {@code
 * memremap} or a {@code lookup} defines may be defined again, by another of its kind, because these
 * two may fail, and then define nothing.
 */
final class NameTable {
  /** What a name can stand for, and the verb that defines it. */
  enum Kind {
    MAPPING("a mapping", Verb.MEMREMAP),
    REF("a reference", Verb.REF),
    DEVICE("a device", Verb.DEVICE),
    PGMAP("a page map", Verb.PGMAP),
    LOOKUP("a lookup's reference", Verb.LOOKUP);

    private final String noun;
    private final Verb verb;

    Kind(String noun, Verb verb) {
      this.noun = noun;
      this.verb = verb;
    }

    private boolean mayBeRepeated() {
      return this == MAPPING || this == LOOKUP;
    }
  }

  private record Definition(Kind kind, int line) {}

  private final Map<String, Definition> definitions = new HashMap<>();

  /** Defines a name, or says why it is taken. */
  String define(Statement statement, Word word, Kind kind) {
    String name = statement.name(word);
    Definition earlier = definitions.get(name);
    if (earlier == null) {
      definitions.put(name, new Definition(kind, statement.line()));
    } else if (earlier.kind != kind || !kind.mayBeRepeated()) {
      throw statement.error(
          word,
          "the name %s is taken: line %d defines it as %s"
              .formatted(name, earlier.line, earlier.kind.noun));
    }
    return name;
  }

  /** A name that an earlier line defined as this kind. */
  String use(Statement statement, Word word, Kind kind) {
    String name = statement.name(word);
    Definition definition = definitions.get(name);
    if (definition == null) {
      throw statement.error(
          word, "unknown name %s: no earlier %s defines it".formatted(name, kind.verb.word()));
    }
    if (definition.kind != kind) {
      throw statement.error(
          word,
          "%s is %s (line %d), and %s is needed here"
              .formatted(name, definition.kind.noun, definition.line, kind.noun));
    }
    return name;
  }
}
