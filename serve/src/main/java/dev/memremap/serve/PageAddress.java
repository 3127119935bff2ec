// SPDX-License-Identifier: Apache-2.0
package dev.memremap.serve;

import dev.memremap.resource.PhysRange;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a page shows, as its address says it, so that it can be linked to.
 *
 * @param place the machine and the step
 * @param at the part of its addresses; null for all
 * @param find the words of a search; empty without one
 * @param where the bytes asked about; empty without a question
 * @param choice what is asked for
 */
record PageAddress(Place place, @Nullable PhysRange at, String find, String where, String choice) {
  static final PageAddress FIRST = new PageAddress(Place.FIRST, null, "", "", "");

  private static final int MAX_STEP_DIGITS = 9;

  /**
   * Reads the part of an address behind the question mark; null is an empty one.
   *
   * @throws IllegalArgumentException if a value means nothing; the message is a sentence
   */
  static PageAddress parse(@Nullable String query) {
    Map<String, String> values = values(query);
    String at = bytes(values.getOrDefault("at", ""));
    return new PageAddress(
        new Place(values.getOrDefault("machine", ""), step(values.getOrDefault("step", "0"))),
        at.isEmpty() ? null : PhysRange.parse(at),
        values.getOrDefault("find", "").strip(),
        bytes(values.getOrDefault("where", "")),
        values.getOrDefault("as", ""));
  }

  /** The values of an address by their names; of two with one name the first. */
  static Map<String, String> values(@Nullable String query) {
    Map<String, String> values = new HashMap<>();
    if (query == null || query.isEmpty()) {
      return values;
    }
    for (String pair : query.split("&", -1)) {
      int equals = pair.indexOf('=');
      String name = equals < 0 ? pair : pair.substring(0, equals);
      String value = equals < 0 ? "" : pair.substring(equals + 1);
      try {
        values.putIfAbsent(
            URLDecoder.decode(name, StandardCharsets.UTF_8),
            URLDecoder.decode(value, StandardCharsets.UTF_8));
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException("the address has a % that escapes nothing", e);
      }
    }
    return values;
  }

  /** A range as it was typed: a plus that is not escaped has become a space. */
  static String bytes(String typed) {
    return typed.strip().replaceAll(" +", "+");
  }

  private static int step(String text) {
    if (text.isEmpty()
        || text.length() > MAX_STEP_DIGITS
        || !text.chars().allMatch(letter -> letter >= '0' && letter <= '9')) {
      throw new IllegalArgumentException("'%s' is not a step; write a number".formatted(text));
    }
    return Integer.parseInt(text);
  }

  PageAddress withPlace(Place other) {
    return new PageAddress(other, at, find, where, choice);
  }

  PageAddress withStep(int step) {
    return withPlace(new Place(place.machine(), step));
  }

  PageAddress withAt(@Nullable PhysRange range) {
    return new PageAddress(place, range, find, where, choice);
  }

  PageAddress withoutSearch() {
    return new PageAddress(place, at, "", where, choice);
  }

  PageAddress withQuestion(String bytes, String asked) {
    return new PageAddress(place, at, find, bytes, asked);
  }

  /** The address of a page, relative to the server's root. */
  String link() {
    StringBuilder link = new StringBuilder();
    add(link, "machine", place.machine());
    add(link, "step", place.step() == 0 ? "" : String.valueOf(place.step()));
    add(link, "at", at == null ? "" : at.toString());
    add(link, "find", find);
    add(link, "where", where);
    add(link, "as", where.isEmpty() ? "" : choice);
    return link.isEmpty() ? "./" : "./" + link;
  }

  private static void add(StringBuilder link, String name, String value) {
    if (!value.isEmpty()) {
      link.append(link.isEmpty() ? '?' : '&')
          .append(name)
          .append('=')
          .append(URLEncoder.encode(value, StandardCharsets.UTF_8));
    }
  }
}
