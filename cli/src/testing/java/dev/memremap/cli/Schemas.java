// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.networknt.schema.Schema;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectReader;
import tools.jackson.databind.json.JsonMapper;

/** The JSON Schema files of {@code docs/schema}, by which a test judges what a command prints. */
public final class Schemas {
  /** Where they are. */
  public static final Path FOLDER = Path.of("..", "docs", "schema");

  private static final String BASE = "schema:/";

  private static final ObjectReader ONE_DOCUMENT =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build()
          .reader();

  private static final SchemaRegistry REGISTRY = registry();

  private static final Schema ANY = REGISTRY.getSchema(SchemaLocation.of(BASE + "memremap.json"));

  private Schemas() {}

  private static SchemaRegistry registry() {
    // the validator logs by SLF4J, which says at length that it has no place to log to
    System.setProperty("slf4j.internal.verbosity", "ERROR");
    return SchemaRegistry.withDefaultDialect(
        SpecificationVersion.DRAFT_2020_12, builder -> builder.schemas(Schemas::text));
  }

  private static String text(String iri) {
    try {
      return iri.startsWith(BASE)
          ? Files.readString(FOLDER.resolve(iri.substring(BASE.length())))
          : null;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What is wrong with a document of a command, each as a sentence. */
  public static List<String> wrong(JsonNode document) {
    return ANY.validate(document).stream().map(Object::toString).toList();
  }

  /** What is wrong with a schema, by the rules of all schemas. */
  static List<String> wrongSchema(JsonNode schema) {
    return REGISTRY
        .getSchema(SchemaLocation.of(SpecificationVersion.DRAFT_2020_12.getDialectId()))
        .validate(schema)
        .stream()
        .map(Object::toString)
        .toList();
  }

  /** Fails unless a text is one document that is valid. */
  public static JsonNode check(String text) {
    JsonNode document = ONE_DOCUMENT.readTree(text);
    assertThat(wrong(document)).as(text).isEmpty();
    return document;
  }
}
