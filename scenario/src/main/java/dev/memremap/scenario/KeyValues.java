// SPDX-License-Identifier: Apache-2.0
package dev.memremap.scenario;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;

/** The {@code KEY=VALUE} words at the end of a statement, each key known and given once. */
final class KeyValues {
  private record Pair(Word key, Word value) {}

  private final Map<String, Pair> pairs = new LinkedHashMap<>();

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
      if (read.pairs.putIfAbsent(key.text(), new Pair(key, value)) != null) {
        throw statement.error(word, "the key %s is given twice".formatted(key.text()));
      }
    }
    return read;
  }

  Optional<Word> value(String key) {
    return Optional.ofNullable(pairs.get(key)).map(Pair::value);
  }

  /** Each key's word with its value's, in the order written. */
  void forEach(BiConsumer<Word, Word> action) {
    pairs.values().forEach(pair -> action.accept(pair.key, pair.value));
  }
}
