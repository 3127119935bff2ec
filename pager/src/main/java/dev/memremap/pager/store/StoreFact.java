// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager.store;

import java.util.ArrayList;
import java.util.List;

/**
 * Something that a store says of itself, for people: {@link PageStore#facts}.
 *
 * @param node the part of the store that it is of, such as a node of a cluster; empty if it is of
 *     the whole store
 * @param name what is said, in a word or two
 * @param value what it is
 */
public record StoreFact(String node, String name, String value) {
  private static final String BETWEEN = "\t";
  private static final int PARTS = 3;

  /** Takes each in one line: what breaks lines or columns becomes a space. */
  public StoreFact {
    node = inOneLine(node);
    name = inOneLine(name);
    value = inOneLine(value);
  }

  private static String inOneLine(String text) {
    return text.replaceAll("\\s", " ");
  }

  /** A fact of the whole store. */
  public static StoreFact of(String name, String value) {
    return new StoreFact("", name, value);
  }

  /** Returns facts as text, of which {@link #read} makes them again. */
  public static String text(List<StoreFact> facts) {
    List<String> lines = new ArrayList<>();
    facts.forEach(fact -> lines.add(String.join(BETWEEN, fact.node, fact.name, fact.value)));
    return String.join("\n", lines);
  }

  /** Reads facts; any other line is left out. */
  public static List<StoreFact> read(String text) {
    List<StoreFact> facts = new ArrayList<>();
    for (String line : text.split("\n", -1)) {
      String[] parts = line.split(BETWEEN, -1);
      if (parts.length == PARTS) {
        facts.add(new StoreFact(parts[0], parts[1], parts[2]));
      }
    }
    return facts;
  }
}
