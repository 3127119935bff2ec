// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** That the schemas are schemas, and strict; and that the manual's examples are what they say. */
class SchemasTest {
  private static final Pattern EXAMPLE =
      Pattern.compile("```json\\R(.*?)```", Pattern.DOTALL | Pattern.MULTILINE);

  private static Stream<Path> files(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(file -> file.toString().endsWith(".json")).sorted().toList().stream();
    }
  }

  static Stream<Path> schemas() throws IOException {
    return files(Schemas.FOLDER);
  }

  static Stream<Path> documents() throws IOException {
    return files(Golden.FOLDER);
  }

  private static JsonNode tree(Path file) throws IOException {
    return JsonMapper.shared().readTree(Files.readString(file));
  }

  @ParameterizedTest
  @MethodSource("schemas")
  @DisplayName("each schema is a schema")
  void isSchema(Path file) throws IOException {
    assertThat(Schemas.wrongSchema(tree(file))).isEmpty();
  }

  @ParameterizedTest
  @MethodSource("documents")
  @DisplayName("a member too many is found anywhere in a document, but where names are free")
  void memberTooMany(Path file) throws IOException {
    JsonNode document = tree(file);
    assertThat(Schemas.wrong(document)).isEmpty();
    for (ObjectNode inside : objects(document)) {
      inside.put("nonsense", true);
      assertThat(Schemas.wrong(document)).as(inside.toString()).isNotEmpty();
      inside.remove("nonsense");
    }
  }

  @ParameterizedTest
  @MethodSource("documents")
  @DisplayName("a range without its start or its size is found anywhere in a document")
  void memberTooFew(Path file) throws IOException {
    JsonNode document = tree(file);
    for (ObjectNode inside : objects(document)) {
      for (String name : List.of("version", "command", "start", "size", "reason", "source")) {
        JsonNode was = inside.get(name);
        // of a size alone the start is missing already, and a fact that is known needs no reason
        boolean isOptional = inside.has("fact") && name.equals("reason") || mayLack(inside, name);
        if (was != null && !isOptional) {
          inside.remove(name);
          assertThat(Schemas.wrong(document)).as("%s of %s", name, inside).isNotEmpty();
          inside.set(name, was);
        }
      }
    }
  }

  /** Members that some answers of a kind have and others have not. */
  private static final Set<String> SOME_HAVE = Set.of("altmap", "departs", "logged");

  @ParameterizedTest
  @CsvSource({
    "plan-altmap, plan-refused",
    "plan-namespace, plan-namespace-refused",
    "explain-new, explain-mixed",
    "explain-direct, explain-mixed"
  })
  @DisplayName("a yes has all members of a yes and none of a no, and a no the other way round")
  void granted(String yes, String no) throws IOException {
    ObjectNode granted = (ObjectNode) tree(Golden.FOLDER.resolve(yes + ".json"));
    ObjectNode refused = (ObjectNode) tree(Golden.FOLDER.resolve(no + ".json"));
    assertThat(granted.path("granted").asBoolean()).isTrue();
    assertThat(refused.path("granted").asBoolean()).isFalse();
    for (ObjectNode one : List.of(granted, refused)) {
      ObjectNode other = one == granted ? refused : granted;
      for (String name : List.copyOf(one.propertyNames())) {
        JsonNode member = one.get(name);
        if (!other.has(name)) {
          other.set(name, member);
          assertThat(Schemas.wrong(other)).as("%s beside %s", name, other).isNotEmpty();
          other.remove(name);
        }
        if (!SOME_HAVE.contains(name)) {
          one.remove(name);
          assertThat(Schemas.wrong(one)).as("%s missing in %s", name, one).isNotEmpty();
          one.set(name, member);
        }
      }
      assertThat(Schemas.wrong(one)).isEmpty();
    }
  }

  private static boolean mayLack(ObjectNode inside, String name) {
    return name.equals("start") && !inside.has("end");
  }

  private static List<ObjectNode> objects(JsonNode node) {
    List<ObjectNode> found = new ArrayList<>();
    if (node instanceof ObjectNode object) {
      found.add(object);
    }
    for (JsonNode child : node) {
      found.addAll(objects(child));
    }
    return found;
  }

  @ParameterizedTest
  @CsvSource({
    "0, true",
    "9007199254740992, true",
    "9007199254740993, false",
    "-1, false",
    "1.5, false",
    "'\"0x20000000000001\"', true",
    "'\"0xffffffffffffffff\"', true",
    "'\"0x10000000000000000\"', true",
    "'\"0x10000000000000001\"', false",
    "'\"0x20000000000000\"', false",
    "'\"0x1000\"', false",
    "'\"4096\"', false",
  })
  @DisplayName("a size is a number up to 2^53, and a hexadecimal string above that")
  void amount(String size, boolean isValid) {
    String document =
        """
        {"version": 1, "command": "iomem", "totals": {"System RAM": %s}, "remarks": []}
        """
            .formatted(size);
    assertThat(Schemas.wrong(JsonMapper.shared().readTree(document)).isEmpty()).isEqualTo(isValid);
  }

  @Test
  @DisplayName("a second document, or a member that is there twice, is refused")
  void oneDocument() {
    String document = "{\"version\": 1, \"error\": {\"status\": 2, \"message\": \"no\"}}";
    assertThat(Schemas.check(document)).isNotNull();
    assertThatThrownBy(() -> Schemas.check(document + document)).isNotNull();
    assertThatThrownBy(() -> Schemas.check(document.replace("{\"v", "{\"version\": 1, \"v")))
        .isNotNull();
  }

  @Test
  @DisplayName("each example of the manual is valid, and there is one of each command")
  void examples() throws IOException {
    String manual = Files.readString(Schemas.FOLDER.resolveSibling("json.md"));
    List<JsonNode> examples =
        EXAMPLE.matcher(manual).results().map(MatchResult::group).map(SchemasTest::json).toList();
    JsonNode any = tree(Schemas.FOLDER.resolve("memremap.json"));
    List<String> commands =
        any.at("/else/properties/command/enum").valueStream().map(JsonNode::asString).toList();
    assertThat(commands).as("the commands of memremap.json").contains("iomem", "doctor");
    assertThat(examples)
        .filteredOn(each -> !each.has("error"))
        .extracting(each -> each.path("command").asString())
        .containsOnly(commands.toArray(String[]::new))
        .containsAll(commands);
  }

  private static JsonNode json(String fenced) {
    return Schemas.check(fenced.replaceFirst("```json", "").replaceFirst("```$", ""));
  }
}
