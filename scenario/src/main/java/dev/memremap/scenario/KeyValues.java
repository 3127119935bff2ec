// SPDX-License-Identifier: Apache-2.0
package dev.memremap.scenario;

import dev.memremap.machine.MachineDescription;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;

/**
 * The {@code KEY=VALUE} words at the end of a statement, each key known and given once; a key of a
 * machine that may have several values may be given several times.
 */
final class KeyValues {
  private record Pair(Word key, Word value) {}

  private final List<Pair> pairs = new ArrayList<>();
  private final Map<String, Word> first = new HashMap<>();

  private KeyValues() {}

  /** Reads the arguments from an index on; the keys are those of the verb's usage. */
  static KeyValues of(Statement statement, int from) {
    List<String> keys = statement.verb().keys();
    KeyValues read = new KeyValues();
    for (Word word : statement.arguments().subList(from, statement.arguments().size())) {
      int equals = word.text().indexOf('=');
      if (equals < 0) {
        throw statement.error(word, word.quoted() + " is not KEY=VALUE");
      }
      Word key = word.between(0, equals);
      if (!keys.contains(key.text())) {
        throw statement.error(
            word, "unknown key %s: one of %s".formatted(key.quoted(), String.join(", ", keys)));
      }
      Word value = word.from(equals + 1);
      if (value.text().isEmpty()) {
        throw statement.error(value, "the key %s has no value".formatted(key.text()));
      }
      read.pairs.add(new Pair(key, value));
      boolean again = read.first.putIfAbsent(key.text(), value) != null;
      if (again && !isRepeatable(statement.verb(), key.text())) {
        throw statement.error(word, "the key %s is given twice".formatted(key.text()));
      }
    }
    return read;
  }

  private static boolean isRepeatable(Verb verb, String key) {
    return verb == Verb.MACHINE && MachineDescription.isRepeatable(key);
  }

  /** The key's value, the first where it has several. */
  Optional<Word> value(String key) {
    return Optional.ofNullable(first.get(key));
  }

  /** Each key's word with its value's, in the order written. */
  void forEach(BiConsumer<Word, Word> action) {
    pairs.forEach(pair -> action.accept(pair.key, pair.value));
  }
}
