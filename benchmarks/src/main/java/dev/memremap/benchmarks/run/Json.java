// SPDX-License-Identifier: Apache-2.0
package dev.memremap.benchmarks.run;

import dev.memremap.spi.StandardInput;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectReader;
import tools.jackson.databind.json.JsonMapper;

/**
 * A value of a JSON file that says, if it is not what is wanted, in which file and where in it.
 * Every method that reads throws {@link IllegalArgumentException} with one sentence.
 *
 * <p>Thread safety: immutable.
 *
 * @param file the file
 * @param pointer where in it, as a JSON pointer; empty for the whole
 * @param node the value; a missing node without one
 */
record Json(Path file, String pointer, JsonNode node) {
  /** How much of a wrong value is repeated. */
  private static final int REPEATED = 40;

  private static final ObjectReader READER =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build()
          .reader();

  /** All of a file; {@code -} is standard input. */
  static Json of(Path file) {
    try {
      return new Json(file, "", READER.readTree(bytes(file)));
    } catch (JacksonException e) {
      throw new IllegalArgumentException(
          "%s is not JSON: line %d, column %d: %s"
              .formatted(
                  file,
                  e.getLocation().getLineNr(),
                  e.getLocation().getColumnNr(),
                  String.valueOf(e.getOriginalMessage()).lines().findFirst().orElse("")),
          e);
    } catch (NoSuchFileException e) {
      throw new IllegalArgumentException(file + " does not exist", e);
    } catch (IOException e) {
      throw new IllegalArgumentException("%s cannot be read: %s".formatted(file, e), e);
    }
  }

  private static byte[] bytes(Path file) throws IOException {
    return file.toString().equals("-")
        ? StandardInput.open().readAllBytes()
        : Files.readAllBytes(file);
  }

  /** A member of an object. */
  Json get(String name) {
    return new Json(file, pointer + "/" + name, node.path(name));
  }

  boolean isMissing() {
    return node.isMissingNode();
  }

  /** What is wrong here. */
  IllegalArgumentException wrong(String what) {
    return new IllegalArgumentException(
        "%s: %s %s".formatted(file, pointer.isEmpty() ? "the whole" : pointer, what));
  }

  private IllegalArgumentException unlike(String wanted) {
    if (isMissing()) {
      return wrong("is missing: %s is needed".formatted(wanted));
    }
    String found = node.toString();
    return wrong(
        "is %s: %s is needed"
            .formatted(
                found.length() <= REPEATED ? found : found.substring(0, REPEATED) + "…", wanted));
  }

  Json object() {
    if (!node.isObject()) {
      throw unlike("an object");
    }
    return this;
  }

  /** The elements of an array that has at least so many. */
  List<Json> array(int least) {
    if (!node.isArray() || node.size() < least) {
      throw unlike(least == 0 ? "an array" : "an array that is not empty");
    }
    List<Json> elements = new ArrayList<>();
    for (int i = 0; i < node.size(); i++) {
      elements.add(new Json(file, pointer + "/" + i, node.path(i)));
    }
    return elements;
  }

  String text() {
    return text("a string", text -> true);
  }

  /** A string of a kind, which {@code wanted} names with its article. */
  String text(String wanted, Predicate<String> kind) {
    if (!node.isString() || !kind.test(node.asString())) {
      throw unlike(wanted);
    }
    return node.asString();
  }

  boolean truth() {
    if (!node.isBoolean()) {
      throw unlike("true or false");
    }
    return node.asBoolean();
  }

  /** A whole number from {@code least} to {@code most}. */
  long whole(long least, long most) {
    if (!node.isIntegralNumber()
        || !node.canConvertToLong()
        || node.asLong() < least
        || node.asLong() > most) {
      throw unlike("a whole number from %d to %d".formatted(least, most));
    }
    return node.asLong();
  }

  /** A finite number above zero. */
  double positive() {
    double number = notNegative();
    if (number == 0) {
      throw unlike("a number above zero");
    }
    return number;
  }

  /** A finite number, zero or above. */
  double notNegative() {
    if (!node.isNumber() || !Double.isFinite(node.asDouble()) || node.asDouble() < 0) {
      throw unlike("a number that is not negative");
    }
    return node.asDouble();
  }
}
